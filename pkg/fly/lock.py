"""One deploy of an app at a time from this machine; the second is told who is first, and since when.

Fly's own leases are what keeps two machines apart: `plan` asks for them.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from pkg.shell.decoding import from_json
from pkg.shell.errors import Failure, Refused

# Where locks live, below the state folder.
FOLDER = "locks"


class Holder(msgspec.Struct, frozen=True):
    """Who works on an app: user and host, since when (RFC 3339), which process, with which image."""

    who: str
    since: str
    pid: int
    task: str
    image: str = ""

    def __str__(self) -> str:
        image = f" of {self.image}" if self.image else ""
        return f"{self.task}{image} by {self.who}, process {self.pid}, since {self.since}"


def _busy(app: str, who: str) -> Refused:
    return Refused(
        f"{app} is being worked on: {who}",
        meaning="nothing was changed; two deploys at once would leave machines on different images",
        fix=f"wait for it, then run it again; `inv fly.status -a {app}` shows how far it is",
    )


@contextlib.contextmanager
def held(
    folder: Path, app: str, me: Holder, *, busy: Callable[[str, str], Refused] = _busy
) -> Iterator[Holder | None]:
    """Hold the lock of an app, or of what else only one may work on.

    Args:
        folder: where locks live.
        app: the app's name.
        me: who is going to hold it; others are told.
        busy: what they are told, from that name and who holds it.

    Yields:
        Who held it last without giving it back, because the process was killed; None when nobody did.

    Raises:
        Refused: somebody else holds it.
        Failure: the lock cannot be written.
    """
    import filelock  # costs 20 ms

    note = folder / f"{app}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / f"{app}.lock")
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise busy(app, str(_read(note) or "another process here")) from None
    except OSError as error:
        raise _untakable(folder, error) from error
    try:
        stale = _read(note)
        _write(note, me)
        yield stale
    finally:
        with contextlib.suppress(OSError):  # then the next one says that this one's process is gone
            note.unlink(missing_ok=True)
        lock.release()


def holder(folder: Path, app: str) -> tuple[Holder, bool] | None:
    """Return who holds the lock of an app, and whether that process still does; None when nobody does.

    Raises:
        Failure: that cannot be found out.
    """
    found = _read(folder / f"{app}.json")
    if found is None:
        return None
    import filelock  # costs 20 ms: only where there is something to ask about

    lock = filelock.FileLock(folder / f"{app}.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return found, True
    except OSError as error:
        raise _untakable(folder, error) from error
    lock.release()
    return found, False


def other_holder(folder: Path, app: str) -> tuple[Holder, bool] | None:
    """Return who holds the lock, as `holder`, unless it is this process."""
    found = holder(folder, app)
    return None if found and found[0].pid == os.getpid() else found


def _read(path: Path) -> Holder | None:
    try:
        return from_json(path.read_bytes(), Holder) if path.is_file() else None
    except (OSError, ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return None


def _untakable(folder: Path, error: OSError) -> Failure:
    return Failure(
        f"the lock in {folder} cannot be taken: {error.strerror}",
        meaning="nothing was changed; whether a deploy is under way from here is not known",
        fix="correct the permissions of that folder, or move it away",
    )


def _write(path: Path, me: Holder) -> None:
    try:
        path.write_bytes(msgspec.json.encode(me))
    except OSError as error:
        raise Failure(
            f"{path} cannot be written: {error.strerror}",
            meaning="nothing was changed",
            fix="make room on the disk",
        ) from error
