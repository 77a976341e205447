"""One installer of a version at a time; whoever waits is told for whom."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from pkg.shell.clock import Clock
from pkg.shell.errors import TimedOut

PATIENCE = 900.0
PAUSE = 0.05


@contextlib.contextmanager
def held(path: Path, *, me: str, clock: Clock, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock while the block runs.

    It is the system's own lock on an open file: it ends with the process that holds it, however that dies.

    Args:
        path: the lock's file, made with its folder; beside it stands who holds it.
        me: how to name this process to those who wait.
        clock: for the pauses between tries.
        say: tells for whom this process waits.

    Raises:
        TimedOut: the holder lives and did not finish within a quarter of an hour.
    """
    from filelock import FileLock, Timeout

    holder = path.with_suffix(".holder")
    lock = FileLock(path, fallback_to_soft=False)
    began = clock.monotonic()
    told = ""
    while True:
        try:
            lock.acquire(blocking=False)
            break
        except Timeout:
            other = _read(holder)
            if other != told:
                told = other
                say(f"waiting for {other}, which installs the same")
            if clock.monotonic() - began > PATIENCE:
                raise TimedOut(
                    f"{path.stem} is still being installed by {other} after {PATIENCE / 60:.0f} minutes",
                    fix="end that process and run this again",
                ) from None
            clock.sleep(PAUSE)
    try:
        holder.write_text(me, encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _read(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8") or "another process"
    except OSError:
        return "another process"
