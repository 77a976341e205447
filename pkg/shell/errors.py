"""What can go wrong, as errors that a tired person can act on: an exit code and the next thing to do."""

import errno
import shlex
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from pkg.shell.commands import brief

if TYPE_CHECKING:
    from pkg.shell.runner import Result


class ExitCode(NamedTuple):
    """One row of the table of exit codes."""

    code: int
    name: str
    meaning: str


EXIT_CODES = (
    ExitCode(0, "ok", "it is done, and what could be checked was checked; for a deploy: healthy"),
    ExitCode(1, "failed", "something failed, or what was asked about is unhealthy"),
    ExitCode(
        2,
        "bad input",
        "what was typed (a task, an option, a value), a manifest or a file of this repo is wrong; "
        "nothing was started",
    ),
    ExitCode(
        3, "refused", "a check made beforehand failed, or the question was not answered yes; nothing changed"
    ),
    ExitCode(
        4,
        "rolled-back",
        "the release was bad, or flyctl failed half way; the previous verified image is back and healthy",
    ),
    ExitCode(
        5, "degraded", "what went wrong is not undone, or a machine that was up before is down: act now"
    ),
    ExitCode(
        6, "unverified", "nothing could be checked (all machines stopped, no checks): not called healthy"
    ),
    ExitCode(7, "mixed", "machines run different images and no rollback was allowed"),
    ExitCode(8, "healthy-unreplicated", "healthy, and the database's replica is not proven good"),
    ExitCode(66, "no data", "nothing was measured of the app in that time"),
    ExitCode(67, "wrong organization", "there is no such organization, or it is not the token's"),
    ExitCode(69, "unavailable", "the metrics server cannot be reached, fails, or sends us elsewhere"),
    ExitCode(70, "not simulated", "the simulated flyctl knows the command's grammar, not its behaviour"),
    ExitCode(75, "slow", "the metrics server took too long, or wants to be asked later"),
    ExitCode(76, "not an answer", "the metrics server answered something else than Prometheus does"),
    ExitCode(77, "no token", "there is no token to ask for metrics with, or it is not taken"),
    ExitCode(78, "no state", "the simulated Fly's state cannot be used; its words say what to do"),
    ExitCode(130, "interrupted", "a signal; the next `fly.status` says where it stopped, and what to do"),
)


# How to get a program that is missing.
INSTALL = {
    "flyctl": "./dev inv tools.install-flyctl",
    "ko": "./dev inv tools.install",
    "litestream": "./dev inv tools.install",
    "process-compose": "put a release on PATH: https://github.com/F1bonacc1/process-compose/releases, or see "
    "https://f1bonacc1.github.io/process-compose/installation/ for your system",
    "op": "install the 1Password CLI: https://developer.1password.com/docs/cli/get-started",
    "direnv": "install direnv with your package manager: https://direnv.net/docs/installation.html",
    "git": "install git with your package manager",
    "go": "install Go: https://go.dev/doc/install",
}


# Lines of a program's last words that are shown.
SAID = 10


class Failure(Exception):  # noqa: N818 - the subclasses read as what happened
    """Something that the user, the network or Fly caused: shown as text, never as a traceback.

    Args:
        what: what failed, in one line.
        command: the argv that failed, if a program did.
        meaning: what that means for the user.
        fix: the one next thing to do.
        exit_code: overrides the class's own.
    """

    exit_code: int = 1

    def __init__(
        self,
        what: str,
        *,
        command: Sequence[str] = (),
        meaning: str = "",
        fix: str = "",
        exit_code: int | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.command = tuple(command)
        self.meaning = meaning
        self.fix = fix
        if exit_code is not None:
            self.exit_code = exit_code

    def details(self) -> list[tuple[str, str]]:
        """Return the labelled lines below the first one."""
        return [("ran", shlex.join(brief(self.command))), ("means", self.meaning), ("next", self.fix)]

    def __str__(self) -> str:
        lines = [self.what]
        for label, text in self.details():
            first, *rest = text.splitlines() or [""]
            if text:
                lines.append(f"  {label + ':':<7}{first}")
                lines.extend(f"{'':9}{line}" for line in rest)
        return "\n".join(lines)


class BadInput(Failure):
    """An argument, a manifest or a file is wrong."""

    exit_code = 2


class Refused(Failure):
    """A check made beforehand failed, or nobody said yes; nothing changed."""

    exit_code = 3


class Interrupted(Failure):
    """A signal stopped the work."""

    exit_code = 130


class CommandFailed(Failure):
    """A program ended with an exit code that means failure.

    Args:
        what: what failed, in one line.
        result: what the program answered; its last lines on stderr are shown.
        meaning: what that means for the user.
        fix: the one next thing to do.
        exit_code: overrides the class's own.
    """

    def __init__(
        self, what: str, *, result: "Result", meaning: str = "", fix: str = "", exit_code: int | None = None
    ) -> None:
        super().__init__(what, command=result.argv, meaning=meaning, fix=fix, exit_code=exit_code)
        self.result = result

    def details(self) -> list[tuple[str, str]]:
        """Return the labelled lines, with the program's exit code and its last words."""
        ran, *rest = super().details()
        said = "\n".join(self.result.stderr.strip().splitlines()[-SAID:])
        return [ran, ("exit", str(self.result.code)), ("said", said), *rest]


class CommandMissing(Failure):
    """A program is not on PATH."""


def not_on_path(program: str, command: Sequence[str]) -> CommandMissing:
    """Return the error for a missing program, with the way to get it."""
    fix = INSTALL.get(program, f"install {program}, or put its folder on PATH")
    return CommandMissing(f"{program} was not found on PATH", command=command, fix=fix)


def not_started(program: str, command: Sequence[str], error: OSError | ValueError) -> Failure:
    """Return the error for a program that is there and cannot be run, with the way to one that can."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    meaning = fix = ""
    if isinstance(error, OSError) and error.errno == errno.ENOEXEC:
        meaning = "the file is made for another kind of processor, or was cut off when it was installed"
        fix = INSTALL.get(PurePath(program).name, f"install {program} anew, for this machine")
    elif isinstance(error, PermissionError):
        meaning = "the file may not be run, or its folder not be entered"
        fix = f"`ls -l $(which {program})`, then `chmod +x` it, or install it anew"
    return Failure(f"{program} could not be started: {reason}", command=command, meaning=meaning, fix=fix)


class TimedOut(Failure):
    """A program, or something on Fly, took longer than it was given."""


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP: as a Ctrl-C, except that the terminal did not send it to our children as well."""
