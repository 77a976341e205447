"""The image of a manifest that has a Dockerfile: flyctl builds and pushes it, then it is deployed.

Building and releasing are two steps, so that what is released is known before it is: the plan, the verdict
and a way back are all about one reference.
"""

import hashlib
import json

from pkg.fly import argv
from pkg.fly.answers import expect_no_help, failure_shown
from pkg.fly.image import Reference
from pkg.fly.manifest import Manifest, shown
from pkg.fly.rollback import head
from pkg.fly.simulation import next_step
from pkg.shell.errors import CommandFailed
from pkg.shell.workspace import Workspace

REGISTRY = "registry.fly.io"


def reference(ws: Workspace, manifest: Manifest, app: str) -> Reference:
    """Return what an image that is built now would be called; its digest is not known before that.

    Args:
        ws: the repo.
        manifest: has a [build] section without an image.
        app: the app, whose repository gets it.
    """
    return Reference(f"{REGISTRY}/{app}", label(ws, manifest), "")


def build(ws: Workspace, manifest: Manifest, app: str, builder: str = "") -> Reference | None:
    """Build and push a manifest's image; return what it is called, None in a dry run.

    Args:
        ws: the repo and its state.
        manifest: has a [build] section without an image.
        app: the app, whose repository gets it.
        builder: `remote` or `local`, empty leaves it to flyctl.

    Raises:
        Failure: it could not be built; nothing was released.
    """
    image = reference(ws, manifest, app)
    if ws.sandbox:
        return _pretend(ws, image)
    command = argv.build_and_push(app, shown(manifest.path, ws.root), image.tag, builder=builder)
    result = ws.runner.stream(command, changes=True, to_stderr=True)
    if result.skipped:
        return None
    if result.code:
        raise failure_shown(result, f"the image of {app} could not be built", meaning="nothing was released")
    expect_no_help(result, f"building the image of {app}")
    return image


def label(ws: Workspace, manifest: Manifest) -> str:
    """Return the tag for what is built now: the commit, whether the manifest's folder differs, and the time.

    One label must not mean two images, or nobody could tell which of them runs; and one commit, built twice,
    may give two: its base images and packages move on.
    """
    at = f"{ws.clock.now():%Y%m%dT%H%M%S}"
    commit = head(ws)
    if not commit:
        return f"uncommitted-{at}"
    folder = shown(manifest.path.parent, ws.root)
    changed = ws.runner.capture(["git", "status", "--porcelain", "--", folder], timeout=30)
    dirty = "dirty-" if changed.code or changed.stdout.strip() else ""
    return f"{commit[:12]}-{dirty}{at}"


def _pretend(ws: Workspace, image: Reference) -> Reference | None:
    """Let the simulation have an image of that name; nothing is built, and that is said."""
    ws.console.say(f"simulated: nothing is built, and the simulation has {image.short} from now on")
    digest = f"sha256:{hashlib.sha256(str(image).encode()).hexdigest()}"
    settings = json.dumps({"images": {str(image): {"digest": digest}}})
    result = ws.runner.capture(["flysim", "control", settings], timeout=60, changes=True)
    if result.code:
        raise CommandFailed("the simulation took no image", result=result, fix=next_step(result.stderr))
    return None if result.skipped else Reference(image.name, image.tag, digest)
