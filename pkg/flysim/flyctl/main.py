"""The program: argv and environment in, two streams and an exit code out."""

from __future__ import annotations

import os

from pkg.flysim.flyctl import commands, grammar, help, surface  # noqa: A004 -- the module's subject is help
from pkg.flysim.flyctl.errors import INTERRUPTED, NOT_SIMULATED, REFUSED, Failed, Interrupted, NotSimulated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from pkg.flysim.flyctl.grammar import Parsed
    from pkg.flysim.platform import Platform

NO_TOKEN = "no access token available. Please login with 'flyctl auth login'"  # noqa: S105 -- a message
RECORD_FILE = "calls.jsonl"
# How much of a truncated output is left.
TRUNCATED_TO = 2


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
        The exit code: flyctl's own, or 70 (known to flyctl, not simulated), or 78 (no FLYSIM_STATE).
    """
    state = env.get("FLYSIM_STATE", "")
    if not state:
        stderr.write(
            "Error: this is the simulated flyctl, and FLYSIM_STATE does not name the folder of its state.\n"
            "Run it through `inv sandbox …`, or take pkg/flysim/bin off PATH to use the real one.\n"
        )
        return REFUSED
    if env.get("FLYSIM_RECORD") == "1":
        _record(state, argv)
    known = surface.load()
    try:
        parsed = grammar.parse(known, argv)
    except grammar.Help as wanted:
        stdout.write(help.full_help(wanted.command))
        return 0
    except grammar.UsageError as error:
        stdout.write(help.usage(error.command) if error.found else "Run 'flyctl --help' for usage.\n")
        stderr.write(f"Error: {error}\n")
        return 1
    try:
        return _run(parsed, env, stdin, stdout, stderr, cwd, platform)
    except NotSimulated as what:
        stderr.write(
            f"Error: the simulation does not know {what}; nothing was done. COVERAGE.md lists what it knows.\n"
        )
        return NOT_SIMULATED
    except Failed as error:
        stderr.write(f"Error: {error}\n")
        return error.code
    except (Interrupted, KeyboardInterrupt):
        return INTERRUPTED


def _run(
    parsed: Parsed,
    env: Mapping[str, str],
    stdin: TextIO,
    stdout: TextIO,
    stderr: TextIO,
    cwd: str,
    platform: Platform | None,
) -> int:
    known = commands.find(parsed)
    token = str(
        parsed.given.get("access-token") or env.get("FLY_ACCESS_TOKEN") or env.get("FLY_API_TOKEN") or ""
    )
    if not token and commands.needs_token(parsed.command):
        raise Failed(NO_TOKEN)
    if known is None:
        raise NotSimulated(f"`{parsed.command.path}`")
    unknown = sorted(set(parsed.given) - known.flags - commands.EVERYWHERE)
    if unknown:
        raise NotSimulated(f"the flag --{unknown[0]} of `{parsed.command.path}`")
    from pkg.flysim.flyctl.api import Api
    from pkg.flysim.flyctl.call import Call

    api = Api(env["FLYSIM_STATE"], token, platform)
    call = Call(parsed, api=api, env=env, cwd=cwd, stdin=stdin, stdout=stdout, stderr=stderr)
    known.function(call)
    return 0


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
