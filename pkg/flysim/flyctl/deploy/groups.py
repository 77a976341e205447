"""What a deploy will do to machines.

Which it destroys, which it makes, which it updates, and with which volumes.
"""

from __future__ import annotations

from collections import Counter

from pkg.flysim.flyctl.errors import Failed
from pkg.flysim.flyctl.machine import is_internal, process_group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pkg.flysim.flyctl.call import Call
    from pkg.flysim.flyctl.deploy.configuration import Configurator
    from pkg.flysim.flyctl.manifest import Manifest

    Json = dict[str, Any]


class Groups:
    """The app's machines against the manifest's process groups."""

    def __init__(self, manifest: Manifest, machines: list[Json]) -> None:
        ours = [machine for machine in machines if not is_internal(machine) and process_group(machine)]
        groups = manifest.groups
        # No machine of the app at all: IPs are provisioned, and volumes made.
        self.first = not ours
        self.removed = [machine for machine in ours if process_group(machine) not in groups]
        self.updated = [machine for machine in ours if process_group(machine) in groups]
        self.missing = sorted(set(groups) - {process_group(machine) for machine in ours})


def select(call: Call, machines: list[Json]) -> list[Json]:
    """The machines that the flags of a deploy leave.

    --only-machines, --regions, --process-groups and so on.
    """
    only, excluded = call.texts("only-machines"), call.texts("exclude-machines")
    regions, not_regions = call.texts("regions"), call.texts("exclude-regions")
    groups = call.texts("process-groups")
    return [
        machine
        for machine in machines
        if (not only or machine["id"] in only)
        and machine["id"] not in excluded
        and (not regions or machine["region"] in regions)
        and machine["region"] not in not_regions
        and (not groups or process_group(machine) in groups)
    ]


def announce(call: Call, groups: Groups, configurator: Configurator) -> None:
    """Say which machines will be made and destroyed; recorded: deploys.json#0, deploys.json#10."""
    if not groups.missing and not groups.removed:
        return
    call.out("This deployment will:" if groups.first else "Process groups have changed. This will:")
    for name, count in sorted(Counter(process_group(machine) for machine in groups.removed).items()):
        call.out(f' * destroy {count} "{name}" machine{"s" if count > 1 else ""}')
    for name in groups.missing:
        call.out(f" * create {_described(name, configurator)}")
    call.out()


def _described(name: str, configurator: Configurator) -> str:
    spare = spare_of(name, configurator)
    if spare == "second":
        return f'2 "{name}" machines'
    if spare == "standby":
        return f'1 "{name}" machine and 1 standby machine for it'
    return f'1 "{name}" machine'


def spare_of(name: str, configurator: Configurator) -> str:
    """What a new group gets beside its first machine: nothing, a second one, or a standby.

    recorded: deploys.json#0 (a second for services, a standby for the rest), daily.json#16 (nothing with
    --ha=false).
    """
    if not configurator.options.high_availability or configurator.manifest.section("mounts", name):
        return ""
    return "second" if configurator.services(name) else "standby"


class Volumes:
    """The volumes that machines of a deploy may take: those of the app that nothing is attached to."""

    def __init__(self, volumes: list[Json]) -> None:
        self._free = [volume for volume in volumes if not volume["attached_machine_id"]]

    def take(self, name: str, region: str) -> str | None:
        """A free volume of that name in that region; it is not given twice."""
        for volume in self._free:
            if volume["name"] == name and volume["region"] == region:
                self._free.remove(volume)
                return str(volume["id"])
        return None

    def add(self, volume: Json) -> None:
        """One more free volume."""
        self._free.append(volume)

    def count(self, name: str, region: str) -> int:
        """How many are free."""
        return sum(volume["name"] == name and volume["region"] == region for volume in self._free)


def check_volumes(groups: Groups, configurator: Configurator, volumes: Volumes) -> None:
    """Refuse when machines would need volumes that are not there.

    Raises:
        Failed: naming region and count; recorded: deploys.json#16.
    """
    for group in configurator.manifest.groups:
        for mount in configurator.manifest.section("mounts", group):
            name = mount["source"]
            needed: Counter[str] = Counter(
                machine["region"]
                for machine in groups.updated
                if process_group(machine) == group and not has_mount(machine, name)
            )
            if group in groups.missing and not groups.first and not configurator.options.update_only:
                needed[configurator.region] += 1
            lacking = {region: count - volumes.count(name, region) for region, count in needed.items()}
            lines = [f"{region}={count}" for region, count in sorted(lacking.items()) if count > 0]
            if lines:
                raise Failed(
                    f"Process group '{group}' needs volumes with name '{name}' to fulfill mounts defined in "
                    f"fly.toml; Run `fly volume create {name} -r REGION -n COUNT` "
                    f"for the following regions and counts: {' '.join(lines)}"
                )


def has_mount(machine: Json, name: str) -> bool:
    """Whether a machine has a volume of that name; a clone's mount carries no name, and counts."""
    return any(mount.get("name", name) == name for mount in machine["config"].get("mounts") or [])
