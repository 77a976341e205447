"""Volumes: made, forked, extended, attached to machines, destroyed; and their snapshots."""

from __future__ import annotations

from pkg.flysim.platform.call import ApiError, Call, Response
from pkg.flysim.platform.regions import DEFAULT_REGION, known_region
from pkg.flysim.platform.store import Json

KIND = "volume"
SNAPSHOT = "snapshot"
DEFAULT_SIZE_GB = 1
MAX_SIZE_GB = 500
RETENTION_DAYS = 5


def find(call: Call) -> Json:
    """The volume in the path; 404 when the app has none of that id."""
    return _named(call, call.params["volume"])


def _named(call: Call, ident: str) -> Json:
    volume = call.session.get(KIND, ident)
    if volume is None or volume["app"] != call.app:
        raise ApiError(404, f"not found: '{ident}'")
    return volume


def view(volume: Json) -> Json:
    """A volume as the API shows it."""
    return {key: value for key, value in volume.items() if key != "app"}


def _save(call: Call, volume: Json) -> None:
    call.session.put(KIND, volume["id"], volume, app=volume["app"])


def list_all(call: Call) -> Response:
    """The app's volumes."""
    return Response(200, [view(volume) for volume in call.session.all(KIND, call.app)])


def show(call: Call) -> Response:
    """One volume."""
    return Response(200, view(find(call)))


def create(call: Call) -> Response:
    """Make a volume: empty, from a snapshot, or as a fork of another."""
    app = call.app
    source = _named(call, call.text("source_volume_id")) if call.body.get("source_volume_id") else None
    if call.body.get("snapshot_id") and call.session.get(SNAPSHOT, call.text("snapshot_id")) is None:
        raise ApiError(404, f"not found: '{call.text('snapshot_id')}'")
    name = call.text("name")
    if not name or not name.replace("_", "").isalnum() or len(name) > 30:
        raise ApiError(
            422, "Validation failed: name must be 1 to 30 lowercase letters, digits and underscores"
        )
    number = call.ids.number()
    volume: Json = {
        "id": f"vol_{call.ids.of('v', number, 16)}",
        "app": app,
        "name": name,
        "state": "created",
        "size_gb": _size(call, source["size_gb"] if source else DEFAULT_SIZE_GB),
        "region": known_region(call.text("region") or (source["region"] if source else DEFAULT_REGION)),
        "zone": call.ids.of("z", number, 4),
        "encrypted": True,
        "attached_machine_id": None,
        "attached_alloc_id": None,
        "created_at": call.timestamp,
        "host_dedication_id": "",
        "snapshot_retention": call.integer("snapshot_retention", RETENTION_DAYS),
        "auto_backup_enabled": call.body.get("auto_backup_enabled") is not False,
        "host_status": "ok",
    }
    _save(call, volume)
    return Response(201, view(volume))


def update(call: Call) -> Response:
    """Change how snapshots of a volume are made and kept."""
    volume = find(call)
    volume["snapshot_retention"] = call.integer("snapshot_retention", volume["snapshot_retention"])
    if isinstance(call.body.get("auto_backup_enabled"), bool):
        volume["auto_backup_enabled"] = call.body["auto_backup_enabled"]
    _save(call, volume)
    return Response(200, view(volume))


def extend(call: Call) -> Response:
    """Make a volume larger; it never gets smaller."""
    volume = find(call)
    size = _size(call, 0)
    if size < volume["size_gb"]:
        raise ApiError(
            422, f"volume size must be at least {volume['size_gb']} GB: a volume cannot be made smaller"
        )
    volume["size_gb"] = size
    _save(call, volume)
    return Response(200, {"volume": view(volume), "needs_restart": False})


def destroy(call: Call) -> Response:
    """Destroy a volume, with its snapshots' schedule; it is gone from the list at once."""
    volume = find(call)
    call.session.delete(KIND, volume["id"])
    return Response(200, view({**volume, "state": "pending_destroy"}))


def list_snapshots(call: Call) -> Response:
    """The snapshots of a volume, newest first."""
    return Response(200, call.session.newest(SNAPSHOT, find(call)["id"], 100))


def create_snapshot(call: Call) -> Response:
    """Make a snapshot. The answer is an empty list, as recorded; `list_snapshots` has it."""
    volume = find(call)
    number = call.ids.number()
    snapshot: Json = {
        "id": f"vs_{call.ids.of('vs', number, 16)}",
        "size": 4096,
        "volume_size": volume["size_gb"] * 1024**3,
        "digest": call.ids.of("snapshot", number, 64),
        "created_at": call.timestamp,
        "status": "created",
        "retention_days": volume["snapshot_retention"],
    }
    call.session.put(SNAPSHOT, snapshot["id"], snapshot, app=volume["id"])
    return Response(200, [])


def attach(call: Call, machine: Json) -> None:
    """Attach the volumes that a machine mounts, and let go of those it no longer does."""
    mounts = [mount for mount in machine["config"].get("mounts") or [] if isinstance(mount, dict)]
    wanted = [str(mount["volume"]) for mount in mounts if mount.get("volume")]
    detach(call, machine["id"], keep=wanted)
    for ident in wanted:
        volume = _named(call, ident)
        if volume["attached_machine_id"] not in {None, machine["id"]}:
            raise ApiError(
                412,
                f"failed_precondition: volume {ident} is attached to machine {volume['attached_machine_id']}",
            )
        if volume["region"] != machine["region"]:
            raise ApiError(
                412,
                f"failed_precondition: volume {ident} is in {volume['region']}, not in {machine['region']}",
            )
        _save(call, {**volume, "attached_machine_id": machine["id"]})


def detach(call: Call, machine_id: str, *, keep: list[str] | None = None) -> None:
    """Let go of a machine's volumes, but for those to keep."""
    for volume in call.session.all(KIND, call.params["app"]):
        if volume["attached_machine_id"] == machine_id and volume["id"] not in (keep or []):
            _save(call, {**volume, "attached_machine_id": None})


def _size(call: Call, default: int) -> int:
    size = call.integer("size_gb", default)
    if not 1 <= size <= MAX_SIZE_GB:
        raise ApiError(422, f"volume size must be between 1 and {MAX_SIZE_GB} GB")
    return size
