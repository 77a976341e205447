"""An app's metrics from questions to lines, as one answer of Prometheus' after the other makes them."""

import json
from pathlib import Path

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pkg.fly import argv
from pkg.fly.metrics.prometheus import Server
from pkg.fly.metrics.work import Source
from tests.unit.fly import shapes
from tests.unit.fly.world import APP, World

WHERE = {"instance": "m1", "region": "syd"}
TOTAL, AVAILABLE = "fly_instance_memory_mem_total", "fly_instance_memory_mem_available"


def answer(request: Request) -> Response:
    """What a Prometheus would say of one machine that works for a quarter of its time."""
    query, end = request.args["query"], float(request.args["end"])
    series: list[tuple[dict[str, str], float]] = [(WHERE, 7.0)]
    if "fly_instance_cpu" in query:
        series = [({**WHERE, "mode": "user"}, 50.0), ({**WHERE, "mode": "idle"}, 150.0)]
    elif "memory" in query:
        series = [({**WHERE, "__name__": TOTAL}, 1000.0), ({**WHERE, "__name__": AVAILABLE}, 600.0)]
    elif "responses_count" in query:
        series = [({**WHERE, "status": "200"}, 9.0), ({**WHERE, "status": "500"}, 1.0)]
    result = [{"metric": labels, "values": [[end, str(value)]]} for labels, value in series]
    return Response(json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}))


def test_each_quantity_is_made_of_its_answer(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/prometheus/personal/api/v1/query_range").respond_with_handler(answer)
    world = World(tmp_path)
    now = world.clock.now().timestamp()
    world.runner.answer(*argv.releases(APP), json=[shapes.release(1, "v1")])
    server = Server(httpserver.url_for("").rstrip("/"), "personal", "Bearer x")
    found = Source(world.ws, world.flyctl, server, APP).measure(3600)
    assert (found.span.start, found.span.end, found.span.step) == (now - 3600, now, 30)
    last = {
        name: [(line.machine, line.status, line.points[-1][1]) for line in getattr(found, name)]
        for name in (
            "cpu",
            "memory",
            "memory_total",
            "received",
            "sent",
            "responses",
            "latency_p50",
            "latency_p95",
        )
    }
    assert last == {
        "cpu": [("m1", "", 25.0)],
        "memory": [("m1", "", 400.0)],
        "memory_total": [("m1", "", 1000.0)],
        "received": [("m1", "", 7.0)],
        "sent": [("m1", "", 7.0)],
        "responses": [("m1", "200", 9.0), ("m1", "500", 1.0)],
        "latency_p50": [("m1", "", 7.0)],
        "latency_p95": [("m1", "", 7.0)],
    }
    assert len(httpserver.log) == 7
    assert all(
        "[60s]" in request.args["query"] or "memory" in request.args["query"] for request, _ in httpserver.log
    )
