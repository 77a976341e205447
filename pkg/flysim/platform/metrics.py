"""Fly's managed Prometheus: range queries over what the simulated machines did."""

from __future__ import annotations

from pkg.flysim.evidence import assumed
from pkg.flysim.platform import promql, series
from pkg.flysim.platform.apps import ORGANIZATION
from pkg.flysim.platform.call import ApiError, Call, Response
from pkg.flysim.platform.store import Json

MAX_POINTS = 11_000


@assumed("https://fly.io/docs/monitoring/metrics/ and Prometheus' own documentation of its HTTP API")
def query_range(call: Call) -> Response:
    """The answer to a query at each step from `start` to `end`, as Prometheus puts it."""
    if call.params["organization"] != ORGANIZATION:
        raise ApiError(401, "unauthorized: something went wrong resolving organization")
    try:
        start, end, step = _times(call)
        query = promql.parse(call.query.get("query", ""))
        return Response(200, {"status": "success", "data": _matrix(call, query, start, end, step)})
    except promql.QueryError as error:
        return Response(400, {"status": "error", "errorType": "bad_data", "error": str(error)})


def _times(call: Call) -> tuple[float, float, float]:
    try:
        start, end = (float(call.query[name]) for name in ("start", "end"))
    except (KeyError, ValueError):
        raise promql.QueryError("start and end must be Unix timestamps") from None
    step = promql.seconds(call.query.get("step", ""))
    if not 0 < step < float("inf"):
        raise promql.QueryError("zero or negative query resolution step widths are not accepted")
    if not 0 <= start <= end < 1e12:
        raise promql.QueryError("end timestamp must not be before start time")
    if (end - start) / step > MAX_POINTS:
        raise promql.QueryError(
            "exceeded maximum resolution of 11,000 points per timeseries."
            " Try decreasing the query resolution (?step=XX)"
        )
    return start, end, step


def _matrix(call: Call, query: promql.Query, start: float, end: float, step: float) -> Json:
    ask = query(series.of_platform(call))
    found: dict[promql.Labels, list[list[object]]] = {}
    for number in range(int((end - start) / step) + 1):
        when = start + number * step
        if when <= call.now:  # nothing is known of what is to come
            for labels, value in ask(when).items():
                found.setdefault(labels, []).append([when, _number(value)])
    return {
        "resultType": "matrix",
        "result": [{"metric": dict(labels), "values": values} for labels, values in found.items()],
    }


def _number(value: float) -> str:
    return "NaN" if value != value else f"{value:.12g}"  # noqa: PLR0124 - only NaN differs from itself
