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
    """Return what stands where under a chart: releases, its two ends, and times where there is room.

    Args:
        span: the time that is shown.
        marks: the releases; an earlier one gives way to a later one that is too near, and only the newest
            takes the place of an end: it is the one that people look for.
        columns: how many characters wide the axis is.
    """
    length = max(span.end - span.start, 1.0)
    releases = [(mark.at, mark.text) for mark in sorted(marks, key=lambda mark: mark.at, reverse=True)]
    ends = [(when, clock(when, span)) for when in (span.start, span.end)]
    wanted = [*releases[:1], *ends, *releases[1:]]
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
