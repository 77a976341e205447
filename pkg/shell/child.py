"""A started process: fed, read, waited for, and ended in stages, so that none is left behind."""

import contextlib
import math
import os
import select
import selectors
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, Protocol

from pkg.shell.signals import signals_held

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.0005, 0.02  # seconds between two looks at a process
_CHUNK = 65536  # bytes read at once: what a pipe holds


@dataclass(frozen=True)
class Patience:
    """Seconds that a child gets to end: after an interrupt, and then after SIGTERM, before SIGKILL.

    `silence` is how long they are waited for without a word. `look` is how long a signal may stay unseen:
    Python sees one that comes at the wrong moment only when a wait ends.
    """

    interrupt: float = 30.0
    terminate: float = 10.0
    silence: float = 0.5
    look: float = 0.5


class StillRunning(Exception):  # noqa: N818 - it says what is so
    """A process has not ended in the seconds that it was given."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Process(Protocol):
    """What is needed of a `Popen`, which the runner makes."""

    @property
    def pid(self) -> int:
        """Its number, and that of its group if it has its own."""
        ...

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None
    stderr: IO[bytes] | None
    returncode: int | Any  # None while it runs

    def poll(self) -> int | None:
        """Return its exit code if it has ended."""
        ...

    def wait(self) -> int:
        """Wait for its end."""
        ...

    def send_signal(self, sig: int) -> None:
        """Send it a signal, unless it has ended."""
        ...


class Child:
    """A started process that is never left behind."""

    def __init__(
        self, process: Process, shown: Sequence[str], *, own_group: bool, patience: Patience
    ) -> None:
        self.process = process
        self.shown = shown
        self.name = shown[0]
        self.own_group = own_group
        self._patience = patience

    @property
    def code(self) -> int:
        """The exit code, as a shell tells it: 128 and the signal's number when a signal ended it."""
        code = self.process.returncode
        return code if code >= 0 else 128 - code

    def end(self, *, told: bool = False) -> None:
        """End the process in stages and wait for it; a Ctrl-C meanwhile goes on to the next stage.

        Args:
            told: whether it has already got the interrupt, from the terminal.
        """
        stages = ((signal.SIGINT, self._patience.interrupt), (signal.SIGTERM, self._patience.terminate))
        for number, seconds in stages:
            if not (told and number == signal.SIGINT):
                self._signal(number)
            try:
                self.wait(seconds)
                break
            except (StillRunning, KeyboardInterrupt):
                continue
        with signals_held():
            self._signal(signal.SIGKILL)  # the process, or what it has started and left
            self.process.wait()

    def tell(self) -> None:
        """Tell the process to end, and wait for nothing."""
        self._signal(signal.SIGTERM)

    def communicate(self, text: bytes | None, timeout: float | None) -> tuple[bytes, bytes]:
        """Return what the process writes until its end; it is given the text to read.

        Raises:
            StillRunning: it has not ended in this time.
        """
        deadline = _Deadline(timeout)
        left = memoryview(text or b"")
        out, err = bytearray(), bytearray()
        with selectors.DefaultSelector() as selector:
            for pipe, event, data in (
                (self.process.stdin, selectors.EVENT_WRITE, None),
                (self.process.stdout, selectors.EVENT_READ, out),
                (self.process.stderr, selectors.EVENT_READ, err),
            ):
                if pipe:
                    selector.register(pipe, event, (pipe, data))
            while selector.get_map():
                for key, _ in selector.select(min(deadline.left(), self._patience.look)):
                    pipe, data = key.data
                    if data is None:
                        left = _write(key.fd, left)
                        more = bool(left)
                    else:
                        piece = os.read(key.fd, _CHUNK)
                        data.extend(piece)
                        more = bool(piece)
                    if not more:
                        selector.unregister(pipe)
                        pipe.close()
        self._wait(deadline)
        return bytes(out), bytes(err)

    def wait(self, timeout: float | None) -> None:
        """Wait until the process has ended.

        Raises:
            StillRunning: it has not ended in this time.
        """
        self._wait(_Deadline(timeout))

    def _wait(self, deadline: "_Deadline") -> None:
        # An interrupt while the system hands over the exit code would lose it for ever: it comes in between.
        pause = _SHORTEST_PAUSE
        while True:
            with signals_held():
                if self.process.poll() is not None:
                    return
            time.sleep(min(deadline.left(), pause))
            pause = min(2 * pause, _LONGEST_PAUSE)

    def close(self) -> None:
        """Close our ends of its pipes."""
        for pipe in filter(None, (self.process.stdin, self.process.stdout, self.process.stderr)):
            with contextlib.suppress(OSError):
                pipe.close()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self.own_group:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)


class _Deadline:
    """The end of the seconds that a process was given."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._end = math.inf if seconds is None else time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            StillRunning: none are.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise StillRunning(self._seconds or 0.0)
        return left


def _write(descriptor: int, text: memoryview) -> memoryview:
    """Write a piece that fits into any pipe that has room; return what is left to write."""
    try:
        return text[os.write(descriptor, text[: select.PIPE_BUF]) :]
    except BrokenPipeError:
        return memoryview(b"")
