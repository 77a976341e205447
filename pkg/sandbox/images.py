"""Images of the simulated Fly: how they behave, and the record that one was published."""

import hashlib

from pkg.fly.image import RECORD, Reference, parse
from pkg.sandbox.seed import control
from pkg.shell.errors import BadInput, Failure
from pkg.shell.workspace import Workspace

BEHAVIOURS = ("healthy", "unhealthy", "crashes", "slow", "stuck", "missing", "errs")


def pinned(ref: str, behaviour: str) -> Reference:
    """Return the reference of a simulated image, with its digest.

    Args:
        ref: `repo:tag`, or `repo:tag@digest`; without a digest it gets one of its own.
        behaviour: one of `BEHAVIOURS`.

    Raises:
        BadInput: the reference or the behaviour is none.
    """
    image = parse(ref)
    if not image.tag:
        raise BadInput(f"{ref} has no tag", fix="give it one: registry.fly.io/infra:TAG")
    if behaviour not in BEHAVIOURS:
        raise BadInput(f"{behaviour!r} is no behaviour", fix=f"one of: {', '.join(BEHAVIOURS)}")
    digest = image.digest or f"sha256:{hashlib.sha256(ref.encode()).hexdigest()}"
    return Reference(image.name, image.tag, digest)


def behave(ws: Workspace, image: Reference, behaviour: str, *, publish: bool) -> None:
    """Let an image behave so, and record it as what ko published last when asked to.

    Args:
        ws: the sandbox.
        image: as `pinned` gives it.
        behaviour: one of `BEHAVIOURS`.
        publish: write the sandbox's own record of what was published; the repo's stays as it is.
    """
    tagged = f"{image.name}:{image.tag}"
    control(ws, {"images": {tagged: {"behaviour": behaviour, "digest": image.digest}}})
    if publish:
        record(ws, image)


def record(ws: Workspace, image: Reference) -> None:
    """Write the sandbox's own record of what was published, as `inv core.publish` writes the real one."""
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("What was published on the simulated Fly: `inv sandbox.image` wrote it."))
    table = tomlkit.table()
    table["app"] = image.name.rpartition("/")[2]
    table["ref"] = str(image)
    table["commit"] = hashlib.sha1(str(image).encode(), usedforsecurity=False).hexdigest()
    table["published"] = ws.clock.now().replace(microsecond=0)
    table["ko"] = "simulated"
    table["dirty"] = False
    document["image"] = table
    path = ws.state / RECORD.name
    try:
        path.write_text(tomlkit.dumps(document))
    except OSError as error:
        raise Failure(
            f"{path} cannot be written: {error.strerror}",
            meaning="the image is there, and is not what was last published",
            fix="make room on the disk, or correct the folder's permissions, then run it again",
        ) from error
