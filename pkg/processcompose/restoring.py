"""The convention of the restore: nothing touches a database before it is back from its replica.

A process that starts earlier makes an empty database, and `-if-db-not-exists` then restores nothing.
"""

import re
from collections.abc import Iterator

from pkg.processcompose.findings import Finding
from pkg.processcompose.models import Dependency, Process
from pkg.processcompose.tenant import COMPOSE, Tenant

# Conditions that a process which never started cannot meet.
_PROOFS = frozenset({"process_completed_successfully", "process_healthy", "process_log_ready"})
_FLAGS = {
    "-if-db-not-exists": "or a volume that has its database makes the restore fail",
    "-if-replica-exists": "or the first start of all, which has no replica, fails",
}


def restore_comes_first(tenant: Tenant) -> Iterator[Finding]:
    """Each database is restored, every other process waits for that, and one process replicates."""
    if not (tenant.manifest and tenant.complete):
        return
    running = {name: process for name, process in tenant.processes.items() if not process.disabled}
    restores = {name for name, process in running.items() if runs_litestream(process, "restore")}
    for variable, path in tenant.manifest.databases().items():
        wanted = rf"\$\{{{variable}\}}|\${variable}\b|{re.escape(path)}(?![\w.-])"
        if not any(re.search(wanted, shell_text(running[name])) for name in restores):
            what = f"no process restores {variable}: a new volume would start with an empty database"
            yield tenant.finding("restore", COMPOSE, what, "processes")
    if not any(runs_litestream(process, "replicate") for process in running.values()):
        what = "no process runs `litestream replicate`: nothing would be copied to the replica"
        yield tenant.finding("restore", COMPOSE, what, "processes")
    for name in sorted(restores):
        for flag, why in _FLAGS.items():
            if not re.search(rf"\s-?{flag}\b", shell_text(running[name])):
                place = ("processes", name, "command")
                yield tenant.finding("restore", COMPOSE, f"give {flag} to {name}, {why}", *place)
    if restores:
        yield from _too_early(tenant, running, restores)


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


def runs_litestream(process: Process, verb: str) -> bool:
    """Return whether a process runs a verb of Litestream."""
    return bool(re.search(rf"(?:^|[\s/;&|(])litestream\s+{verb}\b", shell_text(process)))


def shell_text(process: Process) -> str:
    """Return what a process runs, without the shell's comments."""
    text = process.command or " ".join(process.entrypoint)
    return re.sub(r"(?m)(?:^|(?<=\s))#.*$", "", text)
