"""`inv fly.litestream`: proving that a database could be brought back. Quick to import: every `inv` does."""

from typing import TYPE_CHECKING

from invoke import Context

from pkg.shell.cli import task, workspace

if TYPE_CHECKING:
    from pkg.fly.manifest import Manifest
    from pkg.litestream.proof import Proof
    from pkg.shell.workspace import Workspace


@task(
    help={
        "config": "a manifest or its folder, as processcompose/notes",
        "app": "an app of this repo, instead of its manifest",
        "local": "the tenant that `inv tenants.up` runs here, not the one on Fly",
        "read-only": "write nothing to the database: compare positions only",
        "timeout": "seconds that the sync, and that the restore, may take each",
        "json": "as JSON",
    }
)
def litestream(
    c: Context,
    *,
    config: str = "",
    app: str = "",
    local: bool = False,
    read_only: bool = False,
    timeout: int = 120,
    json: bool = False,
) -> None:
    """Prove a replica: write a row, restore a copy, read it back."""
    from pkg.fly.cli.changing import require_seconds
    from pkg.fly.cli.options import the_manifest
    from pkg.litestream import check

    ws = workspace(c)
    require_seconds("--timeout", timeout)
    manifest = the_manifest(ws, app, config)
    if local:
        proofs = check.here(ws, manifest, read_only=read_only, timeout=timeout)
    else:
        proofs = check.on_machines(ws, app or manifest.app, manifest, read_only=read_only, timeout=timeout)
    if json:
        ws.console.json(proofs)
        return
    if ws.dry:
        return
    columns = ("database", "where", "position", "lag", "idle", "size", "took", "proof")
    ws.console.table(columns, [_row(proof) for proof in proofs])
    if ws.sandbox and not local:
        ws.console.say("fly.litestream: the machine is simulated, and so are these answers")


def replication(ws: "Workspace", app: str, manifest: "Manifest") -> str:
    """Return what is wrong with the replicas of an app that was just deployed; `fly.collection` takes it."""
    from pkg.litestream.deployed import problem

    return problem(ws, app, manifest)


def _row(proof: "Proof") -> tuple[str, ...]:
    return (
        proof.database,
        proof.where,
        str(proof.position),
        f"{proof.lag:.2f} s",
        "-" if proof.idle is None else f"{proof.idle:.0f} s",
        f"{proof.size:,} B",
        f"{proof.seconds:.1f} s",
        "a row came back" if proof.sentinel else "positions agree",
    )
