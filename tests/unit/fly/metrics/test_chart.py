"""Charts in a terminal: as wide as it is, in colour where there is one, else by signs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.fly.metrics import chart, panels
from pkg.fly.metrics.chart import Look
from pkg.fly.metrics.measures import Points
from tests.unit.fly.metrics.given import ONE, OTHER, SPAN, line, measured, nothing, points

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def test_every_panel_is_drawn_with_its_machines_and_the_release() -> None:
    text = chart.drawn(panels.scene(measured()), Look())
    for title in ("CPU busy, %", "memory used, %", "network in, kB/s", "95 of 100 answers within, ms"):
        assert title in text
    assert text.count(f"· {ONE}  x {OTHER}") == 7
    assert text.count("v12") == 7
    assert "┊" in text
    assert "\x1b" not in text


def test_lines_have_colours_where_there_are_some() -> None:
    text = chart.drawn(panels.scene(measured()), Look(colour=True))
    assert "\x1b[38;5;14m━\x1b[0m 148e1" in text
    assert "⠤" in ESCAPE.sub("", text) or "⠒" in ESCAPE.sub("", text)


@pytest.mark.parametrize(("width", "charts"), [(20, 1), (80, 1), (121, 1), (122, 2), (160, 2), (400, 2)])
def test_two_charts_stand_beside_each_other_where_there_is_room(width: int, charts: int) -> None:
    look = Look(width=width, colour=True)
    lines = [ESCAPE.sub("", line) for line in chart.drawn(panels.scene(measured()), look).splitlines()]
    assert max(line.count("┌") for line in lines) == charts
    assert max(map(len, lines)) <= max(width, chart.NARROWEST)


def test_where_a_machine_did_not_run_no_line_is_drawn() -> None:
    assert chart.runs(points(1, without=(3, 4)), SPAN.step) == [points(1)[:3], points(1)[5:]]
    assert chart.runs([], 60) == []


def test_a_machine_seen_once_is_a_single_point() -> None:
    once = measured(cpu=[line(ONE, 20, without=tuple(range(10)))])
    text = chart.drawn(panels.scene(once), Look())
    assert text.split("memory")[0].count("·") == 2


def test_machines_that_are_not_drawn_are_counted() -> None:
    many = measured(cpu=[line(f"machine{number:02}", number) for number in range(9)])
    text = chart.drawn(panels.scene(many), Look(width=60))
    assert "CPU busy, % (and 3 lower)" in text
    legend = text.splitlines()[1:3]
    assert all(len(line) <= 60 for line in legend)
    assert "machine08" in legend[1]


def test_nothing_measured_draws_nothing() -> None:
    assert chart.drawn(panels.scene(nothing()), Look()) == ""


@given(st.floats(0, 1e12))
def test_an_axis_ends_above_the_highest_value_but_not_far(value: float) -> None:
    ceiling = chart.rounded_up(value)
    assert ceiling >= value
    assert ceiling <= max(2.5 * value, 1.0)


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0, 1e9)), unique_by=lambda one: one[0], max_size=30))
def test_no_values_break_a_chart(values: list[tuple[int, float]]) -> None:
    some: Points = [(SPAN.start + 15 * step, value) for step, value in sorted(values)]
    found = measured(cpu=[line(ONE, 0).__class__(ONE, "syd", some)])
    assert chart.drawn(panels.scene(found), Look())
