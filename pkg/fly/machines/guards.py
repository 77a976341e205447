"""What a machine's end would cost, told before it is destroyed."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pkg.fly.health import GONE, STARTED
from pkg.fly.models import Machine, Volume


class Loss(msgspec.Struct, frozen=True):
    """What goes with a machine.

    Attributes:
        machine: the machine.
        lines: what would be lost or left, for people.
        last: whether no machine of its group would be left.
    """

    machine: Machine
    lines: tuple[str, ...]
    last: bool


def losses(doomed: Sequence[str], machines: Sequence[Machine], volumes: Sequence[Volume]) -> list[Loss]:
    """Return what each machine's end would cost.

    Args:
        doomed: the ids of those that shall be destroyed.
        machines: all of the app's.
        volumes: all of the app's.
    """
    by_id = {machine.id: machine for machine in machines}
    known = {volume.id: volume for volume in volumes}
    staying = [machine for machine in machines if machine.id not in doomed and machine.state not in GONE]
    return [_loss(by_id[ident], staying, known) for ident in doomed if ident in by_id]


def _loss(machine: Machine, staying: Sequence[Machine], volumes: Mapping[str, Volume]) -> Loss:
    group = machine.group
    left = [other for other in staying if other.group == group and other.deployed == machine.deployed]
    last = machine.deployed and not left
    lines = [f"{machine.id} ({group or 'made by hand'}, {machine.region}) is {machine.state}"]
    if last:
        lines.append(f"it is the last machine of {group}: the app would be down")
    elif machine.deployed:
        lines.append(f"{len(left)} of its group stay")
    if machine.state == STARTED and not machine.cordoned and (ports := _ports(machine)):
        lines.append(f"it still gets traffic on {', '.join(ports)}")
    for mount in machine.settings.mounts:
        volume = volumes.get(mount.volume)
        size = f", {volume.size_gb} GB in {volume.region}" if volume else ""
        lines.append(
            f"its volume {mount.volume} ({mount.name or mount.path}{size}) stays, attached to nothing"
        )
    return Loss(machine, tuple(lines), last)


def _ports(machine: Machine) -> list[str]:
    found: list[Any] = [port for service in machine.settings.services for port in service.ports or []]
    return [str(port.get("port", "?")) for port in found]
