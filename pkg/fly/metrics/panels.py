"""What is drawn: panels of one quantity each, a line for each machine; and the table that sums them up."""

from collections.abc import Mapping, Sequence

import msgspec

from pkg.fly.metrics.measures import MEGA, Mark, Measured, Points, by_machine, failed, share
from pkg.fly.metrics.prometheus import Span

# More lines than that are a tangle: those that rise highest are shown.
SHOWN = 6
COLUMNS = ("MACHINE", "REGION", "CPU", "MEMORY", "IN", "OUT", "REQUESTS", "5XX", "P50", "P95")


class Panel(msgspec.Struct, frozen=True):
    """One chart.

    Attributes:
        title: what it shows.
        unit: of its values.
        lines: the values of each machine, the highest first.
        hidden: how many machines are not shown.
    """

    title: str
    unit: str
    lines: dict[str, Points]
    hidden: int = 0

    @property
    def top(self) -> float:
        """The highest value; 0 when there is none."""
        return max((value for points in self.lines.values() for _, value in points), default=0.0)


class Scene(msgspec.Struct, frozen=True):
    """What is drawn, whatever it is drawn on: charts over one time, with the releases in it."""

    title: str
    panels: list[Panel]
    span: Span
    marks: list[Mark]


def scene(measured: Measured) -> Scene:
    """Return what is drawn of what was measured."""
    return Scene(measured.app, _panels(measured), measured.span, measured.marks)


def _panels(measured: Measured) -> list[Panel]:
    """Return the charts; one of which nothing is known is left out."""
    memory = share(by_machine(measured.memory), by_machine(measured.memory_total))
    requests = by_machine(measured.responses)
    found = [
        _panel("CPU busy", "%", by_machine(measured.cpu)),
        _panel("memory used", "%", memory),
        _panel("network in", "kB/s", _scaled(by_machine(measured.received), 1 / 1000)),
        _panel("network out", "kB/s", _scaled(by_machine(measured.sent), 1 / 1000)),
        _panel("requests", "/s", requests),
        _panel("answers that are 5xx", "%", share(by_machine(failed(measured.responses)), requests)),
        _panel("95 of 100 answers within", "ms", _scaled(by_machine(measured.latency_p95), 1000)),
    ]
    return [panel for panel in found if panel.lines]


def rows(measured: Measured) -> list[list[str]]:
    """Return a row of `COLUMNS` for each machine: the mean of the time that was looked at."""
    cpu, memory, total = (
        by_machine(lines) for lines in (measured.cpu, measured.memory, measured.memory_total)
    )
    received, sent, requests = (
        by_machine(lines) for lines in (measured.received, measured.sent, measured.responses)
    )
    errors = by_machine(failed(measured.responses))
    p50, p95 = by_machine(measured.latency_p50), by_machine(measured.latency_p95)
    return [
        [
            machine,
            region,
            _text(mean(cpu.get(machine)), "%"),
            _of(mean(memory.get(machine)), mean(total.get(machine))),
            _text(mean(received.get(machine)), " kB/s", 1 / 1000),
            _text(mean(sent.get(machine)), " kB/s", 1 / 1000),
            _text(mean(requests.get(machine)), "/s"),
            _share(_sum(errors.get(machine)), _sum(requests.get(machine))),
            _text(mean(p50.get(machine)), " ms", 1000),
            _text(mean(p95.get(machine)), " ms", 1000),
        ]
        for machine, region in measured.machines
    ]


def statuses(measured: Measured) -> dict[str, float]:
    """Return the share of each HTTP status among all answers, in percent."""
    counts: dict[str, float] = {}
    for line in measured.responses:
        counts[line.status] = counts.get(line.status, 0.0) + sum(value for _, value in line.points)
    total = sum(counts.values())
    return {status: 100 * count / total for status, count in sorted(counts.items()) if total}


def errors_now(measured: Measured) -> float:
    """Return how many percent of the answers are 5xx at the end of the time; 0 when there are none."""
    whole = sum(line.points[-1][1] for line in measured.responses if line.points)
    part = sum(line.points[-1][1] for line in failed(measured.responses) if line.points)
    return 100 * part / whole if whole else 0.0


def mean(points: Points | None) -> float | None:
    """Return the mean of values by time; None when there are none."""
    return sum(value for _, value in points) / len(points) if points else None


def number(value: float) -> str:
    """Return a number for people: three digits that count."""
    if value >= 100:
        return f"{value:.0f}"
    return (f"{value:.1f}" if value >= 10 else f"{value:.2f}").rstrip("0").rstrip(".")


def _panel(title: str, unit: str, lines: Mapping[str, Points]) -> Panel:
    full = {machine: points for machine, points in lines.items() if points}
    highest = sorted(full, key=lambda machine: (-max(value for _, value in full[machine]), machine))
    shown = sorted(highest[:SHOWN])
    return Panel(title, unit, {machine: full[machine] for machine in shown}, len(full) - len(shown))


def _scaled(lines: Mapping[str, Sequence[tuple[float, float]]], factor: float) -> dict[str, Points]:
    return {machine: [(when, value * factor) for when, value in points] for machine, points in lines.items()}


def _text(value: float | None, unit: str, factor: float = 1.0) -> str:
    return "-" if value is None else f"{number(value * factor)}{unit}"


def _of(used: float | None, total: float | None) -> str:
    if used is None or not total:
        return "-"
    return f"{used / MEGA:.0f} of {total / MEGA:.0f} MB"


def _share(part: float, whole: float) -> str:
    return f"{number(100 * part / whole)}%" if whole else "-"


def _sum(points: Points | None) -> float:
    return sum(value for _, value in points or [])
