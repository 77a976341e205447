"""`machine leases`: who holds a machine, and taking it from them."""

from __future__ import annotations

from pkg.flysim.flyctl import machine as machines
from pkg.flysim.flyctl.errors import ApiFailed, Failed
from pkg.flysim.flyctl.render import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call, Json

COLUMNS = ("MACHINE", "NONCE", "STATUS", "OWNER", "EXPIRES")


def _lease(call: Call, machine: str) -> Json | None:
    try:
        found: Json = call.api.get(f"/v1/apps/{call.app}/machines/{machine}/lease")
    except ApiFailed as error:
        if error.status == 404:
            return None
        raise Failed(f"could not get lease of machine {machine}: {error}") from error
    return found


def view(call: Call) -> None:
    """Show the leases of machines; recorded: operate.json#21."""
    from datetime import UTC, datetime

    leases = {ident: _lease(call, call.machine(ident)["id"]) for ident in machines.ids(call)}
    held = {ident: lease for ident, lease in leases.items() if lease}
    if call.switch("json"):
        call.json(held)
    elif not held:
        call.out("No leases found")
    else:
        rows = [
            (
                ident,
                lease["data"]["nonce"],
                lease["status"],
                lease["data"]["owner"],
                datetime.fromtimestamp(lease["data"]["expires_at"], UTC).isoformat(),
            )
            for ident, lease in held.items()
        ]
        call.stdout.write(table(COLUMNS, rows))


def clear(call: Call) -> None:
    """Take the leases of machines from whoever holds them; recorded: deploys.json#26."""
    for ident in machines.ids(call):
        lease = _lease(call, ident)
        if lease:
            path = f"/v1/apps/{call.app}/machines/{ident}/lease"
            try:
                call.api.delete(path, nonce=lease["data"]["nonce"])
            except ApiFailed as error:
                raise Failed(f"could not release lease of machine {ident}: {error}") from error
    call.out("Lease(s) cleared")
