"""The convention of the restore: nothing touches a database before it is back from its replica.

A process that starts earlier makes an empty database, and `-if-db-not-exists` then restores nothing.
"""

from collections.abc import Iterator

from pkg.processcompose.commands import is_several, key, runs_litestream, words
from pkg.processcompose.findings import Finding
from pkg.processcompose.models import Dependency, Process
from pkg.processcompose.tenant import COMPOSE, LITESTREAM, Tenant

# Conditions that a process which never started cannot meet.
_PROOFS = frozenset({"process_completed_successfully", "process_healthy", "process_log_ready"})
# Without the one flag a volume that has its database makes it fail, without the other the first start.
_RESTORE = ["litestream", "restore", "-config", LITESTREAM, "-if-db-not-exists", "-if-replica-exists"]
_REPLICATE = ["litestream", "replicate", "-config", LITESTREAM]


def restore_comes_first(tenant: Tenant) -> Iterator[Finding]:
    """Each database is restored, every other process waits for that, and one process replicates."""
    if not (tenant.manifest and tenant.complete):
        return
    running = {name: process for name, process in tenant.processes.items() if not process.disabled}
    restores = {name for name, process in running.items() if runs_litestream(process, "restore")}
    if databases := tenant.manifest.databases():
        yield from _restored(tenant, databases, {name: running[name] for name in restores})
    yield from _replicated(tenant, running)
    if restores:
        yield from _too_early(tenant, running, restores)


def _restored(tenant: Tenant, databases: dict[str, str], restores: dict[str, Process]) -> Iterator[Finding]:
    """Each database has its restore, which is one command: its exit code is Litestream's then."""
    forms = {
        (*_RESTORE, word): variable
        for variable, path in databases.items()
        for word in (f"${{{variable}}}", f'"${{{variable}}}"', f"${variable}", path)
    }
    restored = {name: forms.get(tuple(words(process)), "") for name, process in restores.items()}
    missing = [variable for variable in databases if variable not in restored.values()]
    wrong = [name for name, variable in restored.items() if not variable]
    for name in wrong:
        if not is_several(restores[name]):  # told already
            needed = f"{' '.join(_RESTORE)} ${{{[*missing, *databases][0]}}}"
            what = f"the {key(restores[name])} of {name} must be `{needed}`, in this order"
            yield tenant.finding("restore", COMPOSE, what, "processes", name, key(restores[name]))
    for variable in () if wrong else missing:
        what = f"no process restores {variable}: a new volume would start with an empty database"
        yield tenant.finding("restore", COMPOSE, what, "processes")


def _replicated(tenant: Tenant, running: dict[str, Process]) -> Iterator[Finding]:
    """One daemon replicates, for as long as the machine runs."""
    daemons = [name for name, process in running.items() if runs_litestream(process, "replicate")]
    if not daemons:
        what = "no process runs `litestream replicate`: nothing would be copied to the replica"
        yield tenant.finding("restore", COMPOSE, what, "processes")
    for name in daemons:
        if words(running[name]) != _REPLICATE:
            what = f"the {key(running[name])} of {name} must be `exec {' '.join(_REPLICATE)}`"
            yield tenant.finding("restore", COMPOSE, what, "processes", name, key(running[name]))
    for name in daemons[1:]:
        what = f"{name} would write to the replica of {daemons[0]}: one process replicates"
        yield tenant.finding("restore", COMPOSE, what, "processes", name)


def _too_early(tenant: Tenant, running: dict[str, Process], restores: set[str]) -> Iterator[Finding]:
    after = _after(running, restores)
    for name in running.keys() - after - restores:
        needs = running[name].depends_on
        if _told_already(needs, running, restores):
            continue
        first = next((other for other in needs if other in restores), "")
        place = ("depends_on", first, "condition") if first else ()
        what = f"{name} starts before the database is restored: wait for {first or min(restores)}"
        what += " with process_completed_successfully, directly or through another process"
        yield tenant.finding("restore", COMPOSE, what, "processes", name, *place)


def _told_already(needs: dict[str, Dependency], running: dict[str, Process], restores: set[str]) -> bool:
    """Return whether what a process waits for has a finding of its own: one mistake is told once."""
    direct = [need.condition for other, need in needs.items() if other in restores]
    if direct:
        return "process_completed" in direct
    others = [need.condition for other, need in needs.items() if other in running]
    return len(others) < len(needs) or bool(others and _PROOFS.issuperset(others))


def _after(running: dict[str, Process], restores: set[str]) -> set[str]:
    """Return the processes that cannot start before every restore has succeeded."""
    reached: dict[str, set[str]] = {name: set() for name in running}
    for _ in running:
        for name, process in running.items():
            for other, need in process.depends_on.items():
                if other in restores and need.condition == "process_completed_successfully":
                    reached[name].add(other)
                if other in running and need.condition in _PROOFS:
                    reached[name] |= reached[other]
    return {name for name, done in reached.items() if done == restores}
