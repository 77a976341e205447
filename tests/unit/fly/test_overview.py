"""At a glance an app is not called healthy while a machine is down that the last deploy found up."""

from pathlib import Path

import pytest

from pkg.fly import argv
from pkg.fly.candidates import candidates
from pkg.fly.health import AppHealth
from pkg.fly.journal import STARTED, VERDICT, Entry, Journal
from pkg.fly.overview import overview
from tests.unit.fly import shapes
from tests.unit.fly.shapes import machine as m
from tests.unit.fly.world import APP, V1, World

AT = "2026-11-24T12:00:00Z"


def world_with(folder: Path, *machines: dict[str, object], down: list[str]) -> World:
    world = World(folder)
    journal = Journal.of(world.ws)
    journal.append(Entry(at=AT, kind=STARTED, task="fly.deploy", app=APP, id="1", image=V1))
    journal.append(Entry(at=AT, kind=VERDICT, app=APP, id="1", image=V1, verdict="degraded", down=down))
    world.fly(list(machines))
    world.sees(*machines, times=None)
    return world


@pytest.mark.parametrize(
    ("down", "health", "summary"),
    [
        (["m2"], AppHealth.UNHEALTHY, "unhealthy, 2 machines on demo:v1, m2 down since the last deploy"),
        ([], AppHealth.HEALTHY, "healthy, 2 machines on demo:v1, 1 stopped"),
    ],
)
def test_a_stopped_machine_is_told_and_one_that_a_deploy_left_down_is_unhealthy(
    tmp_path: Path, down: list[str], health: AppHealth, summary: str
) -> None:
    world = world_with(tmp_path, m("m1"), m("m2", state="stopped"), down=down)
    found = overview(world.ws, world.flyctl, APP)
    assert (found.health, found.down, found.summary) == (health, down, summary)


def test_one_that_was_started_since_is_down_no_more(tmp_path: Path) -> None:
    world = world_with(tmp_path, m("m1"), m("m2"), down=["m2"])
    found = overview(world.ws, world.flyctl, APP)
    assert (found.down, found.summary) == ([], "healthy, 2 machines on demo:v1")


def test_a_release_runs_only_on_what_is_not_stopped(tmp_path: Path) -> None:
    world = world_with(tmp_path, m("m1"), m("m2", state="stopped"), down=[])
    world.runner.answer(*argv.releases(APP), json=[shapes.release(1, "v1")])
    (found,) = candidates(world.ws, world.flyctl, APP)
    assert (found.machines, found.stopped, found.eligible) == (["m1"], ["m2"], False)
