"""`scale`: how many machines each group has."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack

from pkg.flysim.flyctl.commands.machines import all_machines
from pkg.flysim.flyctl.deploy.configuration import Configurator, Release
from pkg.flysim.flyctl.deploy.options import Options
from pkg.flysim.flyctl.errors import ApiFailed, Failed
from pkg.flysim.flyctl.machine import is_internal, lease, process_group, size_name
from pkg.flysim.flyctl.manifest import Manifest
from pkg.flysim.flyctl.render import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call, Json

COLUMNS = ("NAME", "COUNT", "KIND", "CP US", "MEMORY", "REGIONS")
NO_ANSWER = "yes flag must be specified when not running interactively"


def _grouped(call: Call) -> dict[str, list[Json]]:
    groups: dict[str, list[Json]] = {}
    for machine in all_machines(call):
        if process_group(machine) and not is_internal(machine):
            groups.setdefault(process_group(machine), []).append(machine)
    return dict(sorted(groups.items()))


def show(call: Call) -> None:
    """Show the groups; recorded: operate.json#27, operate.json#28, deploys.json#25."""
    shown = []
    for name, machines in _grouped(call).items():
        guest = machines[0]["config"]["guest"]
        shown.append(
            {
                "Process": name,
                "Count": len(machines),
                "CPUKind": guest["cpu_kind"],
                "CPUs": guest["cpus"],
                "Memory": guest["memory_mb"],
                "Regions": dict(sorted(Counter(machine["region"] for machine in machines).items())),
            }
        )
    if call.switch("json"):
        call.json(shown)
        return
    rows = [
        (
            group["Process"],
            str(group["Count"]),
            group["CPUKind"],
            str(group["CPUs"]),
            f"{group['Memory']} MB",
            ",".join(
                region if count == 1 else f"{region}({count})" for region, count in group["Regions"].items()
            ),
        )
        for group in shown
    ]
    call.out(f"VM Resources for app: {call.app}\n")
    call.stdout.write(table(COLUMNS, rows, title="Groups"))


class Step:
    """Machines of one group in one region, to be made or destroyed."""

    __slots__ = ("delta", "group", "machines", "region")

    def __init__(self, group: str, region: str, delta: int, machines: list[Json]) -> None:
        self.group = group
        self.region = region
        self.delta = delta
        self.machines = machines


def count(call: Call) -> None:
    """Make or destroy machines until each group has its count; recorded: deploys.json#23, deploys.json#24."""
    wanted = _wanted(call)
    call.api.graphql("query appcompact:app", appName=call.app)
    groups = _grouped(call)
    call.api.get(f"/v1/apps/{call.app}/volumes")
    if not groups:
        raise Failed("Impossible to scale the app when there aren't running machines for this app")
    regions = call.text("region").split(",") if call.text("region") else []
    steps = [
        step
        for name, number in wanted.items()
        for step in _steps(name, number, groups, regions, call.number("max-per-region"))
    ]
    if not steps:
        call.out("App already scaled to desired state. No need for changes")
        return
    call.out(f"App '{call.app}' is going to be scaled according to this plan:")
    for step in steps:
        call.out(
            f"{step.delta:+4d} machines for group '{step.group}' on region '{step.region}' of size "
            f"'{_size(groups, step)}'"
        )
    if not call.asked:
        raise Failed(NO_ANSWER)
    with ExitStack() as leases:
        held = {
            machine["id"]: leases.enter_context(lease(call, machine["id"]))
            for name in wanted
            for machine in groups.get(name, [])
        }
        call.out("Executing scale plan")
        for step in steps:
            _execute(call, step, groups, held)


def _wanted(call: Call) -> dict[str, int]:
    """The count of each group that argv names: `3`, or `web=3 worker=1`."""
    wanted = {}
    for operand in call.operands:
        name, equals, number = operand.partition("=")
        if not equals:
            name, number = call.text("process-group") or "app", operand
        if not number.isdigit():
            raise Failed(f"'{operand}': must be in the format GROUP=COUNT or COUNT")
        wanted[name] = int(number)
    return wanted


def _steps(
    name: str, wanted: int, groups: dict[str, list[Json]], regions: list[str], most: int
) -> list[Step]:
    """What a group needs in each region; the last regions lose machines first; derived: flyctl's source."""
    machines = groups.get(name, [])
    every = [machine for group in groups.values() for machine in group]
    regions = regions or list(dict.fromkeys(machine["region"] for machine in (machines or every)))
    now = Counter(machine["region"] for machine in machines)
    if most >= 0 and len(regions) * most < wanted:
        raise Failed(
            "the number of regions by the maximum machines per region is fewer than the expected total"
        )
    after = {region: min(now[region], most) if most >= 0 else now[region] for region in regions}
    at = 0
    while sum(after.values()) < wanted:
        region = regions[at % len(regions)]
        if most < 0 or after[region] < most:
            after[region] += 1
        at += 1
    while sum(after.values()) > wanted:
        at -= 1
        region = regions[at % len(regions)]
        if after[region]:
            after[region] -= 1
    return [
        Step(
            name,
            region,
            after[region] - now[region],
            [machine for machine in machines if machine["region"] == region],
        )
        for region in regions
        if after[region] != now[region]
    ]


def _size(groups: dict[str, list[Json]], step: Step) -> str:
    machines = groups.get(step.group) or next(iter(groups.values()))
    return size_name(machines[0]["config"]["guest"])


def _execute(call: Call, step: Step, groups: dict[str, list[Json]], held: dict[str, str]) -> None:
    if step.delta < 0:
        for machine in step.machines[: -step.delta]:
            ident = machine["id"]
            try:
                call.api.delete(f"/v1/apps/{call.app}/machines/{ident}", nonce=held[ident], kill="true")
            except ApiFailed as error:
                raise Failed(f"could not destroy machine {ident}: {error}") from error
            call.out(
                f"  Destroyed {ident} group:{step.group} region:{step.region} size:{_size(groups, step)}"
            )
        return
    for _ in range(step.delta):
        body = {"config": _config(call, step, groups), "region": step.region, "skip_secrets": False}
        try:
            made = call.api.post(f"/v1/apps/{call.app}/machines", body)
        except ApiFailed as error:
            raise Failed(f"could not launch machine: failed to launch VM: {error}") from error
        call.out(f"  Created {made['id']} group:{step.group} region:{step.region} size:{_size(groups, step)}")


def _config(call: Call, step: Step, groups: dict[str, list[Json]]) -> Json:
    """The configuration of one more machine: like its group's first, with a volume of its own.

    Raises:
        Failed: it mounts a volume, and none is free.
    """
    machines = groups.get(step.group)
    if not machines:
        return _config_of_new_group(call, step.group)
    config: Json = {key: value for key, value in machines[0]["config"].items() if key != "standbys"}
    mounts = config.get("mounts") or []
    if mounts:
        config["mounts"] = [{**mount, "volume": _volume(call, mount, step.region)} for mount in mounts]
    return config


def _volume(call: Call, mount: Json, region: str) -> str:
    path = f"/v1/apps/{call.app}/volumes"
    volumes = call.api.get(path)
    name = mount.get("name") or next(volume["name"] for volume in volumes if volume["id"] == mount["volume"])
    if not call.switch("with-new-volumes"):
        for volume in volumes:
            if volume["name"] == name and volume["region"] == region and not volume["attached_machine_id"]:
                return str(volume["id"])
    try:
        made = call.api.post(path, {"name": name, "region": region, "size_gb": 0, "encrypted": True})
    except ApiFailed as error:
        raise Failed(f"failed to create volume: {error}") from error
    return str(made["id"])


def _config_of_new_group(call: Call, group: str) -> Json:
    """The configuration of the first machine of a group, from the newest release."""
    current = call.api.graphql("query app", appName=call.app)["app"]["currentReleaseUnprocessed"]
    if current is None:
        raise Failed(f"group '{group}' is not in the app's configuration")
    manifest = Manifest("", current["configDefinition"])
    if group not in manifest.groups:
        raise Failed(f"group '{group}' is not in the app's configuration")
    configurator = Configurator(manifest, Options(), call.parsed.command.surface.version)
    return configurator.of(group, Release(current["id"], current["version"], current["imageRef"]))
