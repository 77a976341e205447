"""Which image each app runs, against what was published."""

from collections.abc import Sequence

import msgspec

from pkg.fly import image, manifest
from pkg.fly.client import Flyctl
from pkg.fly.image import Record
from pkg.fly.journal import entries
from pkg.fly.objections import objection
from pkg.shell.errors import Failure, Interrupted
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
        against: what the journal has against what was published, on this app; empty for nothing.
    """

    app: str
    config: str
    images: tuple[str, ...] = ()
    machines: int = 0
    published: bool | None = None
    trouble: str = ""
    against: str = ""


def running(
    ws: Workspace, flyctl: Flyctl | Failure, record: Record | None, configs: Sequence[str]
) -> list[Running]:
    """Return what each app of the given manifests runs; an app that cannot be asked hides no other.

    Args:
        ws: the workspace.
        flyctl: the client, or why there is none.
        record: what was published last.
        configs: manifests, as `-c` takes them.
    """
    journal = entries(ws)
    found = []
    for config in configs:
        app = manifest.read(manifest.find(ws.root, config)).app
        speaks = objection(journal, app, record.image) if record else None
        told = _of_app(flyctl, record, app, config)
        found.append(msgspec.structs.replace(told, against=speaks.what if speaks else ""))
    return found


def _of_app(flyctl: Flyctl | Failure, record: Record | None, app: str, config: str) -> Running:
    if isinstance(flyctl, Failure):
        return Running(app, config, trouble=flyctl.what)
    try:
        machines = [machine for machine in flyctl.machine_list(app) if machine.deployed]
    except Interrupted:
        raise
    except Failure as failure:
        return Running(app, config, trouble=failure.what)
    found = [image.of_machine(machine.image_ref) for machine in machines]
    known = None
    if record and found:
        known = all(image.same(each, record.image) for each in found)
    trouble = "" if found else "it has no machine yet"
    return Running(app, config, tuple(dict.fromkeys(map(str, found))), len(found), known, trouble)
