"""The only place that starts a process: argument lists, an explicit environment, the repo's root."""

import contextlib
import shlex
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from pkg.shell.child import Child, Patience, StillRunning
from pkg.shell.clock import Clock
from pkg.shell.commands import masked, secrets
from pkg.shell.console import Console
from pkg.shell.errors import BadInput, Interrupted, TimedOut, not_on_path, not_started
from pkg.shell.redact import MASK, Redactor, names_a_secret
from pkg.shell.relay import Relay
from pkg.shell.signals import owns_terminal, signals_held

T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """How a program ended.

    Attributes:
        argv: the command.
        code: its exit code.
        stdout: what it answered, if that was captured.
        stderr: what it said, if that was captured.
        seconds: how long it took.
        skipped: whether a dry run did not start it.
        shown: the end of what it wrote to the user, if it was streamed, without secrets.
    """

    argv: tuple[str, ...]
    code: int
    stdout: str
    stderr: str
    seconds: float
    skipped: bool = False
    shown: str = ""


class Runner(Protocol):
    """Starts programs and waits for them."""

    def capture(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float | None = None,
        changes: bool = False,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        terminal: bool = False,
    ) -> Result:
        """Run a program and return what it wrote; its exit code is never raised.

        Args:
            argv: the program and its arguments.
            stdin: what it reads; secrets go here, never into argv. None: nothing to read.
            timeout: seconds; None for no limit.
            changes: whether it changes anything, and so is left out in a dry run.
            env: variables added to the runner's own.
            cwd: the folder to run in; None for the repo's root.
            terminal: whether it may ask the user on the terminal, as `op` does.

        Raises:
            CommandMissing: there is no such program on PATH.
            TimedOut: it took too long; it and its children were ended.
            Interrupted: a signal came while it ran; it and its children were ended.
        """
        ...

    def stream(
        self,
        argv: Sequence[str],
        *,
        changes: bool = False,
        timeout: float | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        to_stderr: bool = False,
    ) -> Result:
        """Run a program in front of the user: it reads our stdin, and what it writes is shown at once.

        It writes through `pkg.shell.relay`, which hides the secrets: to a terminal where ours is one. A
        Ctrl-C reaches it, and its end is waited for. A reader that goes away (`| head`) ends it only when it
        neither changes anything nor writes progress.

        Args:
            argv: the program and its arguments.
            changes: whether it changes anything, and so is left out in a dry run.
            timeout: seconds; None for no limit.
            env: variables added to the runner's own.
            cwd: the folder to run in; None for the repo's root.
            to_stderr: what it writes is progress and no answer, so all of it goes to stderr.

        Raises:
            CommandMissing: there is no such program on PATH.
            TimedOut: it took too long and was ended.
            Failure: stdout could not take what it wrote, for instance because the disk is full.
            Interrupted: a signal came while it ran; `what` tells the exit code that it ended with.
        """
        ...

    def lines(
        self,
        argv: Sequence[str],
        take: Callable[[str], bool],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Result:
        """Run a program that only reads, and hand over each line of its stdout as it comes.

        What it writes to stderr is shown as `stream` shows it.

        Args:
            argv: the program and its arguments.
            take: gets a line without its end; False when no more are wanted: the program is then ended.
            env: variables added to the runner's own.
            cwd: the folder to run in; None for the repo's root.

        Raises:
            CommandMissing: there is no such program on PATH.
            Interrupted: a signal came while it ran.
        """
        ...

    def background(
        self, argv: Sequence[str], *, env: Mapping[str, str] | None = None
    ) -> contextlib.AbstractContextManager[Iterator[str]]:
        """Run a program that only reads while a block runs; the block gets the lines of its stdout.

        It has a process group of its own, so a Ctrl-C does not reach it before the block is left; then it is
        interrupted, and its end is waited for, whatever happened. What it writes to stderr is shown as
        `stream` shows it.

        Args:
            argv: the program and its arguments.
            env: variables added to the runner's own.

        Raises:
            CommandMissing: there is no such program on PATH.
        """
        ...

    def which(self, name: str) -> Path | None:
        """Return where a program is on the PATH of the environment, or None."""
        ...

    def redacted(self, argv: Sequence[str]) -> str:
        """Return a command for people: quoted for a shell, without secrets."""
        ...

    def stop(self) -> None:
        """End all that runs at this moment; threads may start more, so see `pkg.shell.parallel.each`."""
        ...


class ProcessRunner:
    """Starts real processes.

    Args:
        env: the whole environment of the children; read anew at each start.
        cwd: where children run unless told otherwise.
        console: shows commands in a dry run and under `--echo`.
        redactor: hides secrets in commands and errors.
        clock: measures seconds.
        dry: print what would change something instead of running it.
        echo: print each command before it runs.
        patience: how long a child that shall end is waited for.
        at_terminal: tells whether a Ctrl-C at the terminal reaches our children as well.
    """

    def __init__(
        self,
        *,
        env: Mapping[str, str],
        cwd: Path,
        console: Console,
        redactor: Redactor,
        clock: Clock,
        dry: bool = False,
        echo: bool = False,
        patience: Patience | None = None,
        at_terminal: Callable[[], bool] = owns_terminal,
    ) -> None:
        self._env = env
        self._cwd = cwd
        self._console = console
        self._redactor = redactor
        self._clock = clock
        self._dry = dry
        self._echo = echo
        self._patience = patience or Patience()
        self._at_terminal = at_terminal
        self._children: set[Child] = set()
        self._lock = threading.Lock()

    def capture(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float | None = None,
        changes: bool = False,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        terminal: bool = False,
    ) -> Result:
        """Run a program and return what it wrote; see `Runner.capture`."""
        if skipped := self._announce(argv, changes=changes, env=env, fed=stdin is not None):
            return skipped
        started = self._clock.monotonic()
        text = None if stdin is None else stdin.encode(errors="surrogateescape")
        fed = subprocess.DEVNULL if text is None else subprocess.PIPE
        child, (out, err) = self._supervise(
            lambda: self._start(
                argv, env, cwd, (fed, subprocess.PIPE, subprocess.PIPE), own_group=not terminal
            ),
            lambda child: child.communicate(text, timeout),
        )
        result = Result(
            argv=tuple(argv),
            code=child.code,
            stdout=out.decode(errors="replace"),
            stderr=err.decode(errors="replace"),
            seconds=self._clock.monotonic() - started,
        )
        self._redactor.notice(result.stdout)
        self._redactor.notice(result.stderr)
        return result

    def stream(
        self,
        argv: Sequence[str],
        *,
        changes: bool = False,
        timeout: float | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        to_stderr: bool = False,
    ) -> Result:
        """Run a program in front of the user; see `Runner.stream`."""
        if skipped := self._announce(argv, changes=changes, env=env):
            return skipped
        started = self._clock.monotonic()
        with self._relay(only_answers=not (changes or to_stderr)) as relay:
            out = relay.way(words=to_stderr)
            err = out if to_stderr or self._console.in_one_place else relay.way(words=True)
            child, _ = self._supervise(
                lambda: self._start(argv, env, cwd, (None, out, err), own_group=False),
                lambda child: child.wait(timeout),
                relay,
            )
        seconds = self._clock.monotonic() - started
        return Result(tuple(argv), child.code, "", "", seconds, shown=relay.shown)

    def lines(
        self,
        argv: Sequence[str],
        take: Callable[[str], bool],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Result:
        """Run a program and hand over each line of its stdout as it comes; see `Runner.lines`."""
        self._announce(argv, changes=False, env=env)
        started = self._clock.monotonic()

        def read(child: Child) -> None:
            for line in child.process.stdout or ():
                text = line.decode(errors="replace").rstrip("\n")
                self._redactor.notice(text)
                if not take(text):
                    child.end()
                    return
            child.wait(None)

        with self._relay() as relay:
            streams = (subprocess.DEVNULL, subprocess.PIPE, relay.way(words=True))
            child, _ = self._supervise(
                lambda: self._start(argv, env, cwd, streams, own_group=False), read, relay
            )
        seconds = self._clock.monotonic() - started
        return Result(tuple(argv), child.code, "", "", seconds, shown=relay.shown)

    @contextlib.contextmanager
    def background(
        self, argv: Sequence[str], *, env: Mapping[str, str] | None = None
    ) -> Iterator[Iterator[str]]:
        """Run a program while a block runs, and end it; see `Runner.background`."""
        self._announce(argv, changes=False, env=env)
        with self._relay() as relay:
            child = None
            try:
                with signals_held():
                    streams = (subprocess.DEVNULL, subprocess.PIPE, relay.way(words=True))
                    child = self._start(argv, env, None, streams, own_group=True)
                    self._started(child, relay)
                yield (line.decode(errors="replace").rstrip("\n") for line in child.process.stdout or ())
            finally:
                if child is not None:
                    child.end()
                    self._ended(child)

    def which(self, name: str) -> Path | None:
        """Return where a program is on the PATH of the environment, or None."""
        found = shutil.which(name, path=self._env.get("PATH", ""))
        return Path(found) if found else None

    def redacted(self, argv: Sequence[str]) -> str:
        """Return a command for people: quoted for a shell, without secrets."""
        for secret in secrets(argv):
            self._redactor.add(secret)
        for argument in argv:
            self._redactor.notice(argument)
        return shlex.join(self._redactor.redact(argument) for argument in masked(argv))

    def stop(self) -> None:
        """End all that runs at this moment; threads may start more, so see `pkg.shell.parallel.each`."""
        with self._lock:
            children = tuple(self._children)
        for child in children:
            child.end()

    def _announce(
        self, argv: Sequence[str], *, changes: bool, env: Mapping[str, str] | None, fed: bool = False
    ) -> Result | None:
        """Show a command where that was asked for; return its result when a dry run leaves it out."""
        if not (self._dry or self._echo):
            return None
        line = self.redacted(argv)
        for name, value in reversed(list((env or {}).items())):
            shown = MASK if names_a_secret(name) else self._redactor.redact(value)
            line = f"{name}={shlex.quote(shown)} {line}"
        if fed:
            line += "  # reads its input from stdin"
        if self._dry and changes:
            self._console.out(line)
            return Result(tuple(argv), 0, "", "", 0.0, skipped=True)
        self._console.say(f"$ {line}")
        return None

    def _start(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None,
        cwd: Path | None,
        streams: tuple[int | None, int | None, int | None],
        *,
        own_group: bool,
    ) -> Child:
        folder = cwd or self._cwd
        stdin, stdout, stderr = streams
        shown = self.redacted(argv)
        try:
            process = subprocess.Popen(
                list(argv),
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                cwd=folder,
                env={**self._env, **(env or {})},
                process_group=0 if own_group else None,
            )
        except FileNotFoundError as error:
            if not folder.is_dir():
                raise BadInput(f"the folder {folder} does not exist", command=shlex.split(shown)) from error
            raise not_on_path(argv[0], shlex.split(shown)) from error
        except (OSError, ValueError) as error:
            # ValueError: a NUL in an argument, which no program can be given.
            raise not_started(argv[0], shlex.split(shown), error) from error
        return Child(process, shlex.split(shown), own_group=own_group, patience=self._patience)

    def _relay(self, *, only_answers: bool = False) -> Relay:
        return Relay(self._console, self._redactor, only_answers=only_answers)

    def _started(self, child: Child, relay: Relay | None) -> None:
        with self._lock:
            self._children.add(child)
        if relay:
            relay.begin(child.tell)

    def _ended(self, child: Child) -> None:
        with self._lock:
            self._children.discard(child)
        child.close()

    def _supervise(
        self, start: Callable[[], Child], wait: Callable[[Child], T], relay: Relay | None = None
    ) -> tuple[Child, T]:
        """Start a process and wait for it; whatever happens, it is ended before this is left."""
        child = None
        try:
            with signals_held():
                child = start()
                self._started(child, relay)
            return child, wait(child)
        except BaseException as error:
            if child is None:
                raise
            told = type(error) is KeyboardInterrupt and not child.own_group and self._at_terminal()
            waiting = f"interrupted: waiting for {child.name} to end; Ctrl-C again ends it now"
            telling = self._console.when_slow(waiting, self._patience.silence)
            with telling if isinstance(error, KeyboardInterrupt) else contextlib.nullcontext():
                child.end(told=told)
            if isinstance(error, StillRunning):
                text = f"{child.name} did not end within {error.seconds:g} s and was stopped"
                raise TimedOut(text, command=child.shown) from None
            if isinstance(error, KeyboardInterrupt):
                text = f"interrupted; {child.name} ended with exit code {child.code}"
                raise Interrupted(text, command=child.shown) from None
            raise
        finally:
            if child is not None:
                self._ended(child)
