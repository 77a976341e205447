"""The tasks `tools.*`: install the pinned tools, look at them, run them, move a pin."""

from collections.abc import Sequence

from invoke import Collection, Context

from pkg.shell.cli import end, task, workspace
from pkg.shell.errors import Failure
from pkg.shell.workspace import Workspace
from pkg.tools import detect, golang, install, inventory
from pkg.tools import pin as pinning
from pkg.tools.pins import FILE, Detected, GoModule, Pin, Release, find, load, require_confirmed
from pkg.tools.platforms import Platform, here
from pkg.tools.store import Standing, Store, Wanted


@task
def install_flyctl(c: Context) -> None:
    """Install the pinned flyctl, verified, and link it in .tools/bin."""
    ws = workspace(c)
    _install(ws, "flyctl", find(load(ws.root / FILE), "flyctl"))


@task(many="names", name="install", help={"names": "tools; all of them when none is named"})
def install_tools(c: Context, names: Sequence[str] = ()) -> None:
    """Install the pinned tools, or those named, verified, in .tools/bin.

    What is installed and unchanged is left alone; what was changed is repaired. Of a tool that people install
    by hand, it is checked that it is there and new enough.
    """
    ws = workspace(c)
    pins = load(ws.root / FILE)
    wanted = {name: find(pins, name) for name in names or pins}
    failed: list[tuple[str, Failure]] = []
    for name, pin in wanted.items():
        try:
            _install(ws, name, pin)
        except Failure as failure:
            if len(wanted) == 1:
                raise
            ws.console.say(f"error: {failure}")
            failed.append((name, failure))
    if failed:
        ws.console.say(f"not installed: {', '.join(name for name, _ in failed)}")
        end(failed[0][1].exit_code)


@task(name="list", help={"json": "the same as JSON"})
def list_tools(c: Context, json: bool = False) -> None:
    """Show each tool, its pin, whether it is here, and what to do if not."""
    ws = workspace(c)
    found = inventory.inspect(ws)
    if json:
        ws.console.json(found)
        return
    rows = [(one.name, one.version, one.state, one.path or "-", one.next) for one in found]
    ws.console.table(("tool", "pinned", "state", "path", "next"), rows)


@task(help={"name": "the tool", "version": "as its release names it, 0.4.87"})
def pin(c: Context, name: str, version: str) -> None:
    """Confirm a version from two sources and write it into pins.toml.

    It must be a day old. The archives of all platforms are downloaded: the programs in them are pinned, too.
    """
    ws = workspace(c)
    number = pinning.parse_version(version)
    path = ws.root / FILE
    current = find(load(path), name)
    if ws.dry:
        ws.console.out(f"would confirm {name} {number} (now {current.version}) and write it into {FILE}")
        return
    desk = pinning.Desk(path, inventory.store(ws), ws.console, ws.runner, ws.environment.variables)
    if pinning.pin(name, current, number, desk):
        ws.console.say(f"{name} {number} is pinned; next: git diff {FILE}; inv tools.install {name}")
    else:
        ws.console.say(f"{name} {number} was pinned already, and is still the same")


@task(name="exec", help={"name": "the tool; its arguments follow --"})
def execute(c: Context, name: str) -> None:
    """Run a pinned tool with the arguments after --, wherever PATH leads.

    It ends with the tool's exit code. In the sandbox, flyctl is the simulated one.
    """
    ws = workspace(c)
    pin = find(load(ws.root / FILE), name)
    program = name if ws.sandbox and name == "flyctl" else inventory.program(ws, name, pin)
    if program is None:
        raise Failure(
            f"{name} {pin.version} is not installed, or was changed", fix=f"inv tools.install {name}"
        )
    result = ws.runner.stream([str(program), *ws.passthrough], changes=True, env={"FLY_NO_UPDATE_CHECK": "1"})
    end(result.code)


def collection() -> Collection:
    """Return the group `tools`; by itself it lists."""
    group = Collection("tools")
    for one in (install_flyctl, install_tools, pin, execute):
        group.add_task(one)
    group.add_task(list_tools, default=True)
    return group


def _install(ws: Workspace, name: str, pin: Pin) -> None:
    """Make sure of one tool, and say how it is now.

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
