"""Which image each app runs, against what was published."""

from collections.abc import Sequence

import msgspec

from pkg.fly import image, manifest
from pkg.fly.client import Flyctl
from pkg.fly.image import Record
from pkg.shell.errors import Failure
from pkg.shell.workspace import Workspace


class Running(msgspec.Struct, frozen=True):
    """What one app runs.

    Attributes:
        app: its name.
        config: its manifest, as `-c` takes it; empty for the root's.
        images: the references of its machines, each once.
        machines: how many machines a deploy manages.
        published: whether all of them run what was published; None when that is not known.
        trouble: why it is not known.
    """

    app: str
    config: str
    images: tuple[str, ...] = ()
    machines: int = 0
    published: bool | None = None
    trouble: str = ""


def running(ws: Workspace, flyctl: Flyctl, record: Record | None, configs: Sequence[str]) -> list[Running]:
    """Return what each app of the given manifests runs; an app that cannot be asked hides no other.

    Args:
        ws: the workspace.
        flyctl: the client.
        record: what was published last.
        configs: manifests, as `-c` takes them.
    """
    return [_of_app(ws, flyctl, record, config) for config in configs]


def _of_app(ws: Workspace, flyctl: Flyctl, record: Record | None, config: str) -> Running:
    app = manifest.read(manifest.find(ws.root, config)).app
    try:
        machines = [machine for machine in flyctl.machine_list(app) if machine.deployed]
    except Failure as failure:
        return Running(app, config, trouble=failure.what)
    found = [image.of_machine(machine.image_ref) for machine in machines]
    known = None
    if record and found:
        known = all(image.same(each, record.image) for each in found)
    trouble = "" if found else "it has no machine yet"
    return Running(app, config, tuple(dict.fromkeys(map(str, found))), len(found), known, trouble)
