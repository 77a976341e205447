"""The volume of a cloned machine: `machine clone` gives a new, empty one, so it is made beforehand, once."""

from enum import StrEnum

import msgspec

from pkg.fly.intent import Pending
from pkg.fly.machines.work import Work
from pkg.fly.models import Machine, Volume
from pkg.fly.volume_making import require_snapshot
from pkg.shell.errors import BadInput, Failure, Interrupted


class Source(StrEnum):
    """What is on the new volume."""

    EMPTY = "empty"
    FORK = "fork"
    SNAPSHOT = "snapshot"
    GIVEN = "given"


class Filling(msgspec.Struct, frozen=True):
    """What is on the new volume, and the id that belongs to it."""

    kind: Source
    ident: str = ""

    @property
    def words(self) -> str:
        """The same in words."""
        return f"{self.kind} {self.ident}".strip()


def source(*, fork: bool, snapshot: str, volume: str) -> Filling:
    """Return what shall be on the new volume.

    Raises:
        BadInput: several things at once, or an id that is none.
    """
    if sum((fork, bool(snapshot), bool(volume))) > 1:
        raise BadInput("--fork, --snapshot and --volume exclude each other", fix="give one of them, or none")
    if volume and not volume.startswith("vol_"):
        raise BadInput(f"--volume {volume!r} is no id of a volume", fix="`inv fly.volumes` shows them")
    if snapshot and not snapshot.startswith("vs_"):
        raise BadInput(f"--snapshot {snapshot!r} is no id of a snapshot")
    if fork:
        return Filling(Source.FORK)
    return (
        Filling(Source.SNAPSHOT, snapshot)
        if snapshot
        else Filling(Source.GIVEN if volume else Source.EMPTY, volume)
    )


def volume_for(work: Work, original: Machine, filling: Filling, *, region: str, pending: Pending) -> str:
    """Return the id of the volume to attach, made now unless a run before this one has; empty for no volume.

    Args:
        work: does it.
        original: the machine that is copied.
        filling: what shall be on the volume.
        region: where the copy shall be; empty for the same.
        pending: knows which volumes there were before.

    Raises:
        BadInput: there is nothing to fill a volume of, or too much.
        Failure: the volume was not made.
    """
    mounts = original.settings.mounts
    if filling.kind is Source.GIVEN:
        return _given(work, filling.ident, region or original.region)
    if not mounts:
        if filling.kind is not Source.EMPTY:
            raise BadInput(f"{original.id} has no volume: --{filling.kind} has nothing to fill")
        return ""
    old = next((one for one in work.flyctl.volumes_list(work.app) if one.id == mounts[0].volume), None)
    if old is None:
        raise Failure(f"the volume {mounts[0].volume} of {original.id} is not in the list of volumes")
    where = region or original.region
    if left := _left_over(work, old.name, where, pending):
        work.say(f"{left.id} was made by a run that did not come to its end; it is used")
        return left.id
    try:
        made = _make(work, old, filling, where)
    except Interrupted:
        raise
    except Failure as failure:
        # flyctl may have failed after the deed.
        if (made := _left_over(work, old.name, where, pending, anyway=True)) is None:
            if filling.kind is Source.SNAPSHOT:
                require_snapshot(work.flyctl, work.app, filling.ident, failure)
            raise
    return made.id if made else "vol_of_a_dry_run"


def _given(work: Work, ident: str, region: str) -> str:
    """Return the id of a volume that can be attached to a machine in a region.

    Raises:
        BadInput: there is no such volume, another machine has it, or it is elsewhere.
    """
    volumes = {volume.id: volume for volume in work.flyctl.volumes_list(work.app)}
    volume = volumes.get(ident)
    if volume is None:
        wrong = f"{work.app} has no volume {ident}"
    elif volume.attached_machine_id:
        wrong = f"{ident} is attached to {volume.attached_machine_id}"
    elif volume.region != region:
        wrong = f"{ident} is in {volume.region}, and the copy would be in {region}"
    else:
        return ident
    raise BadInput(
        wrong, meaning="nothing was made", fix=f"`inv fly.volumes -a {work.app}` shows which are free"
    )


def _make(work: Work, old: Volume, filling: Filling, where: str) -> Volume | None:
    if filling.kind is Source.FORK:
        return work.flyctl.volumes_fork(work.app, old.id, region=where)
    return work.flyctl.volumes_create(
        work.app, old.name, region=where, size=old.size_gb, snapshot=filling.ident
    )


def _left_over(
    work: Work, name: str, region: str, pending: Pending, *, anyway: bool = False
) -> Volume | None:
    """Return the volume that a run before this one has made and not attached."""
    if not (pending.resumed or anyway):
        return None
    return next(
        (
            volume
            for volume in work.flyctl.volumes_list(work.app)
            if volume.id not in pending.intent.known
            and (volume.name, volume.region) == (name, region)
            and not volume.attached_machine_id
        ),
        None,
    )
