"""What people and programs read: answers on stdout, words and progress on stderr, all of it redacted."""

import contextlib
import io
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from pkg.shell.advice import simulated
from pkg.shell.errors import Failure, Refused
from pkg.shell.redact import Redactor
from pkg.shell.tables import plain_table, terminal_table

SLOW = 3.0  # seconds of silence after which a person wonders what goes on


class Console:
    """Writes for people: rich tables where stdout is a terminal, plain aligned text elsewhere.

    A reader that goes away (`| head`) is no error: what would be written to it is dropped and the work goes
    on, since a deploy must not stop because nobody reads its answer. How it ended is told on stderr then.

    Args:
        redactor: hides the secrets in everything that is written.
        stdin: where answers to questions come from.
        stdout: where answers go.
        stderr: where words and progress go.
        colour: False for no colour even on a terminal.
        sandbox: whether Fly is simulated: then words name the commands that run there.
    """

    def __init__(
        self,
        redactor: Redactor,
        *,
        stdin: TextIO,
        stdout: TextIO,
        stderr: TextIO,
        colour: bool = True,
        sandbox: bool = False,
    ) -> None:
        self.redactor = redactor
        self.colour = colour
        self.sandbox = sandbox
        self._stdin = stdin
        self._stdout = _tolerant(stdout)
        self._stderr = _tolerant(stderr)
        self._lock = threading.RLock()
        self._live = ""
        self._said: set[str] = set()
        self._telling = False  # whether what is answered is how work ended
        self.unread = False  # whether nobody reads stdout: its reader has gone away, or it was never open

    @classmethod
    def of_process(
        cls, redactor: Redactor, variables: Mapping[str, str], *, sandbox: bool = False
    ) -> "Console":
        """Return the console of this process; `NO_COLOR` and `TERM=dumb` are honoured."""
        colour = not variables.get("NO_COLOR") and variables.get("TERM") != "dumb"
        # A stream that the caller has closed is None.
        stdin, stdout, stderr = (stream or io.StringIO() for stream in (sys.stdin, sys.stdout, sys.stderr))
        console = cls(redactor, stdin=stdin, stdout=stdout, stderr=stderr, colour=colour, sandbox=sandbox)
        console.unread = sys.stdout is None
        return console

    @property
    def interactive(self) -> bool:
        """Whether somebody is there to answer a question."""
        return self._stdin.isatty() and self._stderr.isatty()

    @property
    def terminal(self) -> bool:
        """Whether answers go to a terminal on which they can be written anew."""
        return self._stdout.isatty() and self.colour

    @property
    def width(self) -> int:
        """How many columns the terminal has that answers go to; 80 where there is none."""
        return _width(self._stdout)

    def out(self, text: str = "") -> None:
        """Write one line (or more) of an answer to stdout.

        Raises:
            Failure: stdout cannot take it, for instance because the disk is full.
        """
        self._answer(self.redactor.redact(text) + "\n")

    def reveal(self, text: str) -> None:
        """Write a line to stdout as it is: only for a secret that the user has asked to see."""
        self._answer(text + "\n")

    def say(self, text: str) -> None:
        """Write words for people to stderr, one line or more, the commands in them as `advice` has them."""
        with self._lock:
            self._clear_live()
            self._write_words(self.redactor.redact(self.advice(text)) + "\n")
            self._draw_live()

    def advice(self, text: str) -> str:
        """Return what to do next as it must be typed here; `say` does it by itself."""
        return simulated(text) if self.sandbox else text

    def say_once(self, text: str) -> None:
        """Write words for people, unless these very words were written before."""
        with self._lock:
            if text not in self._said:
                self._said.add(text)
                self.say(text)

    def json(self, value: object) -> None:
        """Write an answer to stdout as indented JSON."""
        import msgspec

        self.out(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
        """Write a table to stdout.

        Args:
            columns: the heads of the columns.
            rows: a cell for each column.
            title: a line above it.
        """
        title = self.redactor.redact(title)
        heads, *clean = [[_one_line(self.redactor.redact(cell)) for cell in row] for row in (columns, *rows)]
        if self._stdout.isatty() and self.colour:
            self._answer(terminal_table(heads, clean, title=title, width=_width(self._stdout)))
        else:
            self._answer(plain_table(heads, clean, title=title))

    @contextlib.contextmanager
    def verdict(self) -> Iterator[None]:
        """Let answers within go to stderr where stdout cannot take them: how work ended must be told."""
        self._telling = True
        if self.unread:
            self._tell_on_stderr("nobody reads it")
        try:
            yield
        finally:
            self._telling = False

    @contextlib.contextmanager
    def progress(self, label: str) -> Iterator["Progress"]:
        """Show how long work goes on: one live line on a terminal, a line for each change elsewhere."""
        progress = Progress(self, label)
        try:
            yield progress
        finally:
            with self._lock:
                self._clear_live()
                self._live = ""

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask before something is changed; the answer is no unless somebody says yes.

        Args:
            question: what would happen.
            yes: True when the user has already agreed (`--yes`).

        Raises:
            Refused: the answer was no, or nobody is there to ask.
        """
        if yes:
            return
        if not self.interactive:
            raise Refused(
                f"{question} Nobody is there to answer.",
                meaning="nothing was changed",
                fix="run it from a terminal, or add --yes",
            )
        with self._lock:
            self._clear_live()
            self._write_words(self.redactor.redact(f"{question} [y/N] "))
        answer = self._stdin.readline()
        if answer.strip().lower() not in {"y", "yes"}:
            raise Refused("not confirmed", meaning="nothing was changed")

    def secret(self, question: str) -> str:
        """Return a secret: typed without an echo at a terminal, else all of stdin but its last line end.

        Args:
            question: what is wanted, for the terminal.

        Raises:
            Refused: the terminal has gone away.
        """
        if self.interactive:
            import getpass

            try:
                return getpass.getpass(f"{question}: ", stream=self._stderr)
            except EOFError:
                raise Refused("nothing was typed", meaning="nothing was changed") from None
        return self.piped().removesuffix("\n")

    def piped(self) -> str:
        """Return all of stdin, byte for byte; what is no UTF-8 comes as half surrogates."""
        buffer = getattr(self._stdin, "buffer", None)
        return buffer.read().decode(errors="surrogateescape") if buffer else self._stdin.read()

    def pass_on(self, text: str, *, words: bool) -> None:
        """Write a piece of what a program writes, whose secrets are hidden already.

        Args:
            text: the piece; it may end within a line.
            words: whether it goes to stderr.

        Raises:
            Failure: it goes to stdout, which cannot take it.
        """
        if not words:
            self._answer(text)
            return
        with self._lock:
            self._clear_live()
            self._write_words(text)
            self._draw_live()

    def device(self, *, words: bool) -> int | None:
        """Return the descriptor of the terminal that stderr, or stdout, is; None where it is none."""
        stream = self._stderr if words else self._stdout
        try:
            return stream.fileno() if stream.isatty() else None
        except OSError:
            return None

    @property
    def in_one_place(self) -> bool:
        """Whether stdout and stderr lead to the same file, pipe or terminal, as after `2>&1`."""
        try:
            return os.path.sameopenfile(self._stdout.fileno(), self._stderr.fileno())
        except OSError:
            return False

    @contextlib.contextmanager
    def when_slow(self, words: str, seconds: float = SLOW) -> Iterator[None]:
        """Say what is waited for, when the block has not ended after so many seconds."""
        timer = threading.Timer(seconds, self.say, [words])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def show_live(self, text: str) -> None:
        """Replace the live line; without a terminal, say it as a line of its own."""
        if not (self._stderr.isatty() and self.colour):
            self.say(text)
            return
        with self._lock:
            self._clear_live()
            self._live = _one_line(self.redactor.redact(text))[: _width(self._stderr) - 1]
            self._draw_live()

    def _clear_live(self) -> None:
        if self._live:
            self._write_words("\r\x1b[2K")

    def _draw_live(self) -> None:
        if self._live:
            self._write_words(self._live)

    def _answer(self, text: str) -> None:
        with self._lock:
            self._clear_live()
            try:
                self._stdout.write(text)
                self._stdout.flush()
            except OSError as error:
                _discard(self._stdout)
                self._not_answered(text, error)
            self._draw_live()

    def _not_answered(self, text: str, error: OSError) -> None:
        gone = isinstance(error, BrokenPipeError)
        self.unread = self.unread or gone
        if self._telling:
            self._tell_on_stderr("nobody reads it" if gone else str(error.strerror))
            self._write_words(text)
        elif not gone:
            raise Failure(
                f"stdout could not be written: {error.strerror}",
                meaning="the answer is incomplete; what was done stays done",
                fix="make room, or send stdout somewhere else",
            ) from error

    def _tell_on_stderr(self, why: str) -> None:
        if self._stdout is not self._stderr:
            self._stdout = self._stderr
            self._write_words(f"warning: stdout could not be written: {why}\n")

    def _write_words(self, text: str) -> None:
        # Words that cannot be written must not stop the work that they are about.
        try:
            self._stderr.write(text)
            self._stderr.flush()
        except OSError:
            _discard(self._stderr)


class Progress:
    """The line that tells how far some work has come."""

    def __init__(self, console: Console, label: str) -> None:
        self._console = console
        self._label = label
        self._last = ""
        self.update("")

    def update(self, text: str) -> None:
        """Tell the present state; telling the same twice writes nothing."""
        line = f"{self._label}: {text}" if text else self._label
        if line != self._last:
            self._last = line
            self._console.show_live(line)


def _tolerant(stream: TextIO) -> TextIO:
    """Let a stream write what its encoding lacks as an escape: no answer is worth an error for a letter."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def _one_line(text: str) -> str:
    """Return the text without what would move the cursor or break a row."""
    return "".join(character if character.isprintable() else " " for character in text)


def _width(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


def _discard(stream: TextIO) -> None:
    """Send what the stream still holds, and all that follows, to nowhere: nothing complains at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    except OSError:
        return
    finally:
        os.close(nowhere)
