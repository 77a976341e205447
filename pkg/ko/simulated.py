"""Publishing on the simulated Fly: ko does not run, and the record says so."""

import hashlib
import json

from pkg.fly.image import SIMULATED, Record, Reference
from pkg.fly.simulation import next_step
from pkg.ko import record, source
from pkg.ko.publish import check_repository
from pkg.shell.errors import CommandFailed
from pkg.shell.workspace import Workspace


def publish(ws: Workspace, built: source.Source, target: str) -> Record | None:
    """Give the simulation an image of this commit, and record it in the simulation's own folder.

    Args:
        ws: the sandbox.
        built: what is checked out.
        target: the repository.

    Raises:
        BadInput: the repository is none.
        CommandFailed: the simulation refused it.
    """
    check_repository(target)
    tagged = f"{target}:{built.tag}"
    # What differs is part of a real image, so it is part of the digest here.
    content = "\n".join([tagged, *built.changes])
    digest = f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
    settings = {"images": {tagged: {"behaviour": "healthy", "digest": digest}}}
    result = ws.runner.capture(["flysim", "control", json.dumps(settings)], timeout=60, changes=True)
    if result.skipped:
        return None
    if result.code:
        raise CommandFailed("the simulation took no image", result=result, fix=next_step(result.stderr))
    written = Record(
        app=target.rpartition("/")[2],
        ref=str(Reference(target, built.tag, digest)),
        commit=built.commit,
        published=ws.clock.now().replace(microsecond=0),
        ko=SIMULATED,
        dirty=built.dirty,
    )
    record.write(record.path_of(ws), written)
    return written
