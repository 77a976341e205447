"""What a program writes while it runs, handed on at once and without secrets.

The program writes into a pipe of ours, or, where our own stream is a terminal, into another terminal of the
same size, so that it draws as it would without us. What it reads is not touched, nor is the terminal that
sends it a Ctrl-C.
"""

import codecs
import contextlib
import os
import select
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from pkg.shell.console import Console
from pkg.shell.errors import Failure
from pkg.shell.redact import Redactor

_CHUNK = 65536  # bytes read at once: what a pipe holds
_KEPT = 32768  # characters of the end of what was written that are kept
_LOOK = 0.1  # seconds after which it is seen that a program has ended and left its pipe to another one


class Relay:
    """Hands on what one program writes; leaving it waits for the last of it.

    A reader of ours that goes away (`| head`) is not the program's affair, unless it only answers, and nobody
    wants to know any more: then it is told to end.

    Args:
        console: gets what is written.
        redactor: hides the secrets in it.
        only_answers: whether the program may end when nobody reads its answers.
    """

    def __init__(self, console: Console, redactor: Redactor, *, only_answers: bool) -> None:
        self._console = console
        self._redactor = redactor
        self._only_answers = only_answers
        self._given: list[int] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._failure: Failure | None = None
        self._end: Callable[[], None] = lambda: None
        self.shown = ""  # the end of what was written, without secrets

    def __enter__(self) -> Self:
        return self

    def way(self, *, words: bool) -> int:
        """Return a descriptor for a program to write to.

        Args:
            words: whether what is written there goes to our stderr, as words do, and not to stdout.
        """
        terminal = self._console.device(words=words)
        ours, given = os.pipe() if terminal is None else _terminal_like(terminal)
        self._given.append(given)
        self._threads.append(
            threading.Thread(target=self._hand_on, args=(ours, terminal, words), daemon=True)
        )
        return given

    def begin(self, end: Callable[[], None]) -> None:
        """Begin to read: the program has been started and has its ends, so ours are closed.

        Args:
            end: tells the program to end, and waits for nothing.
        """
        self._end = end
        while self._given:
            os.close(self._given.pop())
        for thread in self._threads:
            thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._given:
            self.begin(lambda: None)  # nothing was started: what is read is the end
        self._ended.set()
        for thread in self._threads:
            thread.join()
        if self._failure and error is None:
            raise self._failure

    def _hand_on(self, source: int, terminal: int | None, words: bool) -> None:  # noqa: FBT001 - a thread's
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = self._redactor.stream()
        try:
            while piece := self._read(source, terminal):
                if not self._write(text.feed(decoder.decode(piece)), words=words):
                    self._end()
                    return
            self._write(text.feed(decoder.decode(b"", final=True)) + text.close(), words=words)
        finally:
            os.close(source)

    def _read(self, source: int, terminal: int | None) -> bytes:
        """Return the next piece; empty at the end."""
        while True:
            ended = self._ended.is_set()
            if terminal is not None:
                _size_like(terminal, source)
            if select.select([source], [], [], _LOOK)[0]:
                try:
                    return os.read(source, _CHUNK)
                except OSError:  # a terminal to which nobody writes any more
                    return b""
            if ended:
                return b""

    def _write(self, text: str, *, words: bool) -> bool:
        """Hand on a piece; return whether more are wanted."""
        with self._lock:
            self.shown = (self.shown + text)[-_KEPT:]
        try:
            self._console.pass_on(text, words=words)
        except Failure as failure:
            self._failure = failure
        return not (self._only_answers and (self._failure or self._console.unread))


def _terminal_like(terminal: int) -> tuple[int, int]:
    """Return our end and the program's end of a new terminal that changes nothing of what is written to it.

    Where the system has no further terminal, it is a pipe.
    """
    import termios

    try:
        ours, given = os.openpty()
    except OSError:
        return os.pipe()
    modes = termios.tcgetattr(given)
    modes[1] &= ~termios.OPOST  # our own terminal does that
    termios.tcsetattr(given, termios.TCSANOW, modes)
    _size_like(terminal, ours)
    return ours, given


def _size_like(terminal: int, other: int) -> None:
    """Give a terminal the size of another one, which may have been changed meanwhile."""
    import termios

    with contextlib.suppress(OSError, termios.error):
        size = termios.tcgetwinsize(terminal)
        if termios.tcgetwinsize(other) != size:
            termios.tcsetwinsize(other, size)
