"""`checks list`: the health checks of all machines."""

from __future__ import annotations

from pkg.flysim.flyctl import records
from pkg.flysim.flyctl.commands.machines import all_machines
from pkg.flysim.flyctl.render import ago, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call

COLUMNS = ("NAME", "STATUS", "MACHINE", "LAST UPDATED", "OUTPUT")


def list_checks(call: Call) -> None:
    """List the checks; exit 0 whatever they say; recorded: daily.json#33, daily.json#34, deploys.json#15."""
    machines = all_machines(call)
    wanted = call.text("check-name")
    found = {
        machine["id"]: [check for check in records.checks(machine) if wanted in {"", check["name"]}]
        for machine in machines
    }
    if call.switch("json"):
        call.json(dict(sorted(found.items())))
        return
    now = call.clock.now()
    rows = [
        (
            check["name"],
            check["status"],
            machine,
            ago(now - records.seconds(check["updated_at"])),
            check.get("output", ""),
        )
        for machine, checks in found.items()
        for check in checks
    ]
    call.stdout.write(table(COLUMNS, rows, title=f"Health Checks for {call.app}", ruled=True))
