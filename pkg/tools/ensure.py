"""Making sure of one tool, whichever way it comes: downloaded, built by Go, or installed by hand."""

from pkg.shell.errors import Failure
from pkg.shell.workspace import Workspace
from pkg.tools import detect, golang, install, inventory
from pkg.tools.pins import Detected, GoModule, Pin, Release, require_confirmed
from pkg.tools.platforms import Platform, here
from pkg.tools.store import Standing, Store, Wanted


def ensure(ws: Workspace, name: str, pin: Pin) -> None:
    """Make sure of one tool, and say how it is now.

    Args:
        ws: the workspace.
        name: the tool, as people call it.
        pin: what it must be.

    Raises:
        Failure: it is not there, and why.
    """
    platform = here(ws.runner)
    match pin:
        case Detected():
            _check(ws, name, pin, platform)
        case GoModule():
            _build(ws, golang.wanted(name, pin, platform), pin)
        case Release():
            _download(ws, name, pin, platform)


def _check(ws: Workspace, name: str, pin: Detected, platform: Platform) -> None:
    found = detect.detect(name, pin, ws.runner)
    if not found.new_enough:
        state = (found.version or "of an unknown version") if found.path else "not on PATH"
        needed = f"{name} is {state}, and {pin.version} or newer is needed"
        raise Failure(needed, fix=detect.hint(name, platform))
    ws.console.say(f"{name} {found.version} is on PATH: {found.path}")


def _build(ws: Workspace, goal: Wanted, pin: GoModule) -> None:
    tools = inventory.store(ws)
    if ws.dry and not tools.ready(goal):
        ws.console.out(ws.runner.redacted(golang.command(pin)))
        return
    before = golang.install(goal, pin, store=tools, console=ws.console, runner=ws.runner)
    _tell(ws, goal, tools, before)


def _download(ws: Workspace, name: str, pin: Release, platform: Platform) -> None:
    tools = inventory.store(ws)
    archive = require_confirmed(name, pin, platform)
    goal = install.wanted(name, pin.version, platform, archive)
    if ws.dry and not tools.ready(goal):
        ws.console.out(f"would download {archive.url} ({archive.size} bytes, sha256 {archive.sha256})")
        return
    variables = ws.environment.variables
    before = install.install(goal, archive, store=tools, console=ws.console, variables=variables)
    _tell(ws, goal, tools, before)


def _tell(ws: Workspace, goal: Wanted, tools: Store, before: Standing) -> None:
    done = {
        Standing.SOUND: "is installed",
        Standing.ABSENT: "was installed",
        Standing.DAMAGED: "had been changed since it was installed, and was repaired",
        Standing.OUTDATED: "was installed anew, as its pin has changed",
    }
    ws.console.say(f"{goal} {done[before]}: {tools.links / goal.program}")
