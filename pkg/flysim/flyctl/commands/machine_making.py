"""`machine` run, create, clone and update: machines made and changed by hand."""

from __future__ import annotations

import json
import shlex

from pkg.flysim.flyctl import machine as machines
from pkg.flysim.flyctl.commands.machine_control import HEALTH_SECONDS, wait_for, wait_until_healthy
from pkg.flysim.flyctl.deploy import image as images
from pkg.flysim.flyctl.deploy.configuration import GUEST
from pkg.flysim.flyctl.deploy.options import assignments, guest
from pkg.flysim.flyctl.errors import ApiFailed, Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call, Json

RESTARTS = ("no", "always", "on-failure")
NO_ANSWER = "yes flag must be specified when not running interactively"


def run(call: Call) -> None:
    """Make a machine from an image and start it.

    recorded: operate.json#14, operate.json#15, daily.json#48, release.json#15.
    """
    _make(call, start=True)


def create(call: Call) -> None:
    """Make a machine from an image, and do not start it; derived: flyctl's source, the same code as run."""
    _make(call, start=False)


def _make(call: Call, *, start: bool) -> None:
    call.api.graphql("query appcompact:app", appName=call.app)
    call.api.graphql("query appcompact:app", appName=call.app)
    image = call.operands[0] if call.operands else ""
    if not image:
        raise Failed("image argument can't be an empty string")
    build = _image(call, image)
    config: Json = {"init": {}, "guest": {**GUEST}}
    config = _asked(call, config)
    command = call.operands[1:]
    if command:
        config["init"] = {**config["init"], "cmd": command}
    config["image"] = f"{build.reference.partition('@')[0]}@{build.image['digest']}"
    if call.switch("rm"):
        config["auto_destroy"] = True
    mounts = [_mount(call, text) for text in call.texts("volume")]
    if mounts:
        config["mounts"] = mounts
    config["dns"] = {"skip_registration": True} if call.switch("skip-dns-registration") else {}
    body: Json = {
        "config": config,
        "region": call.text("region"),
        "name": call.text("name"),
        "skip_secrets": False,
    }
    if not start or config.get("standbys"):  # derived: flyctl's source, internal/command/machine/run.go
        body["skip_launch"] = True
    call.out(f"Image: {config['image']}\nImage size: {int(build.image['compressedSize']) // 1_000_000} MB\n")
    machine = _launch(call, body)
    if not start:
        call.out(f"Success! A Machine has been successfully created in app {call.app}")
        call.out(
            f" Machine ID: {machine['id']}\n Instance ID: {machine['instance_id']}\n State: "
            f"{machine['state']}"
        )
        return
    call.out(f"Success! A Machine has been successfully launched in app {call.app}")
    call.out(
        f" Machine ID: {machine['id']}\n Instance ID: {machine['instance_id']}\n State: {machine['state']}\n"
    )
    if call.switch("detach") or config.get("standbys"):
        return
    call.out(" Attempting to start machine...\n")
    wait_for(call, machine["id"], "started", HEALTH_SECONDS)
    call.out("==> Monitoring health checks")
    if not machine.get("checks"):
        call.out("No health checks found")
    wait_until_healthy(call, machine["id"])
    call.out(f"\nMachine started, you can connect via the following private ip\n  {machine['private_ip']}")


def _image(call: Call, reference: str) -> images.Build:
    """Look the image of a machine up; a path would be built."""
    if reference.startswith((".", "/")):
        images.refuse_to_build(call, call.path(reference))
    app = call.api.get(f"/v1/apps/{call.app}")
    call.api.get(f"/api/v1/organizations/{app['organization']['slug']}")
    return images.find(call, reference)


def _launch(call: Call, body: Json) -> Json:
    try:
        made: Json = call.api.post(f"/v1/apps/{call.app}/machines", body)
    except ApiFailed as error:
        raise Failed(f"could not launch machine: failed to launch VM: {error}") from error
    return made


def _mount(call: Call, text: str) -> Json:
    """A volume of --volume: its id or name, and where it is mounted."""
    name, colon, path = text.partition(":")
    if not colon:
        raise Failed(f"--volume must be VOLUME:/path/inside/machine, not {text!r}")
    if name.startswith("vol_"):
        return {"volume": name, "path": path.partition(":")[0]}
    volumes = call.api.get(f"/v1/apps/{call.app}/volumes")
    free = [volume for volume in volumes if volume["name"] == name and not volume["attached_machine_id"]]
    if not free:
        raise Failed(f"could not find an unattached volume named {name!r}")
    return {"volume": free[0]["id"], "path": path.partition(":")[0], "name": name}


def _asked(call: Call, config: Json) -> Json:
    """A configuration with what the flags ask for."""
    config = {**config}
    if call.text("machine-config"):
        config.update(_machine_config(call))
    config["guest"] = {**(config.get("guest") or GUEST), **guest(call)}
    for name in ("env", "metadata"):
        if call.given(name):
            config[name] = {**(config.get(name) or {}), **assignments(call.texts(name))}
    init = dict(config.get("init") or {})
    if call.text("entrypoint"):
        init["entrypoint"] = shlex.split(call.text("entrypoint"))
    config["init"] = init
    services = [_service(text) for text in call.texts("port")]
    if services:
        config["services"] = services
    if call.given("restart"):
        if call.text("restart") not in RESTARTS:
            raise Failed(f"invalid restart policy: {call.text('restart')}")
        config["restart"] = {"policy": call.text("restart")}
    if call.given("schedule"):
        config["schedule"] = call.text("schedule")
    if call.given("standby-for"):
        config["standbys"] = call.texts("standby-for")
    return config


def _machine_config(call: Call) -> Json:
    text = call.text("machine-config")
    if not text.lstrip().startswith("{"):
        try:
            with open(call.path(text), encoding="utf-8") as file:  # noqa: PTH123 -- see surface.py
                text = file.read()
        except OSError as error:
            raise Failed(f"failed to read machine config {text}: {error.strerror}") from error
    try:
        config = json.loads(text)
    except ValueError as error:
        raise Failed(f"invalid machine config {text!r}: {error}") from error
    if not isinstance(config, dict):
        raise Failed(f"invalid machine config {text!r}: it must be an object")
    return config


def _service(text: str) -> Json:
    """A service of --port: port[:machinePort][/protocol[:handler…]]."""
    ports, _, rest = text.partition("/")
    protocol, *handlers = rest.split(":") if rest else ["tcp"]
    edge, _, inner = ports.partition(":")
    if not edge.isdigit() or not (inner or edge).isdigit():
        raise Failed(f"invalid port {text!r}")
    port: Json = {"port": int(edge), **({"handlers": handlers} if handlers else {})}
    return {
        "protocol": protocol,
        "internal_port": int(inner or edge),
        "ports": [port],
        "force_instance_key": None,
    }


def update(call: Call) -> None:
    """Change a machine; recorded: operate.json#9, operate.json#11, release.json#14."""
    machine = call.machine(machines.ids(call)[0])
    ident = machine["id"]
    with machines.lease(call, ident) as nonce:
        config = _updated(call, machine)
        if not call.asked and config != machine["config"]:
            raise Failed(NO_ANSWER)
        if config == machine["config"] and not call.asked:
            call.out("No changes to apply")
            return
        start = not (call.switch("skip-start") or config.get("standbys"))
        body: Json = {
            "config": config,
            "region": machine["region"],
            "name": machine["name"],
            "skip_secrets": False,
        }
        call.out(f"Updating machine {ident}")
        try:
            call.api.post(
                f"/v1/apps/{call.app}/machines/{ident}",
                body if start else {**body, "skip_launch": True},
                nonce=nonce,
            )
        except ApiFailed as error:
            raise Failed(f"could not update machine {ident}: failed to update VM {ident}: {error}") from error
        if start and not call.switch("detach"):
            wait_for(call, ident, "settled", float(call.number("wait-timeout")))
            if not call.switch("skip-health-checks"):
                wait_until_healthy(call, ident)
        call.out(f"Machine {ident} updated successfully!")
        call.out(f"\nMonitor machine status here:\nhttps://fly.io/apps/{call.app}/machines/{ident}")


def _updated(call: Call, machine: Json) -> Json:
    config = _asked(call, machine["config"])
    if call.text("command"):
        config["init"] = {**config["init"], "cmd": shlex.split(call.text("command"))}
    if call.text("image"):
        app = call.api.get(f"/v1/apps/{call.app}")
        call.api.get(f"/api/v1/organizations/{app['organization']['slug']}")
        build = images.find(call, call.text("image"))
        config["image"] = f"{build.reference.partition('@')[0]}@{build.image['digest']}"
    if call.text("mount-point"):
        if len(config.get("mounts") or []) != 1:
            raise Failed("Machine doesn't have a volume attached")
        config["mounts"] = [{**config["mounts"][0], "path": call.text("mount-point")}]
    return config


def clone(call: Call) -> None:
    """Make another machine like one; its volume is new and empty.

    recorded: operate.json#12, operate.json#13, release.json#16.
    """
    source = call.machine(machines.ids(call)[0])
    region = call.text("region") or source["region"]
    call.out(f"Cloning Machine {source['id']} into region {region}")
    image = source["image_ref"]
    tag = f":{image['tag']}" if image.get("tag") else ""
    config: Json = {
        **source["config"],
        "image": f"{image['registry']}/{image['repository']}{tag}@{image['digest']}",
    }
    mounts = [_cloned_mount(call, mount, region) for mount in config.get("mounts") or []]
    if mounts:
        config["mounts"] = mounts
    config["guest"] = {**(config.get("guest") or GUEST), **guest(call)}
    if call.given("standby-for"):
        config["standbys"] = call.texts("standby-for")
    if call.switch("clear-auto-destroy"):
        config.pop("auto_destroy", None)
    call.out(f"Provisioning a new Machine with image {source['config']['image']}...")
    body: Json = {"config": config, "region": region, "name": call.text("name"), "skip_secrets": False}
    if config.get("standbys"):  # derived: flyctl's source, internal/command/machine/clone.go
        body["skip_launch"] = True
    machine = _launch(call, body)
    call.out(f"  Machine {machine['id']} has been created...")
    if not (call.switch("detach") or config.get("standbys")):
        call.out(f"  Waiting for Machine {machine['id']} to start...")
        wait_for(call, machine["id"], "started", HEALTH_SECONDS)
        wait_until_healthy(call, machine["id"])
    call.out("Machine has been successfully cloned!")


def _cloned_mount(call: Call, mount: Json, region: str) -> Json:
    """A mount of a clone: a given volume, or a new one; it carries no name; recorded: http.jsonl#129."""
    volumes = f"/v1/apps/{call.app}/volumes"
    given = call.text("attach-volume").partition(":")[0]
    if given:
        call.out(f"Attaching existing volume {given}")
        try:
            volume = call.api.get(f"{volumes}/{given}")
        except ApiFailed as error:
            raise Failed(f"could not get existing volume: {error}") from error
        if volume["attached_machine_id"]:
            raise Failed(f"volume {given} is already attached to a machine")
        return {"path": mount["path"], "volume": given}
    name = mount.get("name") or call.api.get(f"{volumes}/{mount['volume']}")["name"]
    call.out(f"Volume '{name}' will start empty")
    try:
        made = call.api.post(
            volumes,
            {"name": name, "region": region, "size_gb": 0, "encrypted": True, "require_unique_zone": True},
        )
    except ApiFailed as error:
        raise Failed(f"failed to create volume: {error}") from error
    return {"path": mount["path"], "volume": made["id"]}
