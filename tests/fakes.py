"""Stand-ins for the clock, the runner and the console. They know only what a test has told them."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import msgspec

from pkg.shell.clock import Clock
from pkg.shell.console import Console
from pkg.shell.environment import Environment, load_environment
from pkg.shell.redact import Redactor
from pkg.shell.runner import Result, Runner
from pkg.shell.workspace import Workspace

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class ManualClock:
    """A clock that only moves when it is told to, or when somebody sleeps on it."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._passed = 0.0
        self.sleeps: list[float] = []
        self.at_sleep: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.advance(seconds)
        self.at_sleep()

    def advance(self, seconds: float) -> None:
        self._passed += seconds


@dataclass(frozen=True)
class Call:
    """What was asked of a FakeRunner."""

    argv: tuple[str, ...]
    mode: str  # capture, stream, lines or background
    stdin: str | None = None
    changes: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    timeout: float | None = None
    skipped: bool = False


@dataclass
class _Answer:
    argv: tuple[str, ...]
    give: Callable[[Call], Result]
    left: float


class FakeRunner:
    """Answers the commands that a test has announced, in order, and fails the test on any other.

    `answer` announces one command with its arguments; `times=None` for any number of times. Several answers
    for the same command are given one after the other. `calls` holds what was asked, also what a dry run
    left out.
    """

    def __init__(self, *, dry: bool = False, programs: Mapping[str, Path] | None = None) -> None:
        self.dry = dry
        self.programs = dict(programs or {})
        self.calls: list[Call] = []
        self.ended: list[tuple[str, ...]] = []  # what ran in the background
        self._answers: list[_Answer] = []

    def answer(
        self,
        *argv: str,
        stdout: str = "",
        json: object = None,
        stderr: str = "",
        code: int = 0,
        seconds: float = 0.0,
        raises: BaseException | None = None,
        then: Callable[[Call], None] | None = None,
        times: int | None = 1,
    ) -> "FakeRunner":
        """Announce a command: what it writes (`json` is encoded), its exit code, what it raises or does."""
        written = stdout if json is None else msgspec.json.encode(json).decode()

        def give(call: Call) -> Result:
            if then is not None:
                then(call)
            if raises is not None:
                raise raises
            if call.mode == "stream":
                return Result(call.argv, code, "", "", seconds, shown=written + stderr)
            return Result(call.argv, code, written, stderr, seconds)

        self._answers.append(_Answer(argv, give, float("inf") if times is None else times))
        return self

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
        return self._run(
            Call(tuple(argv), "capture", stdin, changes, env or {}, cwd, timeout, self.dry and changes)
        )

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
        return self._run(
            Call(tuple(argv), "stream", None, changes, env or {}, cwd, timeout, self.dry and changes)
        )

    def lines(
        self,
        argv: Sequence[str],
        take: Callable[[str], bool],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Result:
        result = self._run(Call(tuple(argv), "lines", env=env or {}, cwd=cwd))
        for line in result.stdout.splitlines():
            if not take(line):
                break
        return result

    @contextlib.contextmanager
    def background(
        self, argv: Sequence[str], *, env: Mapping[str, str] | None = None
    ) -> Iterator[Iterator[str]]:
        result = self._run(Call(tuple(argv), "background", env=env or {}))
        yield iter(result.stdout.splitlines())
        self.ended.append(tuple(argv))

    def which(self, name: str) -> Path | None:
        return self.programs.get(name)

    def redacted(self, argv: Sequence[str]) -> str:
        import shlex

        return shlex.join(argv)

    def stop(self) -> None:
        """Nothing runs here."""

    def _run(self, call: Call) -> Result:
        self.calls.append(call)
        if call.skipped:
            return Result(call.argv, 0, "", "", 0.0, skipped=True)
        for answer in self._answers:
            if answer.argv == call.argv and answer.left > 0:
                answer.left -= 1
                return answer.give(call)
        known = "\n".join(f"  {answer.argv} ({answer.left} left)" for answer in self._answers)
        raise AssertionError(f"unexpected command:\n  {call.argv}\nannounced:\n{known}")

    @property
    def argvs(self) -> list[tuple[str, ...]]:
        """What was run, in order, without what a dry run left out."""
        return [call.argv for call in self.calls if not call.skipped]

    def assert_all_used(self) -> None:
        unused = [answer.argv for answer in self._answers if 0 < answer.left < float("inf")]
        assert not unused, f"announced and never run: {unused}"


class OpRunner(FakeRunner):
    """Answers `op inject` as 1Password does: with the template, each reference replaced."""

    def __init__(self, values: Mapping[str, str], change: Callable[[str], str] = str) -> None:
        super().__init__()
        self._values = values
        self._change = change

    def _run(self, call: Call) -> Result:
        assert call.argv == ("op", "inject"), call.argv
        self.calls.append(call)
        text = call.stdin or ""
        for reference, value in self._values.items():
            text = text.replace(f"{{{{ {reference} }}}}", value)
        return Result(call.argv, 0, self._change(text), "", 0.1)


class _Stream(StringIO):
    def __init__(self, text: str = "", *, terminal: bool) -> None:
        super().__init__(text)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


class MemoryConsole(Console):
    """A console whose output is kept; `answers` are the lines typed by somebody at a terminal."""

    def __init__(
        self,
        redactor: Redactor | None = None,
        *,
        answers: Sequence[str] = (),
        terminal: bool = False,
        colour: bool = True,
        sandbox: bool = False,
    ) -> None:
        self._out = _Stream(terminal=terminal)
        self._err = _Stream(terminal=terminal)
        typed = _Stream("".join(f"{line}\n" for line in answers), terminal=terminal)
        super().__init__(
            redactor or Redactor(),
            stdin=typed,
            stdout=self._out,
            stderr=self._err,
            colour=colour,
            sandbox=sandbox,
        )

    @property
    def stdout(self) -> str:
        return self._out.getvalue()

    @property
    def stderr(self) -> str:
        return self._err.getvalue()


def workspace(
    root: Path,
    runner: Runner,
    console: Console,
    clock: Clock,
    *,
    environment: Environment | None = None,
    dry: bool = False,
    sandbox: bool = False,
) -> Workspace:
    """Return a workspace made of stand-ins, with its state below the root; without variables unless given."""
    redactor = console.redactor
    return Workspace(
        root=root,
        environment=environment
        or load_environment(root, {}, console=console, redactor=redactor, clock=clock),
        runner=runner,
        console=console,
        clock=clock,
        redactor=redactor,
        passthrough=(),
        dry=dry,
        sandbox=sandbox,
        state=root / ".fly",
    )
