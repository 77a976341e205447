"""A Prometheus for tests of what judges releases: it answers what it was told, one time after the other."""

import json
from collections.abc import Iterator, Sequence

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pkg.fly.metrics.judging import Window
from pkg.fly.metrics.prometheus import Server

GOOD = Window(1000, 0.2, 0.1)


def serve(at: HTTPServer, windows: Sequence[Window | int]) -> Server:
    """Answer with windows, one after the other; a number is an HTTP status."""
    answers: Iterator[Window | int] = iter([one for window in windows for one in (window, window)])

    def answer(request: Request) -> Response:
        window = next(answers)
        if isinstance(window, int):
            return Response(status=window)
        query, when = request.args["query"], float(request.args["end"])
        assert request.args["start"] == request.args["end"]
        values: list[tuple[dict[str, str], float | None]] = [({}, window.p95)]
        if query.startswith("sum by (status)"):
            share = (window.errors or 0.0) / 100
            values = [
                ({"status": "200"}, window.answers * (1 - share)),
                ({"status": "503"}, window.answers * share),
            ]
        result = [
            {"metric": labels, "values": [[when, "NaN" if value is None else str(value)]]}
            for labels, value in values
        ]
        return Response(json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}))

    at.expect_request("/prometheus/personal/api/v1/query_range").respond_with_handler(answer)
    return Server(at.url_for("").rstrip("/"), "personal", "Bearer x")
