"""Making machines: for groups that have none, as canaries, and for release commands."""

from __future__ import annotations

from pkg.flysim.flyctl.deploy.groups import Groups, Volumes, spare_of
from pkg.flysim.flyctl.deploy.rolling import side_by_side
from pkg.flysim.flyctl.deploy.waiting import until_healthy
from pkg.flysim.flyctl.errors import ApiFailed, Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pkg.flysim.flyctl.deploy.session import Deploy

    Json = dict[str, Any]

WAIT_SECONDS = 60


def create_groups(deploy: Deploy, groups: Groups, volumes: Volumes) -> None:
    """Make the machines of groups that have none; recorded: deploys.json#0, deploys.json#13, daily.json#16.

    Raises:
        Failed: a machine does not get healthy.
    """
    if not groups.missing or deploy.options.update_only:
        return
    total = len(groups.missing)
    for at, name in enumerate(groups.missing, 1):
        prefix = f"[{at}/{total}] " if total > 1 else ""
        deploy.call.out(f"> {prefix}Launching new machine")
        deploy.call.out(f"No machines in group {name}, launching a new machine")
        first = spawn(deploy, name, volumes, prefix)
        spare = spare_of(name, deploy.configurator)
        if spare == "second":
            deploy.call.out("Creating a second machine for high availability.")
            spawn(deploy, name, volumes, prefix)
        elif spare == "standby":
            deploy.call.out(f"Creating a standby machine for {first['id']}")
            _standby(deploy, name, first, prefix)
    deploy.call.say("Finished launching new machines")


def spawn(deploy: Deploy, group: str, volumes: Volumes, prefix: str, *, canary: bool = False) -> Json:
    """Make one machine of a group, and wait until it is healthy.

    Raises:
        Failed: it is not made, or does not get healthy.
    """
    region = deploy.configurator.region
    config = deploy.configurator.of(group, deploy.release)
    if canary:
        config["metadata"]["fly_canary"] = "true"
        config["dns"] = {"skip_registration": True}
    for mount in config.get("mounts") or []:
        mount["volume"] = _volume(deploy, group, mount["name"], region, volumes)
    machine = deploy.launch(config, region)
    deploy.step(f"launched {machine['id']}")
    deploy.call.out(f"> {prefix}Machine {deploy.name(machine)} was created")
    if deploy.strategy != "immediate":
        side_by_side(deploy, [until_healthy(deploy, machine, prefix)])
    deploy.call.out(f"✔ {prefix}Machine {deploy.name(machine)} update finished: success")
    return machine


def _volume(deploy: Deploy, group: str, name: str, region: str, volumes: Volumes) -> str:
    """A free volume; a first deploy makes one; derived: flyctl's source, deploy_first.go."""
    taken = volumes.take(name, region)
    if taken:
        return taken
    mount = next(
        each for each in deploy.configurator.manifest.section("mounts", group) if each["source"] == name
    )
    size = deploy.options.volume_size or int(
        str(mount.get("initial_size", "1")).lower().removesuffix("gb") or 1
    )
    deploy.call.out(f"Creating a {size} GB volume named '{name}' for process group '{group}'.")
    try:
        made = deploy.call.api.post(
            f"/v1/apps/{deploy.app}/volumes",
            {"name": name, "region": region, "size_gb": size, "encrypted": True},
        )
    except ApiFailed as error:
        raise Failed(f"failed creating volume: {error}") from error
    return str(made["id"])


def _standby(deploy: Deploy, group: str, first: Json, prefix: str) -> None:
    """Make a machine that stays stopped until the first one's host fails; recorded: deploys.json#2."""
    config = deploy.configurator.of(group, deploy.release, {"standbys": [first["id"]]})
    config["env"]["FLY_STANDBY_FOR"] = first["id"]
    machine = deploy.launch(config, deploy.configurator.region, start=False)
    deploy.call.out(f"✔ {prefix}Machine {deploy.name(machine)} was created")


def canaries(deploy: Deploy, groups: Groups) -> None:
    """Try a new machine of each group, then destroy it; recorded: release.json#7.

    Raises:
        Failed: one does not get healthy.
    """
    names = list(deploy.configurator.manifest.groups)
    made = []
    for at, name in enumerate(names, 1):
        prefix = f"[{at}/{len(names)}] " if len(names) > 1 else ""
        deploy.call.out(f"> {prefix}Creating canary machine for group {name}")
        made.append(spawn(deploy, name, Volumes([]), prefix, canary=True))
    for machine in made:
        deploy.destroy(deploy.machine(machine["id"]))
    deploy.to_update = max(deploy.to_update, len(groups.updated))


def release_command(deploy: Deploy, command: str) -> None:
    """Run the release command on a machine of its own; recorded: release.json#0, release.json#2.

    Raises:
        Failed: it exits with another code than 0, or takes too long; no other machine was touched.
    """
    call = deploy.call
    call.say(f"Running {deploy.app} release_command: {command}")
    region = deploy.configurator.region
    machine = deploy.launch(deploy.configurator.release_command(command, deploy.release), region, start=False)
    ident = machine["id"]
    call.out(f"> Created release_command machine {ident}")
    _wait(deploy, ident, "stopped", WAIT_SECONDS)
    call.say("Starting machine")
    try:
        call.api.post(f"/v1/apps/{deploy.app}/machines/{ident}/start")
    except ApiFailed as error:
        raise Failed(
            f"release command failed - aborting deployment. could not start machine {ident}: {error}"
        ) from error
    _wait(deploy, ident, "started", WAIT_SECONDS)
    _wait(deploy, ident, "destroyed", deploy.options.release_command)
    code = _exit_code(deploy.machine(ident))
    if code == 0:
        call.out(f"✔ release_command {ident} completed successfully")
        return
    call.out("✖ release_command failed")
    call.say(f"Error release_command failed running on machine {ident} with exit code {code}.")
    raise Failed(
        f"release command failed - aborting deployment. machine {ident} exited with non-zero status of {code}"
    )


def _wait(deploy: Deploy, ident: str, state: str, seconds: float) -> None:
    call = deploy.call
    call.out(f"> Waiting for {ident} to have state: {state}")
    timeout = str(int(min(seconds, 24 * 3600)))
    try:
        call.api.get(f"/v1/apps/{deploy.app}/machines/{ident}/wait", state=state, timeout=timeout)
    except ApiFailed as error:
        raise Failed(
            f"release command failed - aborting deployment. error waiting for release_command machine "
            f"{ident} to have state {state}: {error}"
        ) from error
    call.out(f"> Machine {ident} has state: {state}")


def _exit_code(machine: Json) -> int:
    """How the command ended, by the machine's newest exit event."""
    for event in machine["events"]:
        ended = (event.get("request") or {}).get("exit_event")
        if ended:
            return int(ended.get("exit_code", 0))
    return 0
