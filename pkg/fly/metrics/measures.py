"""What was measured: by machine and time, with the releases that fell into it."""

from collections.abc import Iterable, Mapping

import msgspec

from pkg.fly.metrics import questions
from pkg.fly.metrics.failures import NoData
from pkg.fly.metrics.prometheus import Series, Server, Span, ask
from pkg.fly.models import Release
from pkg.fly.moments import moment

Points = list[tuple[float, float]]
MEGA = 1024.0 * 1024.0


class Line(msgspec.Struct, frozen=True):
    """One machine's values by time: seconds since 1970.

    Attributes:
        machine: its id; empty for what belongs to none.
        region: where it is.
        points: the values; where there are none, it did not run.
        status: the HTTP status that was counted; empty for all else.
    """

    machine: str
    region: str
    points: Points
    status: str = ""


class Mark(msgspec.Struct, frozen=True):
    """A release on the time axis: when, which, how flyctl called its end, and the image."""

    at: float
    version: int
    status: str
    image: str

    @property
    def text(self) -> str:
        """The version, with an exclamation mark for one that did not end well."""
        return f"v{self.version}" + ("" if self.status == "complete" else "!")


class Measured(msgspec.Struct, frozen=True):
    """An app's metrics.

    Attributes:
        app: its name.
        organization: whose it is.
        span: from when to when.
        marks: the releases in that time, oldest first.
        cpu: percent of each machine's processors that worked.
        memory: bytes in use.
        memory_total: bytes that the machine has.
        received: bytes a second from the network.
        sent: bytes a second to it.
        responses: HTTP answers a second, by status.
        latency_p50: seconds within which half of the answers came.
        latency_p95: seconds within which 95 of 100 answers came.
    """

    app: str
    organization: str
    span: Span
    marks: list[Mark]
    cpu: list[Line]
    memory: list[Line]
    memory_total: list[Line]
    received: list[Line]
    sent: list[Line]
    responses: list[Line]
    latency_p50: list[Line]
    latency_p95: list[Line]

    @property
    def lines(self) -> list[Line]:
        """All of them."""
        return [
            *self.cpu,
            *self.memory,
            *self.received,
            *self.sent,
            *self.responses,
            *self.latency_p50,
            *self.latency_p95,
        ]

    @property
    def machines(self) -> list[tuple[str, str]]:
        """Each machine's id and region, in a steady order."""
        return sorted({(line.machine, line.region) for line in self.lines if line.machine})

    @property
    def empty(self) -> bool:
        """Whether nothing was measured."""
        return not any(line.points for line in self.lines)


def measure(server: Server, app: str, releases: Iterable[Release], *, now: float, seconds: float) -> Measured:
    """Return what was measured up to now.

    Args:
        server: where to ask.
        app: the app's name.
        releases: the app's.
        now: seconds since 1970.
        seconds: how far to look back.

    Raises:
        Failure: it could not be asked; see `prometheus.ask`.
    """
    step = questions.step(seconds)
    span = Span(now - seconds, now, step)
    answers = ask(server, questions.questions(app, max(questions.SHORTEST, step)), span)
    return Measured(
        app=app,
        organization=server.organization,
        span=span,
        marks=marks(releases, span),
        cpu=busy(answers[questions.CPU]),
        memory=_used(answers[questions.MEMORY]),
        memory_total=_lines(_named(answers[questions.MEMORY], "fly_instance_memory_mem_total")),
        received=_lines(answers[questions.RECEIVED]),
        sent=_lines(answers[questions.SENT]),
        responses=_lines(answers[questions.RESPONSES]),
        latency_p50=_lines(answers[questions.P50]),
        latency_p95=_lines(answers[questions.P95]),
    )


def required(measured: Measured) -> Measured:
    """Return what was measured.

    Raises:
        NoData: that is nothing.
    """
    if measured.empty:
        raise NoData(
            f"there is nothing measured of {measured.app} in this time",
            meaning="no machine of it ran, or its metrics have not arrived: that takes half a minute",
            fix=f"`inv fly.status -a {measured.app}` shows its machines; --since 6h looks further back",
        )
    return measured


def marks(releases: Iterable[Release], span: Span) -> list[Mark]:
    """Return the releases of a time, oldest first."""
    found = [Mark(moment(one.created_at).timestamp(), one.version, one.status, one.image) for one in releases]
    return sorted((one for one in found if span.start <= one.at <= span.end), key=lambda one: one.at)


def busy(modes: Iterable[Series]) -> list[Line]:
    """Return the percentage of its processors that each machine used, of the seconds spent by mode."""
    spent: dict[tuple[str, str], dict[float, tuple[float, float]]] = {}
    for one in modes:
        moments = spent.setdefault(_who(one), {})
        for when, value in one.points:
            worked, total = moments.get(when, (0.0, 0.0))
            idle = one.labels.get("mode") in questions.IDLE
            moments[when] = (worked + (0.0 if idle else value), total + value)
    return [
        Line(
            machine,
            region,
            [(when, 100 * worked / total) for when, (worked, total) in sorted(moments.items()) if total],
        )
        for (machine, region), moments in sorted(spent.items())
    ]


def by_machine(lines: Iterable[Line]) -> dict[str, Points]:
    """Return the sum of each machine's lines by time."""
    sums: dict[str, dict[float, float]] = {}
    for line in lines:
        moments = sums.setdefault(line.machine, {})
        for when, value in line.points:
            moments[when] = moments.get(when, 0.0) + value
    return {machine: sorted(moments.items()) for machine, moments in sums.items()}


def share(part: Mapping[str, Points], whole: Mapping[str, Points]) -> dict[str, Points]:
    """Return how many percent a part is of the whole, by machine and time; nothing of nothing is left out."""
    found = {}
    for machine, points in whole.items():
        parts = dict(part.get(machine, []))
        found[machine] = [(when, 100 * parts.get(when, 0.0) / value) for when, value in points if value]
    return found


def failed(lines: Iterable[Line]) -> list[Line]:
    """Return the lines of answers that are the server's fault: 500 to 599."""
    return [line for line in lines if line.status.startswith("5")]


def _used(series: list[Series]) -> list[Line]:
    """Return the memory in use: what there is, without what is available."""
    available = {_who(one): dict(one.points) for one in _named(series, "fly_instance_memory_mem_available")}
    return [
        Line(
            line.machine,
            line.region,
            [(when, value - free[when]) for when, value in line.points if when in free],
        )
        for line in _lines(_named(series, "fly_instance_memory_mem_total"))
        for free in [available.get((line.machine, line.region), {})]
    ]


def _named(series: Iterable[Series], name: str) -> list[Series]:
    return [one for one in series if one.labels.get("__name__") == name]


def _lines(series: Iterable[Series]) -> list[Line]:
    found = [Line(*_who(one), one.points, one.labels.get("status", "")) for one in series]
    return sorted(found, key=lambda line: (line.machine, line.region, line.status))


def _who(series: Series) -> tuple[str, str]:
    return series.labels.get("instance", ""), series.labels.get("region", "")
