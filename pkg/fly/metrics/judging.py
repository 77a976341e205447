"""Judging a release by its answers: as many errors, and as fast, as before it."""

import msgspec

from pkg.fly.metrics import questions
from pkg.fly.metrics.panels import number
from pkg.fly.metrics.prometheus import Series, Server, Span, ask

# Of fewer answers a share says nothing.
FEWEST = 20.0
# Seconds that an answer may take longer without anybody noticing.
UNNOTICED = 0.02


class Window(msgspec.Struct, frozen=True):
    """An app's answers in some time.

    Attributes:
        answers: how many there were.
        errors: percent of them that were 5xx; None when there were none at all.
        p95: seconds within which 95 of 100 came; None when there were none.
    """

    answers: float
    errors: float | None
    p95: float | None


class Tolerance(msgspec.Struct, frozen=True):
    """What may get worse: percentage points of errors, and percent of the time that answers take."""

    errors: float = 1.0
    slower: float = 50.0


class Judgement(msgspec.Struct, frozen=True):
    """A release, judged.

    Attributes:
        before: the answers before it.
        after: the answers since.
        regressions: what got worse than is tolerated.
        unknown: why nothing can be said; empty when something can.
    """

    before: Window
    after: Window
    regressions: list[str]
    unknown: str = ""

    @property
    def lines(self) -> list[str]:
        """Both, for people."""
        before, after = self.before, self.after
        found = [f"answers: {before.answers:.0f} before, {after.answers:.0f} after"]
        if before.errors is not None and after.errors is not None:
            found.append(f"5xx: {number(before.errors)}% before, {number(after.errors)}% after")
        if before.p95 is not None and after.p95 is not None:
            found.append(
                f"95 of 100 answers within: {number(1000 * before.p95)} ms before,"
                f" {number(1000 * after.p95)} ms after"
            )
        return [*found, *([f"not judged: {self.unknown}"] if self.unknown else [])]


def window(server: Server, app: str, *, until: float, seconds: float) -> Window:
    """Return an app's answers of the seconds before a moment.

    Raises:
        Failure: it could not be asked; see `prometheus.ask`.
    """
    found = ask(server, questions.judging(app, seconds), Span(until, until, questions.SCRAPE))
    by_status = {one.labels.get("status", ""): _last(one) for one in found[questions.RESPONSES]}
    answers = sum(by_status.values())
    errors = sum(count for status, count in by_status.items() if status.startswith("5"))
    p95 = next((_last(one) for one in found[questions.P95] if one.points), None)
    return Window(answers, 100 * errors / answers if answers else None, p95)


def judge(
    server: Server,
    app: str,
    *,
    began: float,
    ended: float,
    seconds: float,
    tolerance: Tolerance | None = None,
) -> Judgement:
    """Return how an app's answers were before a moment, and before a later one.

    Args:
        server: where to ask.
        app: the app's name.
        began: when the release began, in seconds since 1970.
        ended: up to when it is looked at.
        seconds: how long before each moment is looked at.
        tolerance: what may get worse.

    Raises:
        Failure: it could not be asked.
    """
    before, after = (window(server, app, until=until, seconds=seconds) for until in (began, ended))
    return compared(before, after, tolerance or Tolerance())


def compared(before: Window, after: Window, tolerance: Tolerance) -> Judgement:
    """Return what got worse from one time to another, beyond what is tolerated."""
    for answers, when in ((before.answers, "before"), (after.answers, "since")):
        if answers < FEWEST:
            why = f"{answers:.0f} answers {when} are too few to compare: {FEWEST:.0f} are needed"
            return Judgement(before, after, [], why)
    found = []
    if before.errors is not None and after.errors is not None:
        more = after.errors - before.errors
        points = "point" if tolerance.errors == 1 else "points"
        if more > tolerance.errors:
            found.append(
                f"more 5xx: {number(after.errors)}% of the answers, {number(before.errors)}% before"
                f" (tolerated: {number(tolerance.errors)} {points} more)"
            )
    if before.p95 is not None and after.p95 is not None:
        limit = before.p95 * (1 + tolerance.slower / 100)
        if after.p95 > max(limit, before.p95 + UNNOTICED):
            found.append(
                f"slower: 95 of 100 answers within {number(1000 * after.p95)} ms,"
                f" {number(1000 * before.p95)} ms before (tolerated: {number(tolerance.slower)}% more)"
            )
    return Judgement(before, after, found)


def _last(series: Series) -> float:
    return series.points[-1][1] if series.points else 0.0
