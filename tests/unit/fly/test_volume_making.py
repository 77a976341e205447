"""Volumes are made once, and only grow."""

from typing import Any

import pytest

from pkg.fly import argv
from pkg.fly.client import Flyctl
from pkg.fly.volume_making import grow, make, require
from pkg.shell.errors import BadInput, CommandFailed
from tests.fakes import FakeRunner, ManualClock
from tests.unit.fly import shapes

LIST = argv.volumes_list("demo")
CREATE = argv.volumes_create("demo", "data", region="syd", size=1)


def flyctl(runner: FakeRunner) -> Flyctl:
    return Flyctl(runner, clock=ManualClock(), say=lambda _: None)


def made(runner: FakeRunner, count: int = 1, *, resumed: bool = False) -> list[str]:
    volumes = make(
        flyctl(runner),
        "demo",
        "data",
        region="syd",
        size=1,
        count=count,
        snapshot="",
        known=["vol_0"],
        resumed=resumed,
        say=lambda _: None,
    )
    return [volume.id for volume in volumes]


def test_so_many_are_made(runner: FakeRunner) -> None:
    runner.answer(*CREATE, json=shapes.volume("vol_1")).answer(*CREATE, json=shapes.volume("vol_2"))
    assert made(runner, 2) == ["vol_1", "vol_2"]


def test_those_of_a_run_that_was_cut_off_count(runner: FakeRunner) -> None:
    runner.answer(*LIST, json=[shapes.volume("vol_0"), shapes.volume("vol_1"), shapes.volume("v", "other")])
    runner.answer(*CREATE, json=shapes.volume("vol_2"))
    assert made(runner, 2, resumed=True) == ["vol_1", "vol_2"]


def test_one_that_was_made_although_flyctl_failed_is_not_made_twice(runner: FakeRunner) -> None:
    runner.answer(*CREATE, stdout='{"id": "vol_1", "na').answer(
        *LIST, json=[shapes.volume("vol_0"), shapes.volume("vol_1")]
    )
    assert made(runner) == ["vol_1"]


def test_one_that_was_not_made_fails(runner: FakeRunner) -> None:
    runner.answer(*CREATE, code=1, stderr="Error: boom").answer(*LIST, json=[shapes.volume("vol_0")])
    with pytest.raises(CommandFailed, match="boom"):
        made(runner)


def test_growing(runner: FakeRunner) -> None:
    larger = {**shapes.volume(), "size_gb": 3}
    runner.answer(*LIST, json=[shapes.volume()]).answer(*argv.volumes_extend("demo", "vol_1", 3), json=larger)
    runner.answer(*LIST, json=[larger])
    grown = grow(flyctl(runner), "demo", "vol_1", 3, say=lambda _: None, dry=False)
    assert grown is not None
    assert grown.size_gb == 3


def test_one_that_has_the_size_is_left_alone(runner: FakeRunner) -> None:
    runner.answer(*LIST, json=[shapes.volume()])
    assert grow(flyctl(runner), "demo", "vol_1", 1, say=lambda _: None, dry=False) is not None


@pytest.mark.parametrize(("ident", "size"), [("vol_1", 1), ("nosuch", 5), ("vol_1", 501)])
def test_shrinking_and_what_is_not_there_are_refused(runner: FakeRunner, ident: str, size: int) -> None:
    runner.answer(*LIST, json=[{**shapes.volume(), "size_gb": 3}])
    with pytest.raises(BadInput):
        grow(flyctl(runner), "demo", ident, size, say=lambda _: None, dry=False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Data"},
        {"name": ""},
        {"name": "a" * 31},
        {"region": ""},
        {"region": "Sydney"},
        {"size": 0},
        {"count": 0},
        {"count": 21},
    ],
)
def test_what_is_asked_for_is_checked_first(wrong: dict[str, Any]) -> None:
    require("data", "syd", 1, 1)
    with pytest.raises(BadInput):
        require(**{"name": "data", "region": "syd", "size": 1, "count": 1, **wrong})
