"""What stands under a chart never overlaps: the newest release, then its two ends, then the rest."""

import itertools

from hypothesis import example, given
from hypothesis import strategies as st

from pkg.fly.metrics import axis
from pkg.fly.metrics.measures import Mark
from pkg.fly.metrics.prometheus import Span
from tests.unit.fly.metrics.given import SPAN, START, measured


def test_ends_release_and_times_where_there_is_room() -> None:
    assert [text for _, text in axis.ticks(SPAN, measured().marks, 80)] == [
        "11:07",
        "11:09",
        "v12",
        "11:12",
        "11:14",
        "11:17",
    ]


def test_a_time_of_days_names_the_day_and_a_short_one_the_seconds() -> None:
    assert axis.clock(START, Span(START, START + 2 * 86400, 60)) == "11-18 11:07"
    assert axis.clock(START, Span(START, START + 60, 15)) == "11:07:00"


def test_the_newest_release_goes_before_the_time_and_the_releases_that_are_too_near() -> None:
    marks = [Mark(START + at, version, "complete", "") for at, version in ((570, 11), (580, 12), (598, 13))]
    texts = [text for _, text in axis.ticks(SPAN, marks, 80)]
    assert "v13" in texts
    assert "v12" not in texts


@example([(1.0, 1), (12.0, 2)], 164)
@given(
    st.lists(st.tuples(st.floats(0, 600), st.integers(1, 9999)), max_size=12),
    st.integers(10, 200),
)
def test_texts_never_overlap(releases: list[tuple[float, int]], columns: int) -> None:
    marks = [Mark(START + at, version, "complete", "") for at, version in releases]
    found = axis.ticks(SPAN, marks, columns)
    places = [((when - START) / 600 * columns, text) for when, text in found]
    for (at, text), (next_at, next_text) in itertools.pairwise(places):
        assert at + len(text) / 2 < next_at - len(next_text) / 2
    texts = {text for _, text in found}
    newest = max(marks, key=lambda mark: mark.at, default=None)
    assert newest is None or newest.text in texts
    start = axis.clock(START, SPAN)
    room = not newest or (newest.at - START) / 600 * columns > len(newest.text + start) / 2 + 1
    assert start in texts or not room
