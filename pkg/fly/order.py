"""What a deploy is asked to do: the image, flyctl's command for it, and the manifest that goes with it."""

from collections.abc import Callable

import msgspec

from pkg.fly.image import Reference
from pkg.fly.manifest import Manifest, shown
from pkg.fly.rollback import OldManifest, head, sha_of
from pkg.fly.waiting import Pace
from pkg.shell.workspace import Workspace

# Proves that a database's replica is good: takes the workspace, the app and its manifest, returns what is
# wrong, or nothing. `tasks.py` hands it in: this package knows no database.
Replication = Callable[[Workspace, str, Manifest], str]


class Order(msgspec.Struct, frozen=True):
    """What shall be done.

    Attributes:
        task: the task that asks for it, for the journal.
        image: the image to release.
        command: flyctl's argv for it.
        manifest: the manifest that it goes with, for the journal.
        pace: how often, and for how long, to look.
        roll_back: whether a bad release is undone.
        forced: refusals that were overridden, each with its reason.
        again: what asks for the same again, as it would be typed; for the journal.
    """

    task: str
    image: Reference
    command: list[str]
    manifest: OldManifest
    pace: Pace
    roll_back: bool = True
    forced: dict[str, str] = {}
    again: str = ""


def present_manifest(ws: Workspace, manifest: Manifest) -> OldManifest:
    """Return the manifest as it is in the checkout, as a deploy takes it."""
    path = shown(manifest.path, ws.root)
    return OldManifest(path, exact=True, why="as it is", sha=sha_of(manifest.text), commit=head(ws))
