"""The time axis: what to write under it, so that nothing overlaps."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pkg.fly.metrics.measures import Mark
from pkg.fly.metrics.prometheus import Span

DAY = 86400.0


def clock(when: float, span: Span) -> str:
    """Return a moment as the axis shows it, in UTC; with the day when more than one is shown."""
    moment = datetime.fromtimestamp(when, UTC)
    if span.end - span.start > DAY:
        return f"{moment:%m-%d %H:%M}"
    return f"{moment:%H:%M:%S}" if span.end - span.start < 600 else f"{moment:%H:%M}"


def ticks(span: Span, marks: Sequence[Mark], columns: int) -> list[tuple[float, str]]:
    """Return what stands where under a chart: its two ends, the releases, and times where there is room.

    Args:
        span: the time that is shown.
        marks: the releases; a later one gives way to an earlier one that is too near.
        columns: how many characters wide the axis is.
    """
    length = max(span.end - span.start, 1.0)
    wanted = [(span.start, clock(span.start, span)), (span.end, clock(span.end, span))]
    wanted += [(mark.at, mark.text) for mark in marks]
    wanted += [(when, clock(when, span)) for when in (span.start + length * part / 4 for part in (2, 1, 3))]
    found: list[tuple[float, str]] = []
    for when, text in wanted:
        at = (when - span.start) / length * columns
        room = all(
            abs(at - (other - span.start) / length * columns) > (len(text) + len(label)) / 2 + 1
            for other, label in found
        )
        if room:
            found.append((when, text))
    return sorted(found)
