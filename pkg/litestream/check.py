"""Checking every replicated database of a manifest, on its machines or here."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from pkg.fly.client import Flyctl
from pkg.fly.connect import connect
from pkg.fly.health import STARTED
from pkg.fly.manifest import Manifest
from pkg.litestream import replicated, simulated
from pkg.litestream.failures import Unproven
from pkg.litestream.place import Here, OnMachine, Place
from pkg.litestream.proof import Proof, Target, prove
from pkg.litestream.replicated import Replicated
from pkg.shell.decoding import from_json
from pkg.shell.errors import BadInput, Failure
from pkg.shell.workspace import Workspace

# What `inv tenants.up` says of the tenant that it runs here.
LOCAL = "environment.json"


def on_machines(
    ws: Workspace, app: str, manifest: Manifest, *, read_only: bool = False, timeout: int = 120
) -> list[Proof]:
    """Prove each replicated database of an app on each machine that has its volume.

    Args:
        ws: the workspace.
        app: the app's name.
        manifest: its manifest.
        read_only: write nothing to the databases.
        timeout: seconds that the sync, and that the restore, may take each.

    Raises:
        BadInput: nothing of this manifest is replicated.
        Unproven: a replica is not proven good.
        Failure: there is no machine to look on, or it cannot be asked.
    """
    what = _required(manifest, replicated.of_manifest(manifest))
    databases = replicated.on_volume(what, manifest)
    if not databases:
        raise BadInput(
            f"{what.file} replicates nothing that lies on a volume of {manifest.path}",
            meaning="what is not on a volume is gone at the next deploy, whatever is replicated",
            fix="./dev inv tenants.check",
        )
    flyctl = connect(ws)
    proofs = []
    for machine in _with_volume(flyctl, app):
        place = OnMachine(flyctl, app, machine)
        if ws.sandbox:
            simulated.teach(ws, place)
        targets = [Target(path, what.socket, replicated.ON_MACHINE) for path in databases]
        proofs += _prove(ws, place, targets, read_only=read_only, timeout=timeout)
    return proofs


def here(ws: Workspace, manifest: Manifest, *, read_only: bool = False, timeout: int = 120) -> list[Proof]:
    """Prove each replicated database of a tenant that runs here (`inv tenants.up`).

    Args:
        ws: the workspace.
        manifest: its manifest.
        read_only: write nothing to the databases.
        timeout: seconds that the sync, and that the restore, may take each.

    Raises:
        BadInput: nothing of this manifest is replicated, or it does not run here.
        Unproven: a replica is not proven good.
    """
    env = local_environment(ws.root, manifest)
    what = _required(manifest, replicated.of_manifest(manifest, env))
    targets = [Target(path, what.socket, what.file) for path in what.databases]
    try:
        return _prove(ws, Here(ws.runner, env), targets, read_only=read_only, timeout=timeout)
    except Unproven as failure:
        failure.fix = failure.remedy_here
        raise


def local_environment(root: Path, manifest: Manifest) -> dict[str, str]:
    """Return the variables that a tenant runs with here.

    Raises:
        BadInput: it was never started here.
    """
    path = root / ".fly" / "tenants" / manifest.path.parent.name / LOCAL
    try:
        return from_json(path.read_bytes(), dict[str, str])
    except (OSError, msgspec.MsgspecError) as error:
        name = manifest.path.parent.name
        raise BadInput(
            f"{name} was not started here: {path} is not there or no JSON", fix=f"./dev inv tenants.up {name}"
        ) from error


def _prove(
    ws: Workspace, place: Place, targets: Sequence[Target], *, read_only: bool, timeout: int
) -> list[Proof]:
    proofs = []
    for target in targets:
        with ws.console.progress(f"{target.database} on {place.name}") as progress:
            if not ws.dry:
                begin = "comparing positions" if read_only else "writing a row"
                progress.update(f"{begin}, waiting for the replica, restoring a copy")
            sentinel = simulated.SENTINEL if ws.sandbox else 0
            proof = prove(place, target, ws.clock, read_only=read_only, timeout=timeout, sentinel=sentinel)
        if proof:
            proofs.append(proof)
    return proofs


def _required(manifest: Manifest, what: Replicated | None) -> Replicated:
    if what is None or not what.databases:
        raise BadInput(
            f"{manifest.path} has no replicated database: no {replicated.FILE} beside it names one",
            fix="name a tenant: `inv fly.litestream -c processcompose/notes`",
        )
    return what


def _with_volume(flyctl: Flyctl, app: str) -> list[str]:
    machines = flyctl.machine_list(app)
    found = [machine.id for machine in machines if machine.settings.mounts and machine.state == STARTED]
    if not found:
        raise Failure(
            f"{app} has no started machine with a volume",
            meaning="a replica can only be proven where its database is",
            fix=f"`inv fly.machines -a {app}` shows them; start one, then run the check again",
        )
    return found
