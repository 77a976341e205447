"""From Prometheus' series to what machines did: sums, shares, and the releases in between."""

import pytest

from pkg.fly.metrics import measures
from pkg.fly.metrics.failures import NoData
from pkg.fly.metrics.measures import Line, Mark
from pkg.fly.metrics.prometheus import Series
from pkg.fly.models import Release
from tests.unit.fly.metrics.given import ONE, OTHER, SPAN, START, line, measured, nothing


def test_a_processor_is_busy_with_all_that_is_not_waiting() -> None:
    spent = {"user": 30.0, "system": 10.0, "idle": 50.0, "iowait": 6.0, "steal": 4.0}
    modes = [
        Series({"instance": ONE, "region": "syd", "mode": mode}, [(1.0, ticks)])
        for mode, ticks in spent.items()
    ]
    assert measures.busy(modes) == [Line(ONE, "syd", [(1.0, 40.0)])]


def test_a_moment_without_any_ticks_says_nothing() -> None:
    assert measures.busy([Series({"instance": ONE, "mode": "idle"}, [(1.0, 0.0)])]) == [Line(ONE, "", [])]


def test_a_machines_lines_are_summed_moment_by_moment() -> None:
    lines = [
        Line(ONE, "syd", [(1, 1), (2, 2)], "200"),
        Line(ONE, "syd", [(2, 5)], "500"),
        Line(OTHER, "", []),
    ]
    assert measures.by_machine(lines) == {ONE: [(1, 1), (2, 7)], OTHER: []}


def test_a_share_of_nothing_is_left_out_and_no_part_is_none() -> None:
    assert measures.share({"a": [(1, 1.0)]}, {"a": [(1, 4.0), (2, 0.0), (3, 2.0)]}) == {
        "a": [(1, 25.0), (3, 0.0)]
    }


def test_only_what_the_server_is_at_fault_for_has_failed() -> None:
    lines = [line(ONE, 1, status=status) for status in ("200", "404", "500", "503")]
    assert [one.status for one in measures.failed(lines)] == ["500", "503"]


def test_releases_of_the_time_are_marked_oldest_first() -> None:
    def release(version: int, at: str) -> Release:
        return Release("", version, "failed" if version == 3 else "complete", "", at, "infra:v")

    found = measures.marks(
        [
            release(4, "2026-11-18T11:20:00Z"),
            release(3, "2026-11-18T11:08:00Z"),
            release(2, "2026-11-18T11:07:00Z"),
            release(1, "2026-11-17T11:07:00Z"),
        ],
        SPAN,
    )
    assert [mark.text for mark in found] == ["v2", "v3!"]
    assert found[0] == Mark(START, 2, "complete", "infra:v")


def test_what_was_measured_knows_its_machines() -> None:
    assert measured().machines == [(ONE, "syd"), (OTHER, "fra")]
    assert not measured().empty


def test_nothing_measured_is_told_with_its_own_exit_code() -> None:
    assert nothing().empty
    with pytest.raises(NoData) as caught:
        measures.required(nothing())
    assert caught.value.exit_code == 66
    assert measures.required(measured()) == measured()
