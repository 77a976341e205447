"""`inv fly.status`: how an app is, or all apps of the repo."""

from typing import TYPE_CHECKING, Any

from invoke import Context

from pkg.fly.cli.options import COMMON, JSON, the_app
from pkg.shell.cli import end, task, workspace
from pkg.shell.errors import BadInput
from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    from pkg.fly.overview import Overview
    from pkg.shell.console import Console


@task(
    help={
        **COMMON,
        "all": "every app that has a manifest here, the worst first",
        "watch": "show it again and again, until Ctrl-C",
        "json": JSON,
    }
)
def status(
    c: Context,
    *,
    app: str = "",
    config: str = "",
    all_: bool = False,
    watch: bool = False,
    json: bool = False,
) -> None:
    """Show the health of an app, or of all; exit 1 when unhealthy."""
    ws = workspace(c)
    if all_ and (app or config):
        raise BadInput(
            f"--all and {'--app' if app else '--config'} exclude each other",
            meaning="nothing was asked",
            fix="give --all for every app of this repo, or -a or -c for one",
        )
    name = "" if all_ else the_app(ws, app, config)

    def show(shown: Workspace) -> int:
        return _every(shown, json=json) if all_ else _one(shown, name, json=json)

    if not watch:
        end(show(ws))
        return
    from pkg.fly.cli import watching
    from pkg.fly.connect import tick

    end(watching.watch(ws, show, tick(ws)))


def _one(ws: Workspace, app: str, *, json: bool) -> int:
    from pkg.fly.cli.words import COLUMNS, machine_rows
    from pkg.fly.connect import connect
    from pkg.fly.overview import overview

    found = overview(ws, connect(ws), app)
    if json:
        ws.console.json(_json(found, ws.console))
    else:
        ws.console.out(f"{found.app}: {found.summary}")
        if found.machines or found.by_hand:
            ws.console.table(COLUMNS, machine_rows([*found.machines, *found.by_hand]))
    if found.down:
        ws.console.say(f"next: `inv fly.machines.start {','.join(found.down)} -a {found.app}`")
    if found.unfinished:
        ws.console.say(f"note: {found.unfinished}")
    if found.journal_error:
        ws.console.say(f"note: {found.journal_error}")
    return 0 if found.well else 1


def _every(ws: Workspace, *, json: bool) -> int:
    from pkg.fly.connect import connect
    from pkg.fly.overview import all_overviews, worst_first

    found = worst_first(all_overviews(ws, connect(ws)))
    if json:
        ws.console.json([_json(each, ws.console) for each in found])
    else:
        ws.console.table(("APP", "HEALTH"), [(each.app, each.summary) for each in found])
    for each in found:
        if each.unfinished:
            ws.console.say(f"note: {each.app}: {each.unfinished}")
        if each.journal_error:
            ws.console.say_once(f"note: {each.journal_error}")
    return 0 if all(each.well for each in found) else 1


def _json(found: "Overview", console: "Console") -> dict[str, Any]:
    from msgspec import structs

    from pkg.fly.cli.words import machine_json
    from pkg.fly.health import one_image

    cut = found.unfinished
    image = one_image(found.machines)
    return {
        "app": found.app,
        "health": None if found.health is None else str(found.health),
        "image": str(image) if image else None,
        "machines": [machine_json(machine) for machine in found.machines],
        "by_hand": [machine_json(machine) for machine in found.by_hand],
        "down": found.down,
        "unfinished": cut and structs.replace(cut, next=console.advice(cut.next)),
        "journal_error": found.journal_error,
        "error": found.error,
    }
