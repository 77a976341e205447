"""`volumes`: list, show, create, extend, fork, destroy, and snapshots."""

from __future__ import annotations

from pkg.flysim.flyctl import records
from pkg.flysim.flyctl.errors import ApiFailed, Failed
from pkg.flysim.flyctl.render import ago, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call, Json

COLUMNS = ("ID", "STATE", "NAME", "SIZE", "REGION", "ZONE", "ENCRYPTED", "ATTACHED VM", "CREATED AT")
SNAPSHOT_COLUMNS = ("ID", "STATUS", "SIZE", "CREATED AT", "RETENTION DAYS")
NO_ID = "volume ID must be specified when not running interactively"
NO_ANSWER = "yes flag must be specified when not running interactively"


def _path(call: Call, volume: str | None = None) -> str:
    return f"/v1/apps/{call.app}/volumes" + ("" if volume is None else f"/{volume}")


def _id(call: Call) -> str:
    if not call.operands:
        raise Failed(NO_ID)
    return call.operands[0]


def _get(call: Call, volume: str, failure: str) -> Json:
    try:
        found: Json = call.api.get(_path(call, volume))
    except ApiFailed as error:
        raise Failed(f"{failure}: failed to get volume {volume}: {error}") from error
    return found


def list_volumes(call: Call) -> None:
    """List the volumes; recorded: operate.json#57, operate.json#58, deploys.json#18."""
    try:
        volumes = call.api.get(_path(call))
    except ApiFailed as error:
        raise Failed(f"failed retrieving volumes: {error}") from error
    if call.switch("json"):
        call.json([records.volume(volume) for volume in volumes])
        return
    now = call.clock.now()
    rows = [
        (
            volume["id"],
            volume["state"],
            volume["name"],
            f"{volume['size_gb']}GB",
            volume["region"],
            volume["zone"],
            str(volume["encrypted"]).lower(),
            volume["attached_machine_id"] or "",
            ago(now - records.seconds(volume["created_at"])),
        )
        for volume in volumes
    ]
    call.stdout.write(table(COLUMNS, rows))


def show(call: Call) -> None:
    """Show one; recorded: operate.json#59, operate.json#60."""
    _print(call, _get(call, _id(call), "failed retrieving volume"))


def _print(call: Call, volume: Json) -> None:
    if call.switch("json"):
        call.json(records.volume(volume))
        return
    from datetime import UTC, datetime

    created = datetime.fromtimestamp(records.seconds(volume["created_at"]), UTC)
    facts = {
        "ID": volume["id"],
        "Name": volume["name"],
        "App": call.app,
        "Region": volume["region"],
        "Zone": volume["zone"],
        "Size GB": volume["size_gb"],
        "Encrypted": str(volume["encrypted"]).lower(),
        "Created at": created.strftime("%d %b %y %H:%M UTC"),
        "Snapshot retention": volume["snapshot_retention"],
        "Scheduled snapshots": str(volume["auto_backup_enabled"]).lower(),
    }
    for name, value in facts.items():
        call.out(f"{name:>20}: {value}")


def create(call: Call) -> None:
    """Make volumes; recorded: operate.json#61, operate.json#62, deploys.json#36."""
    call.api.graphql("query appbasic:app", appName=call.app)
    platform = call.api.graphql("query platform")["platform"]
    region = call.text("region") or (call.manifest.region if call.manifest else "")
    if not region:
        raise Failed("region code must be specified when not running interactively")
    if region not in {each["code"] for each in platform["regions"]}:
        raise Failed(f"region {region} not found")
    count = max(1, call.number("count"))
    made = [_create(call, region) for _ in range(count)]
    if count > 1 and call.switch("json"):
        call.json([records.volume(volume) for volume in made])
        return
    for volume in made:
        _print(call, volume)


def _create(call: Call, region: str) -> Json:
    body = {
        "name": call.operands[0],
        "region": region,
        "size_gb": call.number("size"),
        "encrypted": not call.switch("no-encryption"),
        "require_unique_zone": call.switch("require-unique-zone"),
        "snapshot_id": call.text("snapshot-id") or None,
        "snapshot_retention": call.number("snapshot-retention"),
        "auto_backup_enabled": call.switch("scheduled-snapshots"),
        "fstype": None,
        "source_volume_id": None,
    }
    try:
        made: Json = call.api.post(_path(call), body)
    except ApiFailed as error:
        raise Failed(f"failed creating volume: failed to create volume: {error}") from error
    return made


def extend(call: Call) -> None:
    """Make a volume larger; recorded: operate.json#63, operate.json#64."""
    volume = _id(call)
    text = call.text("size").lower().removesuffix("gb")
    if text.startswith("+") and text[1:].isdigit():
        size = _get(call, volume, "failed to get volume")["size_gb"] + int(text[1:])
    elif text.isdigit():
        size = int(text)
    else:
        raise Failed("Volume size must be specified")
    call.api.graphql("query appbasic:app", appName=call.app)
    try:
        answer = call.api.request("PUT", f"{_path(call, volume)}/extend", body={"size_gb": size})
    except ApiFailed as error:
        raise Failed(f"failed to extend volume: failed to extend volume {volume}: {error}") from error
    _print(call, answer["volume"])
    if not call.switch("json"):
        call.out(
            "The Machine needs a restart to see the new size"
            if answer["needs_restart"]
            else "Your Machine got its volume size extended without needing a restart"
        )


def fork(call: Call) -> None:
    """Make a copy of a volume; without --region its region is not told.

    recorded: deploys.json#40, deploys.json#41, release.json#18.
    """
    volume = _get(call, _id(call), "failed to get volume")
    body = {
        "name": call.text("name") or volume["name"],
        "region": call.text("region"),
        "source_volume_id": volume["id"],
        "require_unique_zone": call.switch("require-unique-zone"),
    }
    try:
        made = call.api.post(_path(call), body)
    except ApiFailed as error:
        raise Failed(f"failed to fork volume: {error}") from error
    _print(call, made)


def destroy(call: Call) -> None:
    """Destroy volumes; recorded: operate.json#65, operate.json#66."""
    if not call.operands:
        raise Failed(NO_ID)
    for ident in call.operands:
        volume = _get(call, ident, "failed to get volume")
        if not call.asked:
            call.say("Deleting a volume is not reversible.")
            raise Failed(NO_ANSWER)
        try:
            call.api.delete(_path(call, ident))
        except ApiFailed as error:
            raise Failed(f"failed destroying volume: {error}") from error
        call.out(f"Destroyed volume ID: {ident} name: {volume['name']}")


def update(call: Call) -> None:
    """Change how snapshots are made and kept.

    derived: flyctl's source, internal/command/volumes/update.go.
    """
    body: Json = {}
    if call.given("snapshot-retention"):
        body["snapshot_retention"] = call.number("snapshot-retention")
    if call.given("scheduled-snapshots"):
        body["auto_backup_enabled"] = call.switch("scheduled-snapshots")
    try:
        changed = call.api.request("PUT", _path(call, call.operands[0]), body=body)
    except ApiFailed as error:
        raise Failed(f"failed to update volume: {error}") from error
    _print(call, changed)


def list_snapshots(call: Call) -> None:
    """List the snapshots of a volume; recorded: deploys.json#37, deploys.json#38."""
    volume = call.operands[0]
    try:
        snapshots = call.api.get(f"{_path(call, volume)}/snapshots")
    except ApiFailed as error:
        raise Failed(f"failed retrieving snapshots: {error}") from error
    if call.switch("json"):
        call.json(snapshots)
    elif not snapshots:
        call.say(f"No snapshots available for volume {volume}")
    else:
        now = call.clock.now()
        rows = [
            (
                snapshot["id"],
                snapshot["status"],
                f"{snapshot['size'] / 1024:.1f} KiB",
                ago(now - records.seconds(snapshot["created_at"])),
                str(snapshot["retention_days"]),
            )
            for snapshot in snapshots
        ]
        call.stdout.write(table(SNAPSHOT_COLUMNS, rows, title="Snapshots"))


def create_snapshot(call: Call) -> None:
    """Make a snapshot; recorded: deploys.json#39."""
    volume = call.operands[0]
    try:
        call.api.post(f"{_path(call, volume)}/snapshots")
    except ApiFailed as error:
        raise Failed(f"failed creating snapshot: {error}") from error
    if call.switch("json"):
        call.json({})
    else:
        call.out(f"Scheduled to snapshot volume {volume}")
