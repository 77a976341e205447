"""Every request that the platform answers, as Fly's APIs name it, with what answers it and on what evidence.

`{name}` in a path stands for one segment of it. GraphQL's operations are in `queries`. What answers is named
by module and function, and loaded when it is first asked for: a process makes few of all requests.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from pkg.flysim.evidence import Evidence, assumed, recorded
from pkg.flysim.platform.call import Call, Response

READS = "reads"
CHANGES = "changes"
WAITS = "waits"

DOCUMENTED = assumed("Fly's documentation of the Machines API; flyctl was not seen to ask")


class Route:
    """One request: what it does to the state, what answers it, and how we know."""

    __slots__ = ("answered_by", "evidence", "kind", "method", "path", "segments")

    def __init__(self, method: str, path: str, kind: str, answered_by: str, evidence: Evidence) -> None:
        self.method = method
        self.path = path
        self.kind = kind
        self.answered_by = answered_by
        self.evidence = evidence
        self.segments = path.split("/")

    def answer(self, call: Call) -> Response:
        """Answer a request of this route."""
        module, _, name = self.answered_by.partition(".")
        function: Callable[[Call], Response] = getattr(import_module(f"pkg.flysim.platform.{module}"), name)
        return function(call)

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """What the names in the path stand for in another; None when that is another path."""
        params: dict[str, str] = {}
        for mine, other in zip(self.segments, segments, strict=True):
            if mine[:1] == "{" and other:
                params[mine[1:-1]] = other
            elif mine != other:
                return None
        return params


APP = "/v1/apps/{app}"
MACHINE = f"{APP}/machines/{{machine}}"
VOLUME = f"{APP}/volumes/{{volume}}"
CERTIFICATE = f"{APP}/certificates/{{hostname}}"

ROUTES = (
    Route("GET", "/v1/apps", READS, "apps.list_all", DOCUMENTED),
    Route(
        "POST",
        "/v1/apps",
        CHANGES,
        "apps.create",
        recorded("http.jsonl#414", "http.jsonl#416", "http.jsonl#505"),
    ),
    Route("GET", APP, READS, "apps.show", recorded("http.jsonl#14", "http.jsonl#32", "http.jsonl#415")),
    Route("DELETE", APP, CHANGES, "apps.destroy", DOCUMENTED),
    Route("GET", f"{APP}/machines", READS, "machines.list_all", recorded("http.jsonl#5", "http.jsonl#30")),
    Route("POST", f"{APP}/machines", CHANGES, "machines.create", recorded("http.jsonl#25", "http.jsonl#450")),
    Route(
        "GET", MACHINE, READS, "machines.show", recorded("http.jsonl#26", "http.jsonl#153", "http.jsonl#459")
    ),
    Route("POST", MACHINE, CHANGES, "machines.update", recorded("http.jsonl#46", "http.jsonl#119")),
    Route("DELETE", MACHINE, CHANGES, "machines.destroy", recorded("http.jsonl#151", "http.jsonl#317")),
    Route(
        "GET",
        f"{MACHINE}/wait",
        WAITS,
        "actions.Waiting",
        recorded("http.jsonl#27", "http.jsonl#109", "http.jsonl#111"),
    ),
    Route("POST", f"{MACHINE}/start", CHANGES, "actions.start", recorded("http.jsonl#104")),
    Route("POST", f"{MACHINE}/stop", CHANGES, "actions.stop", recorded("http.jsonl#100", "http.jsonl#253")),
    Route("POST", f"{MACHINE}/restart", CHANGES, "actions.restart", recorded("http.jsonl#114")),
    Route("POST", f"{MACHINE}/suspend", CHANGES, "actions.suspend", recorded("http.jsonl#168")),
    Route("POST", f"{MACHINE}/signal", CHANGES, "actions.signal", recorded("http.jsonl#411")),
    Route("POST", f"{MACHINE}/exec", READS, "actions.execute", recorded("http.jsonl#157")),
    Route("GET", f"{MACHINE}/ps", READS, "actions.processes", recorded("http.jsonl#28")),
    Route("POST", f"{MACHINE}/cordon", CHANGES, "actions.cordon", recorded("http.jsonl#160")),
    Route("POST", f"{MACHINE}/uncordon", CHANGES, "actions.uncordon", recorded("http.jsonl#164")),
    Route("GET", f"{MACHINE}/lease", READS, "actions.show_lease", recorded("http.jsonl#155")),
    Route(
        "POST",
        f"{MACHINE}/lease",
        CHANGES,
        "actions.acquire_lease",
        recorded("http.jsonl#45", "http.jsonl#99"),
    ),
    Route("DELETE", f"{MACHINE}/lease", CHANGES, "actions.release_lease", recorded("http.jsonl#50")),
    Route("GET", f"{MACHINE}/events", READS, "actions.events", DOCUMENTED),
    Route("GET", f"{MACHINE}/metadata", READS, "actions.metadata", DOCUMENTED),
    Route("POST", f"{MACHINE}/metadata/{{key}}", CHANGES, "actions.set_metadata", DOCUMENTED),
    Route("DELETE", f"{MACHINE}/metadata/{{key}}", CHANGES, "actions.delete_metadata", DOCUMENTED),
    Route("GET", f"{APP}/volumes", READS, "volumes.list_all", recorded("http.jsonl#20", "http.jsonl#220")),
    Route("POST", f"{APP}/volumes", CHANGES, "volumes.create", recorded("http.jsonl#13", "http.jsonl#422")),
    Route("GET", VOLUME, READS, "volumes.show", recorded("http.jsonl#215", "http.jsonl#516")),
    Route("PUT", VOLUME, CHANGES, "volumes.update", DOCUMENTED),
    Route("DELETE", VOLUME, CHANGES, "volumes.destroy", recorded("http.jsonl#229")),
    Route("PUT", f"{VOLUME}/extend", CHANGES, "volumes.extend", recorded("http.jsonl#225")),
    Route("GET", f"{VOLUME}/snapshots", READS, "volumes.list_snapshots", recorded("http.jsonl#418")),
    Route("POST", f"{VOLUME}/snapshots", CHANGES, "volumes.create_snapshot", recorded("http.jsonl#420")),
    Route("GET", f"{APP}/secrets", READS, "secrets.list_all", recorded("http.jsonl#172", "http.jsonl#182")),
    Route("POST", f"{APP}/secrets", CHANGES, "secrets.change", recorded("http.jsonl#179", "http.jsonl#185")),
    Route(
        "GET",
        f"{APP}/certificates",
        READS,
        "certificates.list_all",
        recorded("http.jsonl#202", "operate.json#46"),
    ),
    Route(
        "POST",
        f"{APP}/certificates/acme",
        CHANGES,
        "certificates.create",
        recorded("http.jsonl#204", "http.jsonl#205"),
    ),
    Route("GET", CERTIFICATE, READS, "certificates.show", DOCUMENTED),
    Route("DELETE", CERTIFICATE, CHANGES, "certificates.destroy", recorded("http.jsonl#211")),
    Route(
        "POST",
        f"{CERTIFICATE}/check",
        READS,
        "certificates.show",
        recorded("http.jsonl#206", "http.jsonl#209", "http.jsonl#210"),
    ),
    Route("GET", f"{APP}/ip_assignments", READS, "ips.list_all", recorded("http.jsonl#21", "http.jsonl#200")),
    Route("POST", f"{APP}/ip_assignments", CHANGES, "ips.assign", recorded("http.jsonl#22")),
    Route("DELETE", f"{APP}/ip_assignments/{{ip}}", CHANGES, "ips.release", DOCUMENTED),
    Route("GET", "/v1/platform/regions", READS, "regions.list_all", recorded("http.jsonl#245")),
    Route(
        "GET", "/api/v1/organizations/{organization}", READS, "apps.organization", recorded("http.jsonl#15")
    ),
    Route("POST", "/api/v1/builds", READS, "releases.start_build", recorded("http.jsonl#16")),
    Route("POST", "/api/v1/builds/finish", READS, "releases.finish_build", recorded("http.jsonl#18")),
    Route("POST", "/api/v1/releases", CHANGES, "releases.create", recorded("http.jsonl#23")),
    Route("PATCH", "/api/v1/releases/{release}", CHANGES, "releases.update", recorded("http.jsonl#24")),
    Route("GET", "/api/v1/apps/{app}/releases", READS, "releases.list_all", recorded("http.jsonl#174")),
    Route("POST", "/metrics_post", READS, "logs.take_metrics", assumed("where flyctl sends its own figures")),
    Route(
        "GET",
        "/prometheus/{organization}/api/v1/query_range",
        READS,
        "metrics.query_range",
        assumed("https://fly.io/docs/monitoring/metrics/; flyctl does not ask"),
    ),
    Route("GET", "/api/v1/apps/{app}/logs", READS, "logs.read", recorded("http.jsonl#235", "http.jsonl#240")),
)


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a request, and what its path's names stand for; None when there is none."""
    segments = path.split("/")
    for route in ROUTES:
        if route.method == method and len(route.segments) == len(segments):
            params = route.match(segments)
            if params is not None:
                return route, params
    return None
