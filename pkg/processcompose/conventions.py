"""The conventions of process-compose.yaml: what process-compose would accept, and what would then hurt."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from pkg.processcompose import storage
from pkg.processcompose.findings import Finding
from pkg.processcompose.models import Process
from pkg.processcompose.tenant import COMPOSE, MANIFEST, Tenant, names, read

Rule = Callable[[Tenant], Iterator[Finding]]

# Ways of a command to succeed though its work failed.
_HIDES = re.compile(r"\|\|\s*(?:true|:)(?:\s|;|$)|;\s*(?:true|exit\s+0)\s*$")


def check(root: Path, name: str = "") -> list[Finding]:
    """Return what breaks the conventions, by file and line.

    Args:
        root: the repo's root.
        name: one tenant; all of them when it is empty.
    """
    found: list[Finding] = []
    for each in [name] if name else names(root):
        tenant, malformed = read(root, each)
        found.extend(malformed)
        for rule in (*RULES, *storage.RULES):
            found.extend(rule(tenant))
        found.extend(storage.same_region(tenant, root))
    return sorted(found)


def strict(tenant: Tenant) -> Iterator[Finding]:
    """Unknown keys must be errors."""
    if tenant.project and not tenant.project.is_strict:
        yield tenant.finding(
            "strict", COMPOSE, "set is_strict: true: without it an unknown key is ignored", "is_strict"
        )


def commands(tenant: Tenant) -> Iterator[Finding]:
    """Each process has one way to start, and its failure shows."""
    for name, process in tenant.processes.items():
        place = ("processes", name)
        if bool(process.command) == bool(process.entrypoint):
            yield tenant.finding("command", COMPOSE, f"{name} needs either command or entrypoint", *place)
        if _HIDES.search(process.command):
            what = f"the command of {name} succeeds whatever happens: let it fail, and say what waits for it"
            yield tenant.finding("success", COMPOSE, what, *place, "command")


def probes(tenant: Tenant) -> Iterator[Finding]:
    """A probe asks in one way; an HTTP one says where, and the manifest knows that port."""
    ports = tenant.manifest.ports() if tenant.manifest else set()
    for name, process in tenant.processes.items():
        for key, probe in process.probes():
            place = ("processes", name, key)
            if (probe.exec is None) == (probe.http_get is None):
                yield tenant.finding(
                    "probe", COMPOSE, f"{key} of {name} needs either exec or http_get", *place
                )
            if probe.http_get:
                yield from _http_port(tenant, name, probe.http_get.port, ports, (*place, "http_get"))
            if probe.exec and re.search(r"\bp(?:grep|idof)\b", probe.exec.command):
                what = f"{key} of {name} only sees that a process is there: ask it something"
                yield tenant.finding("probe", COMPOSE, what, *place, "exec", "command")


def _http_port(
    tenant: Tenant, name: str, port: str, ports: set[int], place: tuple[str, ...]
) -> Iterator[Finding]:
    if not port:
        what = f"the probe of {name} names no port, and would ask port 80"
        yield tenant.finding("probe-port", COMPOSE, what, *place)
    elif tenant.manifest and (not port.isdecimal() or int(port) not in ports):
        known = ", ".join(map(str, sorted(ports))) or "none"
        what = f'the probe of {name} asks port "{port}", but the internal ports of {MANIFEST} are: {known}'
        yield tenant.finding("probe-port", COMPOSE, what, *place, "port")


def every_port_is_probed(tenant: Tenant) -> Iterator[Finding]:
    """What Fly sends requests to must be something that process-compose waits for."""
    if not (tenant.manifest and tenant.processes):
        return
    probed = {
        probe.http_get.port
        for process in tenant.processes.values()
        for _, probe in process.probes()
        if probe.http_get
    }
    for port in sorted(tenant.manifest.ports()):
        if (
            port
            and str(port) not in probed
            and not any(_has_exec_probe(each) for each in tenant.processes.values())
        ):
            yield tenant.finding("probe-port", MANIFEST, f"no process has a probe on port {port}", "services")


def _has_exec_probe(process: Process) -> bool:
    return any(probe.exec for _, probe in process.probes())


def dependencies(tenant: Tenant) -> Iterator[Finding]:
    """What is waited for exists, can be reached, and means success where that matters."""
    for name, process in tenant.processes.items():
        for other, need in process.depends_on.items():
            place = ("processes", name, "depends_on", other)
            wanted = tenant.processes.get(other)
            if wanted is None:
                if not (tenant.project and other in tenant.project.processes):
                    yield tenant.finding(
                        "depends", COMPOSE, f"{name} waits for {other}, which there is not", *place
                    )
            elif need.condition == "process_completed":
                what = f"{name} would start though {other} failed: use process_completed_successfully"
                yield tenant.finding("success", COMPOSE, what, *place, "condition")
            elif need.condition == "process_healthy" and not wanted.probes():
                what = f"{name} waits until {other} is healthy, but {other} has no probe"
                yield tenant.finding("depends", COMPOSE, what, *place, "condition")
            elif need.condition == "process_log_ready" and not wanted.ready_log_line:
                what = f"{name} waits for a log line of {other}, which has no ready_log_line"
                yield tenant.finding("depends", COMPOSE, what, *place, "condition")


def no_circles(tenant: Tenant) -> Iterator[Finding]:
    """Processes that wait for each other never start."""
    graph = {
        name: set(process.depends_on) & set(tenant.processes) for name, process in tenant.processes.items()
    }
    free = {name for name, needs in graph.items() if not needs}
    while free:
        graph = {name: needs - free for name, needs in graph.items() if name not in free}
        free = {name for name, needs in graph.items() if not needs}
    if graph:
        first = min(graph, key=lambda name: tenant.documents[COMPOSE].line("processes", name))
        what = f"these wait for each other: {', '.join(sorted(graph))}"
        yield tenant.finding("depends", COMPOSE, what, "processes", first, "depends_on")


def readiness_restarts(tenant: Tenant) -> Iterator[Finding]:
    """A process that is probed must be started again when the probe fails."""
    for name, process in tenant.processes.items():
        if process.readiness_probe and process.availability.restart in ("no", "on_failure"):
            what = (
                f"{name} would stay down when its readiness probe fails: set availability.restart to always"
            )
            yield tenant.finding("restart", COMPOSE, what, "processes", name, "availability", "restart")


RULES: tuple[Rule, ...] = (
    strict,
    commands,
    probes,
    every_port_is_probed,
    dependencies,
    no_circles,
    readiness_restarts,
)
