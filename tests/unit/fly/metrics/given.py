"""Metrics for tests: two machines over ten minutes, and a release in between."""

from collections.abc import Callable

from pkg.fly.metrics.measures import Line, Mark, Measured, Points
from pkg.fly.metrics.prometheus import Span

START = 1_795_000_020.0
SPAN = Span(START, START + 600, 60)
ONE, OTHER = "148e1", "9080e"


def points(value: Callable[[int], float] | float, *, without: tuple[int, ...] = ()) -> Points:
    """A value at each step; at some there is none."""
    steps = round((SPAN.end - SPAN.start) / SPAN.step) + 1
    return [
        (SPAN.start + step * SPAN.step, float(value(step) if callable(value) else value))
        for step in range(steps)
        if step not in without
    ]


def line(
    machine: str,
    value: Callable[[int], float] | float,
    *,
    status: str = "",
    without: tuple[int, ...] = (),
) -> Line:
    """A machine's line."""
    return Line(machine, "syd" if machine == ONE else "fra", points(value, without=without), status)


def both(one: float, other: float) -> list[Line]:
    return [line(ONE, one), line(OTHER, other)]


def measured(**more: list[Line] | list[Mark]) -> Measured:
    """What was measured; give a field to say otherwise."""
    everything: dict[str, object] = {
        "marks": [Mark(START + 240, 12, "complete", "registry.fly.io/infra:v12")],
        "cpu": both(20, 40),
        "memory": both(100 * 2**20, 128 * 2**20),
        "memory_total": both(256 * 2**20, 256 * 2**20),
        "received": both(1000, 2000),
        "sent": both(10_000, 20_000),
        "responses": [
            line(ONE, 9, status="200"),
            line(ONE, 1, status="500"),
            line(OTHER, 10, status="200"),
        ],
        "latency_p50": both(0.03, 0.04),
        "latency_p95": both(0.1, 0.2),
    }
    return Measured(app="infra", organization="personal", span=SPAN, **{**everything, **more})  # type: ignore[arg-type]  # by name


def nothing() -> Measured:
    """What is measured of an app that never ran."""
    names = (
        "cpu",
        "memory",
        "memory_total",
        "received",
        "sent",
        "responses",
        "latency_p50",
        "latency_p95",
        "marks",
    )
    return measured(**{name: [] for name in names})
