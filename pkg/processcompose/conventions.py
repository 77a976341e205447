"""The conventions of process-compose.yaml: what process-compose would accept, and what would then hurt."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from pkg.processcompose import image, restoring, storage, success
from pkg.processcompose.commands import runs_litestream
from pkg.processcompose.findings import Finding
from pkg.processcompose.models import HttpProbe, Probe
from pkg.processcompose.tenant import COMPOSE, MANIFEST, Tenant, names, read

Rule = Callable[[Tenant], Iterator[Finding]]


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
        for rule in (*RULES, *storage.RULES, image.image):
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
    """Each process has one way to start, and is there once."""
    for name, process in tenant.processes.items():
        place = ("processes", name)
        if bool(process.command) == bool(process.entrypoint):
            yield tenant.finding("command", COMPOSE, f"{name} needs either command or entrypoint", *place)
        if process.replicas != 1:
            what = f"{name} would run {process.replicas} times: take `replicas` out, or write 1"
            yield tenant.finding("replicas", COMPOSE, what, *place, "replicas")


def probes(tenant: Tenant) -> Iterator[Finding]:
    """A probe asks in one way; an HTTP one says where, and the manifest knows that port."""
    ports = tenant.manifest.ports() if tenant.manifest else set()
    for name, process in tenant.processes.items():
        if process.readiness_probe and process.ready_log_line:
            what = f"{name} has a readiness probe too, and process-compose loads one or the other"
            yield tenant.finding("probe", COMPOSE, what, "processes", name, "ready_log_line")
        for key, probe in process.probes():
            place = ("processes", name, key)
            if (probe.exec is None) == (probe.http_get is None):
                yield tenant.finding(
                    "probe", COMPOSE, f"{key} of {name} needs either exec or http_get", *place
                )
            if probe.http_get:
                yield from _http_get(tenant, name, probe.http_get, ports, (*place, "http_get"))
            if probe.exec and re.search(r"\bp(?:grep|idof)\b", probe.exec.command):
                what = f"{key} of {name} only sees that a process is there: ask it something"
                yield tenant.finding("probe", COMPOSE, what, *place, "exec", "command")


def _http_get(
    tenant: Tenant, name: str, asked: HttpProbe, ports: set[int], place: tuple[str, ...]
) -> Iterator[Finding]:
    if missing := [key for key in ("host", "scheme", "path") if not getattr(asked, key)]:
        what = (
            f"the probe of {name} names no {' and no '.join(missing)}, and would ask what is not written here"
        )
        yield tenant.finding("probe-port", COMPOSE, what, *place)
    if not asked.port:
        what = f"the probe of {name} names no port, and would ask port 80"
        yield tenant.finding("probe-port", COMPOSE, what, *place)
    elif tenant.manifest and (not asked.port.isdecimal() or int(asked.port) not in ports):
        known = ", ".join(map(str, sorted(ports))) or "none"
        what = (
            f'the probe of {name} asks port "{asked.port}", but the internal ports of {MANIFEST} are: {known}'
        )
        yield tenant.finding("probe-port", COMPOSE, what, *place, "port")


def every_port_is_probed(tenant: Tenant) -> Iterator[Finding]:
    """What Fly sends requests to must be something that process-compose waits for."""
    if not (tenant.manifest and tenant.processes and tenant.complete):
        return
    started = [process for process in tenant.processes.values() if not process.disabled]
    probes_of_all = [probe for process in started for _, probe in process.probes()]
    for port in sorted(tenant.manifest.ports()):
        if port and not any(_asks(probe, port) for probe in probes_of_all):
            yield tenant.finding("probe-port", MANIFEST, f"no process has a probe on port {port}", "services")


def _asks(probe: Probe, port: int) -> bool:
    """Return whether a probe asks a port; that of a command is a number in it."""
    if probe.http_get and probe.http_get.port == str(port):
        return True
    return bool(probe.exec and re.search(rf"(?<!\d){port}(?!\d)", probe.exec.command))


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
            elif wanted.disabled and not process.disabled:
                what = f"{name} waits for {other}, which is disabled: process-compose would not load it"
                yield tenant.finding("depends", COMPOSE, what, *place)
            elif need.condition == "process_completed":
                what = f"{name} would start though {other} failed: use {success.CONDITION}"
                yield tenant.finding("success", COMPOSE, what, *place, "condition")
            elif need.condition == success.CONDITION and wanted.availability.restart == "always":
                what = f"{name} waits until {other} has ended, but {other} restarts always"
                yield tenant.finding("depends", COMPOSE, what, *place, "condition")
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


def restarts(tenant: Tenant) -> Iterator[Finding]:
    """What is probed must be started again when the probe fails, and Litestream whenever it ends."""
    for name, process in tenant.processes.items():
        replicates = runs_litestream(process, "replicate")
        if (process.readiness_probe or replicates) and process.availability.restart != "always":
            when = "when its readiness probe fails" if process.readiness_probe else "when it ends"
            what = f"{name} would not come back {when}: set availability.restart to always"
            yield tenant.finding("restart", COMPOSE, what, "processes", name, "availability", "restart")


RULES: tuple[Rule, ...] = (
    strict,
    commands,
    success.shows,
    probes,
    every_port_is_probed,
    dependencies,
    no_circles,
    restarts,
    restoring.restore_comes_first,
)
