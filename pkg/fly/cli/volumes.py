"""`inv fly.volumes`: what there is, what is wrong with it, and making more."""

from typing import TYPE_CHECKING

from invoke import Collection, Context

from pkg.fly.cli.changing import helped, note, stamp
from pkg.fly.cli.options import COMMON, JSON, the_app, the_manifest
from pkg.shell.cli import end, task, workspace
from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pkg.fly.models import Volume

COLUMNS = ("VOLUME", "NAME", "SIZE", "REGION", "STATE", "MACHINE", "SNAPSHOTS KEPT")


@task(name="list", default=True, help={**COMMON, "json": JSON})
def list_(c: Context, app: str = "", config: str = "", json: bool = False) -> None:
    """List an app's volumes: where each is, and which machine has it."""
    from pkg.fly.connect import connect

    ws = workspace(c)
    name = the_app(ws, app, config)
    found = connect(ws).volumes_list(name)
    if json:
        ws.console.json(found)
    elif found:
        ws.console.table(COLUMNS, [_row(volume) for volume in found])
    else:
        ws.console.say(f"{name} has no volumes; `inv fly.volumes.create NAME -a {name}` makes one")


@task(
    help=helped(
        "json",
        name="the volume's name, as the manifest's mounts call it",
        region="where; by default the manifest's primary_region",
        size="gigabytes",
        count="how many to make",
        snapshot="fill it from this snapshot",
    )
)
def create(
    c: Context,
    name: str,
    *,
    app: str = "",
    config: str = "",
    region: str = "",
    size: int = 1,
    count: int = 1,
    snapshot: str = "",
    json: bool = False,
) -> None:
    """Make volumes; a run after one that was cut off makes none twice."""
    from pkg.fly import regions
    from pkg.fly.intent import FOLDER, intended, nothing_new
    from pkg.fly.volume_making import make, require

    ws = workspace(c)
    owner = the_app(ws, app, config)
    where = region or the_manifest(ws, app, config).primary_region
    require(name, where, size, count)
    from pkg.fly.connect import connect

    flyctl = connect(ws)
    regions.require(flyctl, region)
    began = ws.clock.monotonic()

    def there() -> list[str]:
        return [volume.id for volume in flyctl.volumes_list(owner)]

    with intended(
        None if ws.dry else ws.state / FOLDER,
        task="fly.volumes.create",
        app=owner,
        what=f"{name} {where} {size} {count} {snapshot}".strip(),
        at=stamp(ws),
        known=there,
        clean=nothing_new(there),
    ) as pending:
        made = make(
            flyctl,
            owner,
            name,
            region=where,
            size=size,
            count=count,
            snapshot=snapshot,
            known=pending.intent.known,
            resumed=pending.resumed,
            say=ws.console.say,
        )
        pending.done()
    note(ws, "fly.volumes.create", owner, [f"{volume.id}: {volume.name}" for volume in made], began=began)
    _show(ws, made, json=json)


@task(help=helped("json", volume="the volume's id", size="gigabytes that it shall have; it never shrinks"))
def extend(
    c: Context, volume: str, *, size: int = 0, app: str = "", config: str = "", json: bool = False
) -> None:
    """Make a volume larger."""
    from pkg.fly.connect import connect
    from pkg.fly.volume_making import grow

    ws = workspace(c)
    owner = the_app(ws, app, config)
    began = ws.clock.monotonic()
    grown = grow(connect(ws), owner, volume, size, say=ws.console.say, dry=ws.dry)
    if grown is None:
        return
    note(ws, "fly.volumes.extend", owner, [f"{grown.id}: {grown.size_gb} GB"], began=began)
    _show(ws, [grown], json=json)


@task(help={**COMMON, "json": JSON})
def check(c: Context, *, app: str = "", config: str = "", json: bool = False) -> None:
    """Check volumes against machines, manifest and region; exit 1 when bad.

    What is only untidy, as a volume that no machine has, is listed and ends with 0.
    """
    from pkg.fly.connect import connect
    from pkg.fly.manifest import by_app, find, read
    from pkg.fly.volume_making import examine
    from pkg.fly.volumes import UNTIDY

    ws = workspace(c)
    owner = the_app(ws, app, config)
    manifest = read(find(ws.root, config)) if config else by_app(ws.root, owner)
    found = examine(connect(ws), owner, manifest, now=ws.clock.now())
    grave = any(finding.harm > UNTIDY for finding in found)
    if json:
        from msgspec import structs

        ws.console.json([structs.replace(each, fix=ws.console.advice(each.fix)) for each in found])
    elif found:
        advice = ws.console.advice
        rows = [(each.word, each.about, each.what, advice(each.fix)) for each in found]
        ws.console.table(("HARM", "ABOUT", "WHAT IS WRONG", "WHAT MENDS IT"), rows)
        if not grave:
            ws.console.say("only untidy: nothing is at risk, so this is no failure")
    else:
        ws.console.say(f"the volumes of {owner} are as they should be")
    end(1 if grave else 0)


def _show(ws: Workspace, volumes: "Sequence[Volume]", *, json: bool) -> None:
    if ws.dry:
        return
    if json:
        ws.console.json(list(volumes))
    else:
        ws.console.table(COLUMNS, [_row(volume) for volume in volumes])


def _row(volume: "Volume") -> tuple[str, ...]:
    return (
        volume.id,
        volume.name,
        f"{volume.size_gb} GB",
        volume.region,
        volume.state,
        volume.attached_machine_id or "-",
        str(volume.snapshot_retention or "-"),
    )


def collection() -> Collection:
    """Return the collection `volumes`, whose default lists."""
    found = Collection("volumes")
    for each in (list_, create, extend, check):
        found.add_task(each)
    return found
