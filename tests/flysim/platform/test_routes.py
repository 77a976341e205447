"""Each route has something that answers it and something it rests on; what is unknown is never answered."""

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pkg.flysim.evidence import Evidence, assumed, marked, recorded
from pkg.flysim.platform import queries, routes, transitions
from pkg.flysim.platform.routes import CHANGES, READS, ROUTES, WAITS, Route
from tests.flysim.simulation import Simulation

FACTS = Path(__file__).resolve().parents[1] / "facts"
RECORDINGS = ("daily.json", "operate.json", "deploys.json", "release.json")


def rows() -> dict[str, int]:
    """How many rows each recording has; what was set up before it is no row."""
    facts = {name: json.loads((FACTS / name).read_text())["rows"] for name in RECORDINGS}
    counted = {name: sum("setup" not in row for row in found) for name, found in facts.items()}
    return {**counted, "http.jsonl": 516}


def evidence() -> list[tuple[str, Evidence]]:
    found = [(f"{route.method} {route.path}", route.evidence) for route in ROUTES]
    return found + [(name, query.evidence) for name, query in queries.QUERIES.items()]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_is_answered_by_a_function_with_words(route: Route) -> None:
    module, _, name = route.answered_by.partition(".")
    assert (getattr(import_module(f"pkg.flysim.platform.{module}"), name).__doc__ or "").strip()
    assert route.kind in {READS, CHANGES, WAITS}
    assert routes.find(route.method, re.sub(r"\{\w+\}", "x", route.path)) == (
        route,
        dict.fromkeys(re.findall(r"\{(\w+)\}", route.path), "x"),
    )


@pytest.mark.parametrize(("name", "ground"), evidence(), ids=lambda one: one if isinstance(one, str) else "")
def test_evidence_names_rows_that_exist_or_says_why_it_is_assumed(name: str, ground: Evidence) -> None:
    assert ground.rows or ground.why, name
    counted = rows()
    for row in ground.rows:
        file, _, number = row.partition("#")
        assert 0 <= int(number) <= counted[file] - (file != "http.jsonl"), row


def test_the_http_evidence_of_a_route_is_of_that_route() -> None:
    facts = [json.loads(line) for line in (FACTS / "http.jsonl").read_text().splitlines()]
    by_line = {row["line"]: row for row in facts if "line" in row}
    for route in ROUTES:
        for row in route.evidence.rows:
            if row.startswith("http.jsonl#"):
                fact = by_line[int(row.partition("#")[2])]
                found = routes.find(fact["method"], fact["path"].partition("?")[0])
                assert found, row
                assert found[0] is route, row


def test_evidence_marks_functions_and_methods() -> None:
    found = {name: ground for name, _, ground in marked(transitions)}
    assert found["exit_event"].kind == "recorded"
    assert found["Mover._crash_loop"].kind == "assumed"
    assert all(ground.rows or ground.why for ground in found.values())
    with pytest.raises(ValueError, match="at least one row"):
        recorded()
    assert assumed("so it seems").kind == "assumed"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", ""),
        ("GET", "/v1/apps/"),
        ("PATCH", "/v1/apps/demo"),
        ("GET", "/v1/apps/demo/nosuch"),
        ("get", "/v1/apps/demo"),
        ("POST", "/v2/apps"),
        ("GET", "/v1/apps/demo/machines/"),
        ("GET", "v1/apps/demo"),
    ],
)
def test_an_unknown_request_is_not_simulated(sim: Simulation, method: str, path: str) -> None:
    answer = sim.request(method, path)
    assert answer.status == 501
    assert answer.body == {"error": f"not simulated: {method} {path}"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [
        "config",
        "image",
        "name",
        "region",
        "size_gb",
        "values",
        "hostname",
        "type",
        "signal",
        "cmd",
        "status",
        "app_name",
        "definition",
        "source_volume_id",
        "snapshot_id",
        "value",
        "org_slug",
        "operation",
        "query",
        "variables",
        "skip_launch",
        "services",
        "mounts",
        "metadata",
        "restart",
        "checks",
    ]
)
BODIES = st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON, max_size=4), max_size=5) | JSON
QUERIES = st.dictionaries(
    st.sampled_from(["timeout", "ttl", "limit", "cursor", "state", "next_token", "instance", "kill"]),
    st.sampled_from(["", "0", "x", "-1", "1e309", "²", "9999999999999999999", "true", "\x00"]),
    max_size=3,
)

RELEASES = next(route for route in ROUTES if route.answered_by == "releases.list_all")
WAIT = next(route for route in ROUTES if route.path.endswith("/wait"))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(route=st.sampled_from(ROUTES), body=BODIES, query=QUERIES)
@example(route=WAIT, body=None, query={"timeout": "9999999999999999999", "state": "destroyed"})
@example(route=RELEASES, body=None, query={"limit": "9999999999999999999"})
def test_no_request_however_malformed_breaks_the_platform(
    sim: Simulation, route: Route, body: Any, query: dict[str, str]
) -> None:
    path = route.path.replace("{app}", "demo")
    for name in ("machine", "volume", "hostname", "release", "organization", "key", "ip"):
        path = path.replace(f"{{{name}}}", sim_id(sim, name))
    answer = sim.request(route.method, path, body, query=query)
    assert answer.status in {200, 201, 202, 204, 400, 404, 408, 409, 412, 422}
    assert json.dumps(answer.body)
    sim.control(apps=["demo"])


def sim_id(sim: Simulation, name: str) -> str:
    """The id of something that is there, made when it is not."""
    if sim.request("GET", "/v1/apps/demo").status != 200:
        sim.control(apps=["demo"])
    if name == "machine":
        listed = sim.get("/v1/apps/demo/machines")
        return str(listed[0]["id"]) if listed else sim.machine()
    if name == "volume":
        listed = sim.get("/v1/apps/demo/volumes")
        return str(listed[0]["id"] if listed else sim.post("/v1/apps/demo/volumes", {"name": "data"})["id"])
    return {"hostname": "www.example.com", "organization": "personal"}.get(name, "nosuch")
