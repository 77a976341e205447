"""The convention of success: what fails is seen to fail, above all by what waits for it."""

from collections.abc import Iterator

from pkg.processcompose import commands
from pkg.processcompose.findings import Finding
from pkg.processcompose.tenant import COMPOSE, Tenant

CONDITION = "process_completed_successfully"


def shows(tenant: Tenant) -> Iterator[Finding]:
    """A command fails when its work fails; where another waits for that, when any part of it fails."""
    awaited = {
        other
        for process in tenant.processes.values()
        for other, need in process.depends_on.items()
        if need.condition == CONDITION
    }
    for name, process in tenant.processes.items():
        matters = name in awaited or commands.runs_litestream(process, "restore")
        key = commands.key(process)
        if matters and commands.is_several(process):
            what = f"the {key} of {name} may succeed whatever happens to a part of it: "
            what += "write one command, or several joined by `&&`"
            yield tenant.finding("success", COMPOSE, what, "processes", name, key)
        elif commands.hides_failure(process):
            what = f"the {key} of {name} succeeds whatever happens: let it fail, and say what waits for it"
            yield tenant.finding("success", COMPOSE, what, "processes", name, key)
