"""The tasks `tools.*`: install the pinned tools, look at them, run them, move a pin."""

from collections.abc import Sequence

from invoke import Collection, Context

from pkg.shell.cli import end, task, workspace


@task
def install_flyctl(c: Context) -> None:
    """Install the pinned flyctl, verified, and link it in .tools/bin."""
    from pkg.tools.ensure import ensure
    from pkg.tools.pins import FILE, find, load

    ws = workspace(c)
    ensure(ws, "flyctl", find(load(ws.root / FILE), "flyctl"))


@task(many="names", name="install", help={"names": "tools; all of them when none is named"})
def install_tools(c: Context, names: Sequence[str] = ()) -> None:
    """Install the pinned tools, or those named, verified, in .tools/bin.

    What is installed and unchanged is left alone; what was changed is repaired. Of a tool that people install
    by hand, it is checked that it is there and new enough.
    """
    from pkg.shell.errors import Failure
    from pkg.tools.ensure import ensure
    from pkg.tools.pins import FILE, find, load

    ws = workspace(c)
    pins = load(ws.root / FILE)
    wanted = {name: find(pins, name) for name in names or pins}
    failed: list[tuple[str, Failure]] = []
    for name, pin in wanted.items():
        try:
            ensure(ws, name, pin)
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
    from pkg.tools import inventory

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
    from pkg.tools import inventory
    from pkg.tools import pin as pinning
    from pkg.tools.pins import FILE, find, load

    ws = workspace(c)
    path = ws.root / FILE
    current = find(load(path), name)
    number = pinning.parse_version(version)
    if ws.dry:
        ws.console.out(f"would confirm {name} {number} (now {current.version}) and write it into {FILE}")
        return
    desk = pinning.Desk(path, inventory.store(ws), ws.console, ws.runner, ws.environment.variables)
    if pinning.pin(name, current, number, desk):
        ws.console.say(f"{name} {number} is pinned; next: git diff {FILE}; inv tools.install {name}")
    else:
        ws.console.say(f"{name} {number} was pinned already, and is still the same")


@task(name="exec", passes_on=True, help={"name": "the tool; its arguments follow --"})
def execute(c: Context, name: str) -> None:
    """Run a pinned tool with the arguments after --, wherever PATH leads.

    It ends with the tool's exit code. In the sandbox, flyctl is the simulated one.
    """
    from pkg.shell.errors import Failure
    from pkg.tools import inventory

    ws = workspace(c)
    if ws.sandbox and name == "flyctl":
        program = name
    else:
        found = inventory.look(ws, name)
        if not found.sound:
            raise Failure(f"{name} {found.version} cannot be used: {found.state}", fix=found.next)
        program = found.path
    result = ws.runner.stream([program, *ws.passthrough], changes=True, env={"FLY_NO_UPDATE_CHECK": "1"})
    end(result.code)


def collection() -> Collection:
    """Return the group `tools`; by itself it lists."""
    group = Collection("tools")
    for one in (install_flyctl, install_tools, pin, execute):
        group.add_task(one)
    group.add_task(list_tools, default=True)
    return group
