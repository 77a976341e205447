"""Running a tenant here: the manifest's environment, with a folder of this checkout for the volume."""

from pathlib import Path

import msgspec

from pkg.processcompose.storage import DATA
from pkg.processcompose.tenant import COMPOSE, MANIFEST, Tenant, read, require
from pkg.shell.errors import BadInput

DESCRIPTION = "environment.json"


def environment(tenant: Tenant, folder: Path) -> dict[str, str]:
    """Return the variables of a tenant that runs here.

    Args:
        tenant: the tenant.
        folder: stands in for the volume at /data.

    Raises:
        BadInput: its manifest cannot be read.
    """
    if tenant.manifest is None:
        raise BadInput(
            f"{tenant.folder / MANIFEST} cannot be read", fix=f"./dev inv tenants.check --name {tenant.name}"
        )
    moved = {name: _moved(value, folder) for name, value in tenant.manifest.env.items()}
    if "REPLICA_URL" in moved:
        moved["REPLICA_URL"] = f"file://{folder / 'replica'}"
    return {**moved, "PC_NO_SERVER": "1"}


def _moved(value: str, folder: Path) -> str:
    inside = value.removeprefix(f"{DATA}/")
    return str(folder / inside) if inside != value else value


def describe(folder: Path, env: dict[str, str]) -> None:
    """Write down what a tenant runs with here; `inv fly.litestream --local` reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DESCRIPTION).write_bytes(msgspec.json.encode(env))


def up(root: Path, name: str, folder: Path) -> tuple[list[str], Path, dict[str, str]]:
    """Return how a tenant is started here: its argv, the folder to run it in, and its variables.

    Raises:
        BadInput: there is no such tenant, or its files are wrong.
    """
    require(root, name)
    tenant, findings = read(root, name)
    if findings:
        raise BadInput(
            f"{findings[0]}",
            meaning=f"the tenant {name} is not as process-compose wants it",
            fix="./dev inv tenants.check",
        )
    return ["process-compose", "up", "--config", COMPOSE], root / tenant.folder, environment(tenant, folder)
