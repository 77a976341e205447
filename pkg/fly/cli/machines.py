"""`inv fly.machines`: what runs where."""

from invoke import Collection, Context

from pkg.fly.cli import machine_making, machine_verbs
from pkg.fly.cli.options import COMMON, JSON, the_app
from pkg.shell.cli import task, workspace


@task(name="list", default=True, help={**COMMON, "json": JSON})
def list_(c: Context, app: str = "", config: str = "", json: bool = False) -> None:
    """List an app's machines: what each runs, and how it is."""
    from pkg.fly.cli.words import COLUMNS, machine_json, machine_rows
    from pkg.fly.connect import connect
    from pkg.fly.health import GONE, judge
    from pkg.fly.seen import remember

    ws = workspace(c)
    name = the_app(ws, app, config)
    found = [judge(machine) for machine in connect(ws).machine_list(name) if machine.state not in GONE]
    found.sort(key=lambda machine: (machine.group, machine.region, machine.id))
    remember(ws.state, name, found)
    if json:
        ws.console.json([machine_json(machine) for machine in found])
    elif found:
        ws.console.table(COLUMNS, machine_rows(found))
    else:
        ws.console.say(f"{name} has no machines; `inv fly.deploy -a {name}` makes the first")


def collection() -> Collection:
    """Return the collection `machines`, whose default lists."""
    found = Collection("machines")
    for each in (list_, *machine_making.TASKS, *machine_verbs.TASKS):
        found.add_task(each)
    return found
