"""The program: argv and environment in, two streams and an exit code out."""

from __future__ import annotations

import os

from pkg.flysim.flyctl import commands, grammar, surface
from pkg.flysim.flyctl import help as words
from pkg.flysim.flyctl.errors import (
    FAILED,
    INTERRUPTED,
    NOT_SIMULATED,
    REFUSED,
    Failed,
    Interrupted,
    NotSimulated,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from pkg.flysim.flyctl.grammar import Parsed
    from pkg.flysim.platform import Platform

NO_TOKEN = "no access token available. Please login with 'flyctl auth login'"  # noqa: S105 -- a message
NO_STATE = """\
Error: this is the simulated flyctl, and FLYSIM_STATE does not name the folder of its state.
Run it through `inv sandbox …`, or take pkg/flysim/bin off PATH to use the real one.
"""
RECORD_FILE = "calls.jsonl"


def main(
    argv: list[str],
    env: Mapping[str, str],
    stdin: TextIO,
    stdout: TextIO,
    stderr: TextIO,
    *,
    cwd: str,
    platform: Platform | None = None,
) -> int:
    """Run the simulated flyctl once.

    Args:
        argv: the arguments, without the program's name.
        env: FLYSIM_STATE names the state's folder; FLYSIM_RECORD=1 appends argv to calls.jsonl there.
        stdin: read by `secrets import` and `secrets set NAME=-`.
        stdout: answers, and the usage of a usage error.
        stderr: errors and progress.
        cwd: where fly.toml is looked for.
        platform: one that is open already (tests).

    Returns:
        The exit code: flyctl's own, or 70 (not simulated), or 78 (FLYSIM_STATE does not serve).
    """
    return Program(env, stdin, stdout, stderr, cwd=cwd, platform=platform).run(argv)


class Program:
    """One run of the program."""

    def __init__(
        self,
        env: Mapping[str, str],
        stdin: TextIO,
        stdout: TextIO,
        stderr: TextIO,
        *,
        cwd: str,
        platform: Platform | None,
    ) -> None:
        self.env = env
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.cwd = cwd
        self.platform = platform

    def run(self, argv: list[str]) -> int:
        """Parse argv and do what it says; the exit code."""
        state = self.env.get("FLYSIM_STATE", "")
        if not state:
            self.stderr.write(NO_STATE)
            return REFUSED
        try:
            if self.env.get("FLYSIM_RECORD") == "1":
                _record(state, argv)
            return self._answer(argv)
        except (Interrupted, KeyboardInterrupt):
            return INTERRUPTED
        except _state_errors() as error:
            if isinstance(error, OSError) and error.filename is None:  # no file of the state: a stream
                self.stderr.write(f"Error: stdout cannot be written: {error.strerror}\n")
                return FAILED
            from pkg.flysim.platform.store import with_advice

            words = f"the simulation's state in {state} cannot be used: {with_advice(error)}"
            self.stderr.write(f"Error: {words}\n")
            return REFUSED

    def _answer(self, argv: list[str]) -> int:
        try:
            self._command(grammar.parse(surface.load(), argv))
        except grammar.Help as wanted:
            self.stdout.write(words.full_help(wanted.command))
        except grammar.UsageError as error:
            self.stdout.write(words.usage(error.command) if error.found else words.POINTER)
            self.stderr.write(f"Error: {error}\n")
            return FAILED
        except NotSimulated as what:
            self.stderr.write(
                f"Error: the simulation does not know {what}; see COVERAGE.md for what it knows.\n"
            )
            return NOT_SIMULATED
        except Failed as error:
            self.stderr.write(f"Error: {error}\n")
            return error.code
        return 0

    def _command(self, parsed: Parsed) -> None:
        """Run the command, as the real one does: first the token, then all else."""
        known = commands.find(parsed)
        given = parsed.given.get("access-token")
        token = str(given or self.env.get("FLY_ACCESS_TOKEN") or self.env.get("FLY_API_TOKEN") or "")
        if not token and commands.needs_token(parsed.command):
            raise Failed(NO_TOKEN)
        if known is None:
            raise NotSimulated(f"`{parsed.command.path}`")
        unknown = sorted(set(parsed.given) - known.flags - commands.EVERYWHERE)
        if unknown:
            raise NotSimulated(f"the flag --{unknown[0]} of `{parsed.command.path}`")
        from pkg.flysim.flyctl.api import Api
        from pkg.flysim.flyctl.call import Call

        api = Api(self.env["FLYSIM_STATE"], token, self.platform)
        stdout = (
            _Cut(self.stdout)
            if known.reads_state and api.platform.truncates(parsed.command.path)
            else self.stdout
        )
        call = Call(
            parsed, api=api, env=self.env, cwd=self.cwd, stdin=self.stdin, stdout=stdout, stderr=self.stderr
        )
        try:
            known.function(call)
        finally:
            if isinstance(stdout, _Cut):
                stdout.finish()


class _Cut:
    """A stdout of which only the first half arrives, as when a pipe breaks."""

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout
        self._held: list[str] = []

    def write(self, text: str) -> int:
        """Hold a text."""
        self._held.append(text)
        return len(text)

    def flush(self) -> None:
        """Nothing: what will be cut must be known as a whole."""

    def finish(self) -> None:
        """Write the first half of what was held."""
        text = "".join(self._held)
        self._stdout.write(text[: len(text) // 2])


def _state_errors() -> tuple[type[Exception], ...]:
    """What using the state may raise; asked for only when something was raised, for sqlite3 costs 5 ms."""
    import sqlite3

    from pkg.flysim.platform.store import StateError

    return (OSError, sqlite3.Error, StateError)


def _record(state: str, argv: list[str]) -> None:
    """Append argv to the record of calls, in one write: many processes may do so at once."""
    import json

    os.makedirs(state, exist_ok=True)  # noqa: PTH103 -- see surface.py
    line = json.dumps(argv) + "\n"
    file = os.open(os.path.join(state, RECORD_FILE), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)  # noqa: PTH118
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)
