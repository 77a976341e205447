"""What `machines.run` is asked for: an image, or all that a manifest says."""

import shlex
from pathlib import Path

import msgspec

from pkg.fly import image as images
from pkg.fly.image import read_record
from pkg.fly.machines.birth import free_volume
from pkg.fly.machines.derive import left_out, machine_config
from pkg.fly.machines.work import Work
from pkg.fly.manifest import FILE, Manifest, by_app, find, read
from pkg.shell.errors import BadInput
from pkg.shell.workspace import Workspace


class Order(msgspec.Struct, frozen=True):
    """A machine to make.

    Attributes:
        app: whose it is.
        image: the image's reference.
        region: where; empty leaves it to flyctl.
        group: the process group; empty for a machine that no deploy manages.
        manifest: what it is made from; None for an image alone.
        config: the machine's configuration as JSON, once the volumes are known.
        notes: what the user should know.
    """

    app: str
    image: str
    region: str
    group: str
    manifest: Manifest | None
    config: str = ""
    notes: tuple[str, ...] = ()


def order(ws: Workspace, what: str, *, app: str, region: str, group: str, image: str) -> Order:
    """Return the machine that is asked for.

    Args:
        ws: where the repo is.
        what: a manifest, its folder, or an image.
        app: `--app`; empty for the manifest's.
        region: `--region`; empty for the manifest's.
        group: `--group`; empty for the manifest's only one.
        image: `--image`; empty for the manifest's, or what ko last published.

    Raises:
        BadInput: it is neither a manifest nor an image, or leaves open what is wanted.
    """
    if not what.strip():
        raise BadInput("no manifest and no image was named", fix="name one, as in core/fly.toml")
    if _is_manifest(ws.root, what):
        return _of_manifest(ws, read(find(ws.root, what)), app=app, region=region, group=group, image=image)
    reference = images.parse(what)
    if image or group:
        raise BadInput(f"--{'image' if image else 'group'} goes with a manifest, and {what} is an image")
    manifest = by_app(ws.root, app) if app else read(find(ws.root))
    owner = app or (manifest.app if manifest else "")
    where = region or (manifest.primary_region if manifest else "")
    note = (
        f"{reference.short} is made by hand: deploys leave it alone; a manifest would make it one of theirs"
    )
    return Order(owner, str(reference), where, "", None, notes=(note,))


def fitted(work: Work, wanted: Order) -> Order:
    """Return the order with its configuration, once there is a free volume for each mount.

    Raises:
        BadInput: a volume is missing.
    """
    if wanted.manifest is None:
        return wanted
    volumes: dict[str, str] = {}
    mounts = wanted.manifest.mounts_of(wanted.group)
    there = work.flyctl.volumes_list(wanted.app) if mounts else []
    for mount in mounts:
        free = free_volume(there, mount.source, wanted.region, taken=frozenset(volumes.values()))
        if free is None:
            raise BadInput(
                f"{wanted.app} has no free volume {mount.source} in {wanted.region}",
                meaning="nothing was made: the manifest mounts one",
                fix=shlex.join(
                    ["inv", "fly.volumes.create", mount.source, "-a", wanted.app, "--region", wanted.region]
                ),
            )
        volumes[mount.source] = free.id
    config = machine_config(wanted.manifest, wanted.group, volumes)
    if wanted.region:
        config["env"]["PRIMARY_REGION"] = wanted.manifest.primary_region or wanted.region
    return msgspec.structs.replace(wanted, config=msgspec.json.encode(config).decode())


def _is_manifest(root: Path, what: str) -> bool:
    if (root / what).is_file() or (root / what / FILE).is_file():
        return True
    if what.endswith((".toml", "/")) or what.startswith((".", "/")):
        find(root, what)  # says which manifests there are
    return False


def _of_manifest(
    ws: Workspace, manifest: Manifest, *, app: str, region: str, group: str, image: str
) -> Order:
    groups = manifest.groups
    if not group and len(groups) > 1:
        raise BadInput(
            f"{manifest.app} has {len(groups)} process groups", fix=f"add --group {'|'.join(groups)}"
        )
    chosen = group or groups[0]
    where = region or manifest.primary_region
    reference = _image(ws, manifest, image)
    machine_config(
        manifest, chosen, {mount.source: "" for mount in manifest.mounts_of(chosen)}
    )  # is it sound?
    rest = left_out(manifest)
    notes = (f"left out, since only a deploy does it: {', '.join(rest)}",) if rest else ()
    return Order(app or manifest.app, reference, where, chosen, manifest, notes=notes)


def _image(ws: Workspace, manifest: Manifest, image: str) -> str:
    """Return the image: what is asked for, the manifest's, or what ko last published."""
    if given := image or manifest.build.image:
        return str(images.parse(given))
    if manifest.build.is_own:
        raise BadInput(
            f"the image of {manifest.app} is built by a deploy, not published by ko",
            fix="add --image registry.fly.io/…; `inv fly.releases` shows the ones that were deployed",
        )
    record = read_record(ws.root, ws.state, simulated=ws.sandbox)
    if record is None:
        raise BadInput("no image was published yet", fix="inv core.publish, or add --image registry.fly.io/…")
    return record.ref
