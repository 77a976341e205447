"""A release is judged by how its answers were before and are since."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from pkg.fly.metrics.failures import Away
from pkg.fly.metrics.judging import Tolerance, Window, compared, judge, window
from tests.unit.fly.metrics.served import GOOD, serve

TOLERANT = Tolerance(errors=1, slower=50)


def test_a_window_counts_answers_by_status(httpserver: HTTPServer) -> None:
    found = window(serve(httpserver, [Window(200, 5, 0.25)]), "infra", until=1000, seconds=300)
    assert found == Window(200, 5, 0.25)
    assert all("[300s]" in request.args["query"] for request, _ in httpserver.log)


def test_a_window_without_answers_has_no_share_and_no_latency(httpserver: HTTPServer) -> None:
    assert window(serve(httpserver, [Window(0, None, None)]), "infra", until=1, seconds=60) == Window(
        0, None, None
    )


def test_both_times_are_asked_for(httpserver: HTTPServer) -> None:
    found = judge(
        serve(httpserver, [GOOD, Window(900, 12.2, 0.3)]), "infra", began=1000, ended=2000, seconds=60
    )
    assert {float(request.args["end"]) for request, _ in httpserver.log} == {1000, 2000}
    assert found.lines == [
        "answers: 1000 before, 900 after",
        "5xx: 0.2% before, 12.2% after",
        "95 of 100 answers within: 100 ms before, 300 ms after",
    ]
    assert found.regressions == [
        "more 5xx: 12.2% of the answers, 0.2% before (tolerated: 1 point more)",
        "slower: 95 of 100 answers within 300 ms, 100 ms before (tolerated: 50% more)",
    ]


def test_a_server_that_fails_is_no_judgement(httpserver: HTTPServer) -> None:
    with pytest.raises(Away):
        judge(serve(httpserver, [GOOD, 503]), "infra", began=1, ended=2, seconds=60)


@pytest.mark.parametrize(
    ("after", "worse"),
    [
        (GOOD, False),
        (Window(1000, 0.0, 0.01), False),
        (Window(1000, 1.2, 0.15), False),
        (Window(1000, 1.21, 0.1), True),
        (Window(1000, 0.2, 0.151), True),
        (Window(1000, 0.2, None), False),
    ],
)
def test_what_is_tolerated_is_no_regression(after: Window, worse: bool) -> None:
    found = compared(GOOD, after, TOLERANT)
    assert bool(found.regressions) is worse
    assert found.unknown == ""


def test_nobody_notices_a_few_milliseconds() -> None:
    before, after = Window(1000, 0, 0.005), Window(1000, 0, 0.024)
    assert compared(before, after, TOLERANT).regressions == []
    assert compared(before, Window(1000, 0, 0.026), TOLERANT).regressions != []


@pytest.mark.parametrize(("before", "after"), [(19, 1000), (1000, 19), (0, 0)])
def test_few_answers_say_nothing(before: float, after: float) -> None:
    found = compared(Window(before, 0, 0.1), Window(after, 100, 9), TOLERANT)
    assert found.regressions == []
    assert "are too few to compare: 20 are needed" in found.lines[-1]


windows = st.builds(Window, st.floats(0, 1e6), st.none() | st.floats(0, 100), st.none() | st.floats(0, 60))


@given(windows, windows)
def test_what_tolerates_more_finds_no_more(before: Window, after: Window) -> None:
    strict, lenient = compared(before, after, Tolerance(0, 0)), compared(before, after, Tolerance(5, 100))
    assert len(lenient.regressions) <= len(strict.regressions)
    assert strict.lines[0] == lenient.lines[0]
