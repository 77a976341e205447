"""Where a database is, and how commands run there: on this machine, or on a machine of Fly."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pkg.fly.client import Flyctl
from pkg.shell.runner import Runner


@dataclass(frozen=True)
class Answer:
    """How a command ended; `skipped` when a dry run left it out."""

    argv: tuple[str, ...]
    code: int = 0
    stdout: str = ""
    stderr: str = ""
    skipped: bool = False


class Place(Protocol):
    """Runs commands beside a database."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def run(self, argv: Sequence[str], *, timeout: int = 60) -> Answer:
        """Run a command; that it ends badly is no failure.

        Args:
            argv: the command.
            timeout: seconds that it may take.

        Raises:
            Failure: it could not be run.
        """
        ...


class Here:
    """This machine.

    Args:
        runner: starts the commands.
        env: the variables of litestream.yml.
    """

    name = "here"

    def __init__(self, runner: Runner, env: Mapping[str, str]) -> None:
        self._runner = runner
        self._env = env

    def run(self, argv: Sequence[str], *, timeout: int = 60) -> Answer:
        """Run a command; see `Place.run`."""
        # Each may write: the sentinel, the replica, the copy.
        result = self._runner.capture(argv, timeout=timeout, changes=True, env=self._env)
        return Answer(result.argv, result.code, result.stdout, result.stderr, result.skipped)


class OnMachine:
    """A machine of an app on Fly, by `flyctl machine exec`.

    Args:
        flyctl: runs it.
        app: the app's name.
        machine: the machine's id.
    """

    def __init__(self, flyctl: Flyctl, app: str, machine: str) -> None:
        self._flyctl = flyctl
        self._app = app
        self._machine = machine

    @property
    def name(self) -> str:
        """The machine and its app."""
        return f"{self._machine} ({self._app})"

    def run(self, argv: Sequence[str], *, timeout: int = 60) -> Answer:
        """Run a command; see `Place.run`. Fly takes it as one text and splits it as a shell would."""
        done = self._flyctl.machine_exec(self._app, self._machine, shlex.join(argv), timeout=timeout)
        if done is None:
            return Answer(tuple(argv), skipped=True)
        return Answer(tuple(argv), done.exit_code, done.stdout, done.stderr)
