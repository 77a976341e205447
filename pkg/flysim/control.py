"""The program `flysim`: control of the simulation from outside, and its HTTP door."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence

from pkg.flysim.flyctl.errors import REFUSED
from pkg.flysim.platform import Platform, SettingError, StateError
from pkg.flysim.platform.store import with_advice

STATE_VARIABLE = "FLYSIM_STATE"
EXIT_BAD_INPUT = 2
USAGE = """Usage:
  flysim control [JSON]         Set what JSON names, and print all settings ("-": JSON from stdin).
  flysim serve [--port N]       Serve the simulation to the real flyctl, on loopback, until interrupted.
"""


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run `flysim ARGV`; the exit code: 0, 2 for input it does not take, 78 for an unusable state."""
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
            "Run it through `inv sandbox …`, or name a folder: one that is not there is made.\n"
        )
        return REFUSED
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
    try:
        settings = platform.control(_read(arguments[0] if arguments else "{}"))
    except SettingError as error:
        return _refuse(f"{error}. Nothing was changed.")
    except RecursionError:
        return _refuse("that is nested too deep. Nothing was changed.")
    except StateError as error:
        sys.stderr.write(f"flysim: the state cannot be used: {with_advice(error)}\n")
        return REFUSED
    sys.stdout.write(json.dumps(settings, indent=2) + "\n")
    return 0


def _read(text: str) -> object:
    """The value that a JSON text, or stdin for `-`, holds; SettingError when there is none."""
    try:
        return json.loads(sys.stdin.read() if text == "-" else text)
    except json.JSONDecodeError as error:
        raise SettingError(f"that is no JSON: {error}") from None
    except ValueError as error:  # bytes that are no text, a number of thousands of digits
        raise SettingError(f"that cannot be read: {error}") from None


def _serve(platform: Platform, arguments: Sequence[str]) -> int:
    """Serve over HTTP."""
    from pkg.flysim import serve

    try:
        options = serve.options(arguments)
    except ValueError as error:
        return _refuse(str(error))
    return serve.run(platform, options)
