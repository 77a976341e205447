"""Machines: made, listed, changed and destroyed, as Fly's Machines API does it."""

from __future__ import annotations

from pkg.flysim.platform import configs, images, leases, volumes
from pkg.flysim.platform.call import ApiError, Call, Response
from pkg.flysim.platform.checks import checks
from pkg.flysim.platform.clock import rfc3339
from pkg.flysim.platform.regions import DEFAULT_REGION, known_region
from pkg.flysim.platform.store import Json, Session
from pkg.flysim.platform.transitions import STARTED, Mover, count_read, is_one_shot, observe

KIND = "machine"
GONE = "gone machine"
GONE_KEPT = 100
DESTROYED = "destroyed"


def view(machine: Json, settings: Json, now: float) -> Json:
    """A machine as the API shows it."""
    return {
        "id": machine["id"],
        "name": machine["name"],
        "state": machine["state"],
        "region": machine["region"],
        "image_ref": machine["image"],
        "instance_id": machine["instance_id"],
        "version": machine["version"],
        "private_ip": machine["private_ip"],
        "created_at": rfc3339(machine["created"]),
        "updated_at": rfc3339(machine["updated"]),
        "config": machine["config"],
        "events": machine["events"],
        "checks": checks(machine, settings, now),
        "host_status": "ok",
        "cordoned": machine["cordoned"],
    }


def find(call: Call) -> Json:
    """The machine in the path, as it is now; 404 when the app has none of that id."""
    ident = call.params["machine"]
    machine = call.session.get(KIND, ident) or call.session.get(GONE, ident)
    if machine is None or machine["app"] != call.app:
        raise ApiError(404, "machine not found")
    return _seen(call, machine)


def save(call: Call, machine: Json) -> None:
    """Keep a machine."""
    call.session.put(KIND, machine["id"], machine, app=machine["app"])


def mover(call: Call, machine: Json) -> Mover:
    """What moves a machine in this call."""
    return Mover(machine, now=call.now, settings=call.session.settings, ids=call.ids)


def all_of(call: Call, app: str) -> list[Json]:
    """The machines that an app has or had, as they are now, oldest first."""
    found = [*_of_kind(call, GONE, app), *_of_kind(call, KIND, app)]
    return sorted(found, key=lambda machine: int(machine["number"]))


def live(call: Call, app: str) -> list[Json]:
    """The machines of an app that are not destroyed, oldest first."""
    return [machine for machine in _of_kind(call, KIND, app) if machine["state"] != DESTROYED]


def count(session: Session, app: str) -> int:
    """How many machines an app has or had."""
    return session.count(KIND, app) + session.count(GONE, app)


def _of_kind(call: Call, kind: str, app: str) -> list[Json]:
    return [_seen(call, machine) for machine in call.session.all(kind, app)]


def _seen(call: Call, machine: Json) -> Json:
    """The machine as it is now. Where steps wait for reads, this is one, and is kept."""
    if call.session.settings.get("reads"):
        counted = count_read(machine, call.now)
        if counted is not machine:
            machine = counted
            save(call, machine)
    return observe(machine, call.now)


def list_all(call: Call) -> Response:
    """The app's machines; `include_deleted`, `state`, `region` and `metadata.KEY` in the query choose."""
    include_deleted = call.query.get("include_deleted") == "true"
    found = all_of(call, call.app) if include_deleted else live(call, call.app)
    settings = call.session.settings
    return Response(200, [view(machine, settings, call.now) for machine in found if _matches(machine, call)])


def _matches(machine: Json, call: Call) -> bool:
    for name, value in call.query.items():
        if name in {"state", "region"} and value and machine[name] not in value.split(","):
            return False
        if name.startswith("metadata."):
            metadata = machine["config"].get("metadata") or {}
            if metadata.get(name.removeprefix("metadata.")) != value:
                return False
    return True


def show(call: Call) -> Response:
    """One machine, destroyed ones too."""
    return Response(200, view(find(call), call.session.settings, call.now))


def create(call: Call) -> Response:
    """Make a machine from an image; it starts, unless `skip_launch`."""
    app = call.app
    config = configs.checked(call.body.get("config"))
    image = _image(call, config)
    region = known_region(call.text("region") or DEFAULT_REGION)
    number = call.ids.number()
    machine: Json = {
        "id": call.ids.of("m", number, 14),
        "number": number,
        "app": app,
        "name": call.text("name") or f"quiet-river-{number:04d}",
        "state": "created",
        "region": region,
        "image": image.body,
        "instance_id": call.ids.of("i", number, 26).upper(),
        "version": call.ids.of("v", number, 26).upper(),
        "private_ip": f"fdaa:0:1:a7b:1:{number:x}:0:2",
        "created": call.now,
        "updated": call.now,
        "started": call.now,
        "boots": 0,
        "config": config,
        "secrets_version": _secrets_version(call),
        "cordoned": False,
        "events": [],
        "pending": [],
    }
    _check_name(call, machine)
    if is_one_shot(machine):
        _bury(call)
    volumes.attach(call, machine)
    machine = mover(call, machine).launch(start=not call.body.get("skip_launch"))
    save(call, machine)
    return Response(200, view(machine, call.session.settings, call.now))


def _check_name(call: Call, machine: Json) -> None:
    """Refuse a given name that a live machine has; the names that the simulation gives are all different."""
    if call.body.get("name") and any(
        other["name"] == machine["name"] for other in live(call, machine["app"])
    ):
        raise ApiError(
            409,
            "already_exists: unique machine name violation,"
            f" machine ID with name {machine['name']} already exists",
        )


def _secrets_version(call: Call) -> int:
    """The version of the app's secrets that a machine gets with its configuration."""
    return int((call.session.get("app", call.app) or {}).get("secrets_version", 0))


def update(call: Call) -> Response:
    """Give a machine another configuration; it is replaced in place, and starts unless `skip_launch`."""
    machine = find(call)
    leases.check(call, machine)
    if machine["state"] in {"destroying", DESTROYED}:
        raise ApiError(404, "machine not found")
    config = configs.checked(call.body.get("config"))
    image = _image(call, config)
    machine = {
        **machine,
        "name": call.text("name") or machine["name"],
        "image": image.body,
        "config": config,
        "secrets_version": _secrets_version(call),
        "instance_id": call.ids.new("i", 26).upper(),
    }
    volumes.attach(call, machine)
    machine = mover(call, machine).replace(start=not call.body.get("skip_launch"))
    save(call, machine)
    return Response(200, view(machine, call.session.settings, call.now))


def destroy(call: Call) -> Response:
    """Destroy a machine; one that runs only with `kill` or `force`."""
    machine = find(call)
    leases.check(call, machine)
    forced = "true" in {call.query.get("kill"), call.query.get("force")}
    if machine["state"] == DESTROYED:
        return Response(200, {"ok": True})
    if machine["state"] == STARTED and not forced:
        raise ApiError(
            412, "failed_precondition: unable to destroy machine, not currently stopped or suspended"
        )
    volumes.detach(call, machine["id"])
    leases.release(call, machine["id"])
    save(call, mover(call, machine).destroy())
    _bury(call)
    return Response(200, {"ok": True})


def _bury(call: Call) -> None:
    """Put destroyed machines where lists need not pass them by, and forget the oldest of them."""
    for machine in _of_kind(call, KIND, call.app):
        if machine["state"] == DESTROYED:
            call.session.delete(KIND, machine["id"])
            call.session.put(GONE, machine["id"], machine, app=machine["app"])
    call.session.delete_oldest(GONE, call.app, GONE_KEPT)


def _image(call: Call, config: Json) -> images.Image:
    known = call.session.settings.get("images", {})
    image = images.parse(config["image"], known)
    if image is None or not images.exists(image, known):
        raise ApiError(404, f'not_found: could not find image "{config["image"]}"')
    return image
