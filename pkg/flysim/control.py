"""The program `flysim`: control of the simulation from outside, and its HTTP door."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence

from pkg.flysim.platform import Platform, SettingError, StateError

STATE_VARIABLE = "FLYSIM_STATE"
EXIT_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_NO_STATE = 70
USAGE = """Usage:
  flysim control [JSON]         Set what JSON names, and print all settings ("-": JSON from stdin).
  flysim serve [--port N]       Serve the simulation to the real flyctl, on loopback, until interrupted.
"""


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run `flysim ARGV`; the exit code: 0, 2 for input it does not take, 70 without a state folder."""
    command, arguments = (argv[0], argv[1:]) if argv else ("", [])
    if command in {"help", "-h", "--help"}:
        sys.stdout.write(USAGE)
        return 0
    if command not in {"control", "serve"}:
        return _refuse(f"unknown command {command!r}\n{USAGE}" if command else USAGE)
    state = environ.get(STATE_VARIABLE)
    if not state:
        sys.stderr.write(
            f"flysim: {STATE_VARIABLE} is not set; it names the folder of the simulated Fly's state.\n"
        )
        return EXIT_NO_STATE
    platform = Platform(state)
    try:
        return _control(platform, arguments) if command == "control" else _serve(platform, arguments)
    finally:
        platform.close()


def _refuse(message: str) -> int:
    sys.stderr.write(f"flysim: {message.rstrip()}\n")
    return EXIT_BAD_INPUT


def _control(platform: Platform, arguments: Sequence[str]) -> int:
    """Set and print settings."""
    if len(arguments) > 1:
        return _refuse(f"control takes one JSON object; quote it. Too much: {arguments[1]!r}")
    text = arguments[0] if arguments else "{}"
    try:
        settings = platform.control(json.loads(sys.stdin.read() if text == "-" else text))
    except ValueError as error:
        return _refuse(f"that is no JSON: {error}. Nothing was changed.")
    except SettingError as error:
        return _refuse(f"{error}. Nothing was changed.")
    except StateError as error:
        sys.stderr.write(f"flysim: the state cannot be used: {error}\n")
        return EXIT_FAILED
    sys.stdout.write(json.dumps(settings, indent=2) + "\n")
    return 0


def _serve(platform: Platform, arguments: Sequence[str]) -> int:
    """Serve over HTTP."""
    from pkg.flysim import serve

    try:
        options = serve.options(arguments)
    except ValueError as error:
        return _refuse(str(error))
    return serve.run(platform, options)
