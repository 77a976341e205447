"""What is drawn and tabled of what was measured."""

import pytest

from pkg.fly.metrics import panels
from tests.unit.fly.metrics.given import ONE, OTHER, line, measured, nothing


def test_each_quantity_has_a_panel_in_the_unit_that_people_use() -> None:
    scene = panels.scene(measured())
    tops = {panel.title: (panel.top, panel.unit) for panel in scene.panels}
    assert tops == {
        "CPU busy": (40, "%"),
        "memory used": (50, "%"),
        "network in": (2, "kB/s"),
        "network out": (20, "kB/s"),
        "requests": (10, "/s"),
        "answers that are 5xx": (10, "%"),
        "95 of 100 answers within": (200, "ms"),
    }
    assert (scene.title, scene.span, scene.marks) == ("infra", measured().span, measured().marks)


def test_what_nothing_is_known_of_has_no_panel() -> None:
    assert panels.scene(nothing()).panels == []
    quiet = measured(responses=[], latency_p95=[])
    assert {panel.title for panel in panels.scene(quiet).panels} == {
        "CPU busy",
        "memory used",
        "network in",
        "network out",
    }


def test_of_many_machines_the_highest_are_drawn_and_the_rest_counted() -> None:
    many = measured(cpu=[line(f"m{number:02}", number) for number in range(20)])
    (cpu, *_) = panels.scene(many).panels
    assert list(cpu.lines) == ["m14", "m15", "m16", "m17", "m18", "m19"]
    assert cpu.hidden == 14


def test_the_table_sums_each_machine_up() -> None:
    assert panels.rows(measured()) == [
        [ONE, "syd", "20%", "100 of 256 MB", "1 kB/s", "10 kB/s", "10/s", "10%", "30 ms", "100 ms"],
        [OTHER, "fra", "40%", "128 of 256 MB", "2 kB/s", "20 kB/s", "10/s", "0%", "40 ms", "200 ms"],
    ]
    assert len(panels.COLUMNS) == len(panels.rows(measured())[0])


def test_a_machine_of_which_little_is_known_has_dashes() -> None:
    little = measured(
        memory=[], memory_total=[], received=[], sent=[], responses=[], latency_p50=[], latency_p95=[]
    )
    assert panels.rows(little)[0] == [ONE, "syd", "20%", *["-"] * 7]


def test_the_share_of_each_status_among_all_answers() -> None:
    assert panels.statuses(measured()) == {"200": 95, "500": 5}
    assert panels.statuses(nothing()) == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.004, "0"),
        (0.25, "0.25"),
        (1.5, "1.5"),
        (9.999, "10"),
        (12.34, "12.3"),
        (100, "100"),
        (1234.5, "1234"),
    ],
)
def test_a_number_is_shown_with_the_digits_that_count(value: float, text: str) -> None:
    assert panels.number(value) == text
