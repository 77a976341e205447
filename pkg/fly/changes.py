"""What a deploy would change: the difference between a manifest and the machines that run."""

from collections.abc import Iterator, Sequence

import msgspec

from pkg.fly.health import GONE, MachineHealth
from pkg.fly.image import Reference, same
from pkg.fly.manifest import Manifest
from pkg.fly.models import Machine


class Change(msgspec.Struct, frozen=True):
    """One difference; `destroys`: a machine would be destroyed, or lose its volume."""

    what: str
    destroys: bool = False

    def __str__(self) -> str:
        return f"{'!' if self.destroys else '-'} {self.what}"


def changes(
    manifest: Manifest, machines: Sequence[Machine], health: Sequence[MachineHealth], image: Reference
) -> list[Change]:
    """Return what a deploy would change, what destroys first.

    flyctl removes the machines of a group that is gone from the manifest without a question and with exit
    code 0 (recorded: deploys.json, `noworker.toml`).

    Args:
        manifest: what shall be.
        machines: what is.
        health: the same machines, judged; those that deploys manage.
        image: the image that would be deployed.
    """
    deployed = [machine for machine in machines if machine.deployed and machine.state not in GONE]
    found = [*_groups(manifest, deployed), *_mounts(manifest, deployed), *_images(health, image)]
    return sorted(found, key=lambda change: not change.destroys)


def _groups(manifest: Manifest, machines: Sequence[Machine]) -> Iterator[Change]:
    running: dict[str, list[str]] = {}
    for machine in machines:
        running.setdefault(machine.group, []).append(machine.id)
    for group, ids in sorted(running.items()):
        if group not in manifest.groups:
            yield Change(
                f"group {group} is not in the manifest any more: {_machines(ids)} destroyed", destroys=True
            )
    for group in manifest.groups:
        if group not in running:
            yield Change(f"group {group} has no machine yet: one is made")


def _mounts(manifest: Manifest, machines: Sequence[Machine]) -> Iterator[Change]:
    for machine in machines:
        if machine.group not in manifest.groups:
            continue
        wanted = {mount.source: mount.destination for mount in manifest.mounts_of(machine.group)}
        found = {mount.name: mount.path for mount in machine.settings.mounts}
        for name, path in found.items():
            if name not in wanted:
                yield Change(
                    f"machine {machine.id} loses its volume {name} at {path}: it is replaced by one without",
                    destroys=True,
                )
            elif wanted[name] != path:
                yield Change(f"machine {machine.id} mounts {name} at {wanted[name]} instead of {path}")
        for name in wanted.keys() - found.keys():
            yield Change(f"machine {machine.id} gets a volume {name} at {wanted[name]}")


def _images(health: Sequence[MachineHealth], image: Reference) -> Iterator[Change]:
    running: dict[str, list[str]] = {}
    for machine in health:
        kept = same(machine.image, image)
        running.setdefault(image.short if kept else machine.image.short, []).append(machine.id)
    for name, ids in sorted(running.items()):
        again = " again, with the manifest as it is now" if name == image.short else ""
        yield Change(f"{_count(ids)} from {name} to {image.short}{again}: {', '.join(ids)}")


def _machines(ids: Sequence[str]) -> str:
    return f"machine {ids[0]} is" if len(ids) == 1 else f"machines {', '.join(ids)} are"


def _count(ids: Sequence[str]) -> str:
    return "1 machine goes" if len(ids) == 1 else f"{len(ids)} machines go"
