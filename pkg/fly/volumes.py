"""How an app's volumes are, against its machines, its manifest and its region."""

import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from pkg.fly.health import GONE
from pkg.fly.manifest import Manifest, Mount
from pkg.fly.models import Machine, Snapshot, Volume
from pkg.fly.moments import moment

# A volume is snapshotted every day (https://fly.io/docs/volumes/snapshots/): with none so new, that stopped.
SNAPSHOT_DAYS = 2
# From so many gigabytes on, a typing error is likelier than a wish.
LARGE_GB = 500
# How bad it is, as inv fly.doctor says it; what is only untidy is no reason to fail.
UNTIDY = 1
HARM = {3: "danger", 2: "soon", UNTIDY: "tidy"}


class Finding(msgspec.Struct, frozen=True):
    """Something wrong with volumes.

    Attributes:
        about: the volume's id, its name, or the manifest's mount.
        what: what is wrong.
        fix: the command that mends it, or what to decide.
        harm: higher is worse: 3 loses or blocks, 2 will, 1 costs.
    """

    about: str
    what: str
    fix: str
    harm: int = 2

    @property
    def word(self) -> str:
        """The harm in a word."""
        return HARM[self.harm]


def check(
    app: str,
    volumes: Sequence[Volume],
    machines: Sequence[Machine],
    manifest: Manifest | None,
    *,
    snapshots: Mapping[str, Sequence[Snapshot]],
    now: datetime,
) -> list[Finding]:
    """Return what is wrong, worst first.

    Args:
        app: the app's name.
        volumes: all of the app's.
        machines: all of the app's.
        manifest: the repo's manifest of the app; None when it has none.
        snapshots: by volume id; a volume that is not in it was not asked about.
        now: the present moment.
    """
    alive = [machine for machine in machines if machine.state not in GONE]
    there = [volume for volume in volumes if not volume.state.startswith(("destroy", "pending_destroy"))]
    found = [
        *_hosts(there),
        *_orphans(app, there, alive),
        *_snapshots(app, there, snapshots, now),
        *(_against_manifest(app, there, alive, manifest) if manifest else []),
    ]
    return sorted(found, key=lambda finding: (-finding.harm, finding.about))


def wrong_size(size: int) -> str:
    """Return why a size in gigabytes is none; empty when it is one."""
    if size < 1:
        return "a volume has 1 GB at least"
    return f"{size} GB is more than {LARGE_GB}: volumes cannot shrink" if size > LARGE_GB else ""


def _hosts(volumes: Sequence[Volume]) -> list[Finding]:
    return [
        Finding(
            volume.id, f"its host is {volume.host_status}", "wait, or restore a snapshot elsewhere", harm=3
        )
        for volume in volumes
        if volume.host_status != "ok"
    ]


def _orphans(app: str, volumes: Sequence[Volume], machines: Sequence[Machine]) -> list[Finding]:
    mounted = {mount.volume: machine for machine in machines for mount in machine.settings.mounts}
    found = []
    for volume in volumes:
        ident = volume.attached_machine_id
        if not ident and volume.id not in mounted:
            what = (
                f"{volume.name} ({volume.size_gb} GB, {volume.region}) is attached to no machine, and costs"
            )
            fix = f"when nothing on it is needed: flyctl volumes destroy {volume.id} -a {app}"
            found.append(Finding(volume.id, what, fix, harm=1))
        elif ident and ident not in {machine.id for machine in machines}:
            what = f"it is attached to {ident}, which is no machine of {app} any more"
            found.append(Finding(volume.id, what, f"inv fly.machines -a {app}", harm=2))
    return found


def _snapshots(
    app: str, volumes: Sequence[Volume], snapshots: Mapping[str, Sequence[Snapshot]], now: datetime
) -> list[Finding]:
    found = []
    for volume in volumes:
        if volume.id not in snapshots or (now - moment(volume.created_at)).days < SNAPSHOT_DAYS:
            continue
        newest = max((moment(one.created_at) for one in snapshots[volume.id]), default=None)
        fix = f"flyctl volumes snapshots create {volume.id} -a {app}"
        if newest is None:
            found.append(Finding(volume.id, "it has no snapshot: its loss would be final", fix, harm=2))
        elif (days := (now - newest).days) >= SNAPSHOT_DAYS:
            found.append(Finding(volume.id, f"its newest snapshot is {days} days old", fix, harm=2))
    return found


def _against_manifest(
    app: str, volumes: Sequence[Volume], machines: Sequence[Machine], manifest: Manifest
) -> list[Finding]:
    found = []
    region = manifest.primary_region
    config = manifest.path.parent.name or "."
    for volume in volumes:
        if region and volume.region != region:
            what = f"{volume.name} is in {volume.region}, and primary_region is {region}"
            found.append(Finding(volume.id, what, "a deploy cannot use it there: move what is on it", harm=2))
    for group in manifest.groups:
        mine = [machine for machine in machines if machine.group == group]
        for mount in manifest.mounts_of(group):
            found += _mount(app, volumes, mine, mount, region)
        for machine in mine:
            found += _unwanted(machine, {mount.source for mount in manifest.mounts_of(group)}, config)
    return found


def _mount(
    app: str,
    volumes: Sequence[Volume],
    machines: Sequence[Machine],
    mount: Mount,
    region: str,
) -> list[Finding]:
    """Return what is wrong with one mount of a manifest: too few volumes, or machines without it."""
    without = [
        machine
        for machine in machines
        if not any(mounted.path == mount.destination for mounted in machine.settings.mounts)
    ]
    usable = [
        volume
        for volume in volumes
        if volume.name == mount.source and (not region or volume.region == region)
    ]
    free = [volume for volume in usable if not volume.attached_machine_id]
    short = max(len(without), 0 if machines else 1) - len(free)
    found = [
        Finding(
            machine.id,
            f"it does not mount {mount.destination}, as the manifest says",
            "inv fly.deploy",
            harm=3,
        )
        for machine in without
    ]
    if short > 0:
        what = f"{short} more volume{'s' if short > 1 else ''} called {mount.source} needed in {region}"
        made = ["inv", "fly.volumes.create", mount.source, "-a", app, "--region", region]
        fix = shlex.join([*made, "--count", str(short)])
        found.append(Finding(mount.source, what, fix, harm=3))
    return found


def _unwanted(machine: Machine, wanted: set[str], config: str) -> list[Finding]:
    return [
        Finding(
            machine.id,
            f"it mounts {mount.name} at {mount.path}, which the manifest does not",
            f"correct [[mounts]] of {config}/fly.toml before a deploy replaces the machine",
            harm=3,
        )
        for mount in machine.settings.mounts
        if mount.name and mount.name not in wanted
    ]
