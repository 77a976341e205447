"""Tools that a person installs: found on PATH, asked for their version, and how to get them where missing."""

import re
from dataclasses import dataclass
from pathlib import Path

from pkg.shell.errors import Failure, Interrupted
from pkg.shell.runner import Runner
from pkg.tools.pins import Detected
from pkg.tools.platforms import Platform

VERSION_ARGUMENTS = {"process-compose": ("version", "--short"), "op": ("--version",)}

# Sources: https://f1bonacc1.github.io/process-compose/installation/ and
# https://developer.1password.com/docs/cli/get-started
HINTS = {
    ("process-compose", "linux"): 'sh -c "$(curl --location https://raw.githubusercontent.com/F1bonacc1/'
    'process-compose/main/scripts/get-pc.sh)" -- -d -b ~/.local/bin, or put a release on PATH: '
    "https://github.com/F1bonacc1/process-compose/releases",
    ("process-compose", "macos"): "brew install f1bonacc1/tap/process-compose",
    (
        "process-compose",
        "windows",
    ): "put a release on PATH: https://github.com/F1bonacc1/process-compose/releases",
    ("op", "linux"): "add 1Password's package source: https://developer.1password.com/docs/cli/get-started",
    ("op", "macos"): "brew install 1password-cli",
    ("op", "windows"): "winget install 1password-cli",
}


@dataclass(frozen=True)
class Found:
    """What is on PATH; an empty version was not understood."""

    path: Path | None
    version: str
    new_enough: bool


def detect(name: str, pin: Detected, runner: Runner) -> Found:
    """Look for a tool and ask it for its version; a tool that does not say counts as too old."""
    path = runner.which(name)
    if path is None:
        return Found(None, "", new_enough=False)
    try:
        answer = runner.capture([name, *VERSION_ARGUMENTS.get(name, ("--version",))], timeout=10)
    except Interrupted:
        raise
    except Failure:  # it hangs, or is made for another machine
        return Found(path, "", new_enough=False)
    version = re.search(r"\d+\.\d+\.\d+", answer.stdout)
    found = version.group() if version else ""
    return Found(path, found, new_enough=bool(found) and ordered(found) >= ordered(pin.version))


def ordered(version: str) -> tuple[int, ...]:
    """Return a version as numbers, which compare as versions do."""
    return tuple(int(part) for part in version.split("."))


def hint(name: str, platform: Platform) -> str:
    """Return how to install a tool by hand."""
    return HINTS[name, platform.system]
