"""Making volumes once, making them larger, and gathering what is to be checked about them."""

import re
from collections.abc import Collection
from datetime import datetime

from pkg.fly.answers import is_refusal
from pkg.fly.client import Flyctl, Speaker
from pkg.fly.lints import VOLUME_NAME
from pkg.fly.manifest import Manifest
from pkg.fly.models import Volume
from pkg.fly.volumes import Finding, check, wrong_size
from pkg.shell.errors import BadInput, Failure, Interrupted
from pkg.shell.parallel import each

REGION = re.compile(r"[a-z]{3}")
MOST = 20


def require(name: str, region: str, size: int, count: int) -> None:
    """Check what is asked for, before anything is sent.

    Raises:
        BadInput: a name, a region, a size or a count that is none.
    """
    if not VOLUME_NAME.fullmatch(name):
        raise BadInput(f"{name!r} is no name of a volume", fix="use a-z, 0-9 and _, at most 30 of them")
    if not REGION.fullmatch(region):
        raise BadInput(f"{region!r} is no region", fix="three letters, as syd: flyctl platform regions")
    if reason := wrong_size(size):
        raise BadInput(f"--size {size}: {reason}")
    if not 1 <= count <= MOST:
        raise BadInput(f"--count {count}: 1 to {MOST} at once")


def make(
    flyctl: Flyctl,
    app: str,
    name: str,
    *,
    region: str,
    size: int,
    count: int,
    snapshot: str,
    known: Collection[str],
    resumed: bool,
    say: Speaker,
) -> list[Volume]:
    """Make volumes; those that a run before this one has made count.

    Args:
        flyctl: makes them.
        app: whose they are.
        name: what all are called.
        region: where.
        size: gigabytes.
        count: how many.
        snapshot: what to fill them from; empty for nothing.
        known: the ids that there were before the first run.
        resumed: whether there was a run before this one.
        say: tells what was found.

    Returns:
        The volumes; empty in a dry run.

    Raises:
        Failure: one was not made; those before it are there.
    """
    made = _since(flyctl, app, name, region, known) if resumed else []
    for one in made:
        say(f"{one.id} was made by a run that did not come to its end; it counts")
    while len(made) < count:
        try:
            volume: Volume | None = flyctl.volumes_create(
                app, name, region=region, size=size, snapshot=snapshot
            )
        except Interrupted:
            raise
        except Failure as failure:
            # flyctl may have failed after the deed: look.
            there = _since(flyctl, app, name, region, known)
            if len(there) <= len(made):
                if not made:
                    require_snapshot(flyctl, app, snapshot, failure)
                raise
            say(f"flyctl said: {failure.what}; yet it is made")
            made = there
            continue
        if volume is None:
            return []
        made = [*made, volume]
    return made[:count]


def require_snapshot(flyctl: Flyctl, app: str, ident: str, failure: Failure) -> None:
    """Make sure, after a refusal, that it was not for want of the snapshot.

    It is not asked before: of volumes that are gone, only Fly knows the snapshots.

    Args:
        flyctl: asks.
        app: whose volumes they are.
        ident: the snapshot; empty for none.
        failure: what making a volume of it failed with.

    Raises:
        BadInput: flyctl refused, and no volume of the app has that snapshot; those that there are, are named.
    """
    if not ident or not is_refusal(failure):
        return
    volumes = [volume.id for volume in flyctl.volumes_list(app)]
    found = each(volumes, lambda volume: flyctl.volumes_snapshots_list(app, volume), runner=flyctl.runner)
    known = {one.id: volume for volume, some in zip(volumes, found, strict=True) for one in some}
    if ident not in known:
        there = ", ".join(f"{one} of {volume}" for one, volume in known.items()) or "none"
        raise BadInput(
            f"{app} has no snapshot {ident}",
            meaning=f"nothing was made; it has: {there}",
            fix=f"give one of them; `flyctl volumes snapshots create VOLUME -a {app}` makes one",
        ) from failure


def grow(flyctl: Flyctl, app: str, ident: str, size: int, *, say: Speaker, dry: bool) -> Volume | None:
    """Make a volume larger; one that has the size already is left alone. None in a dry run.

    Raises:
        BadInput: there is no such volume, or it would shrink.
        Failure: Fly did not do it.
    """
    volume = _one(flyctl, app, ident)
    if reason := wrong_size(size):
        raise BadInput(f"--size {size}: {reason}")
    if size < volume.size_gb:
        raise BadInput(
            f"{ident} has {volume.size_gb} GB, and a volume cannot shrink", fix="give a larger --size"
        )
    if size == volume.size_gb:
        say(f"{ident} has {size} GB already")
        return volume
    failure: Failure | None = None
    try:
        flyctl.volumes_extend(app, ident, size)
    except Interrupted:
        raise
    except Failure as error:
        failure = error
    if dry:
        return None
    grown = _one(flyctl, app, ident)
    if grown.size_gb < size:
        raise failure or Failure(f"{ident} still has {grown.size_gb} GB", fix="run it again")
    if failure:
        say(f"flyctl said: {failure.what}; yet it is done")
    return grown


def examine(flyctl: Flyctl, app: str, manifest: Manifest | None, *, now: datetime) -> list[Finding]:
    """Return what is wrong with an app's volumes, worst first.

    Raises:
        Failure: something could not be read.
    """
    volumes, machines = flyctl.volumes_list(app), flyctl.machine_list(app)
    ids = [volume.id for volume in volumes]
    answers = each(ids, lambda ident: flyctl.volumes_snapshots_list(app, ident), runner=flyctl.runner)
    snapshots = dict(zip(ids, answers, strict=True))
    return check(app, volumes, machines, manifest, snapshots=snapshots, now=now)


def _since(flyctl: Flyctl, app: str, name: str, region: str, known: Collection[str]) -> list[Volume]:
    """Return the volumes of a name that were not known before."""
    return [
        volume
        for volume in flyctl.volumes_list(app)
        if volume.id not in known and (volume.name, volume.region) == (name, region)
    ]


def _one(flyctl: Flyctl, app: str, ident: str) -> Volume:
    volumes = {volume.id: volume for volume in flyctl.volumes_list(app)}
    if ident not in volumes:
        raise BadInput(
            f"{app} has no volume {ident!r}",
            meaning=f"it has: {', '.join(volumes) or 'none'}",
            fix=f"`inv fly.volumes -a {app}` shows them",
        )
    return volumes[ident]
