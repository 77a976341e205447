"""Machines are looked at once a tick, all in one call, until it is decided."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from pkg.fly import argv
from pkg.fly.aim import Aim, Progress, Stage, stage
from pkg.fly.client import Flyctl
from pkg.fly.health import MachineHealth
from pkg.fly.image import parse
from pkg.fly.waiting import Pace, Watched, Watcher, newest_events
from pkg.shell.errors import Interrupted
from tests.fakes import FakeRunner, ManualClock
from tests.unit.fly import shapes

V2 = parse(f"registry.fly.io/demo:v2@{shapes.DIGEST['v2']}")
LIST = argv.machine_list("demo")
PACE = Pace(tick=2, deadline=60, doubt=6)


class Scene:
    """A fake flyctl that shows one picture after the other, the last one for ever."""

    def __init__(self) -> None:
        self.runner = FakeRunner()
        self.clock = ManualClock()
        self.said: list[str] = []
        self.shown: list[int] = []
        self.failed = False

    def sees(self, *machines: dict[str, Any], times: int | None = 1) -> None:
        self.runner.answer(*LIST, json=list(machines), times=times)

    def fails(self, error: str, *, times: int | None = 1) -> None:
        self.runner.answer(*LIST, stderr=f"Error: {error}", code=1, times=times)

    def watch(self, pace: Pace = PACE, since: dict[str, int] | None = None) -> Watched:
        flyctl = Flyctl(self.runner, clock=self.clock, say=self.said.append)
        watcher = Watcher(flyctl, "demo", clock=self.clock, say=self.said.append, since=since or {"m1": 1000})
        aim = Aim.of(V2, [])

        def judge(machines: Sequence[MachineHealth]) -> Stage:
            return stage(Progress.of(machines, aim), flyctl_failed=self.failed)

        return watcher.watch(judge, pace, lambda machines: self.shown.append(len(machines)))


def test_it_ends_as_soon_as_everything_is_there() -> None:
    scene = Scene()
    scene.sees(shapes.machine(tag="v2", state="starting"))
    scene.sees(shapes.machine(tag="v2", checks=["critical"]))
    scene.sees(shapes.machine(tag="v2"))
    found = scene.watch()
    assert found.stage is Stage.REACHED
    assert scene.clock.sleeps == [2, 2]
    assert scene.shown == [1, 1, 1]


def test_a_thousand_machines_cost_one_call_a_tick() -> None:
    scene = Scene()
    scene.sees(*[shapes.machine(f"m{number}", tag="v2") for number in range(1000)])
    assert scene.watch().stage is Stage.REACHED
    assert scene.runner.argvs == [tuple(LIST)]


def test_what_never_gets_well_ends_at_the_deadline() -> None:
    scene = Scene()
    scene.sees(shapes.machine(tag="v2", checks=["critical"]), times=None)
    found = scene.watch()
    assert found.stage is Stage.FAILED
    assert scene.clock.monotonic() == 60


def test_after_flyctl_has_failed_what_is_wrong_gets_moments_only() -> None:
    scene = Scene()
    scene.failed = True
    scene.sees(shapes.machine(tag="v2", checks=["critical"]), times=None)
    assert scene.watch().stage is Stage.FAILED
    assert scene.clock.monotonic() == 6


def test_a_crash_is_told_at_once_and_not_after_the_whole_timeout() -> None:
    scene = Scene()
    crashed = shapes.machine(tag="v2", state="stopped", events=[shapes.exit_event(2000, 7)])
    scene.sees(crashed, times=None)
    assert scene.watch().stage is Stage.FAILED
    assert scene.said == ["machine m1 (app, syd) crashed: it exited with 7"]
    assert scene.clock.monotonic() == 6


def test_a_crash_loop_is_not_taken_for_progress() -> None:
    scene = Scene()
    exits = [shapes.exit_event(2000, 7)]
    for _ in range(10):
        scene.sees(shapes.machine(tag="v2", state="stopped", events=exits))
        scene.sees(
            shapes.machine(tag="v2", checks=["critical"], events=[shapes.event("start", 2001), *exits])
        )
    assert scene.watch().stage is Stage.FAILED
    assert scene.clock.monotonic() == 6


def test_an_old_crash_is_no_news() -> None:
    scene = Scene()
    scene.sees(shapes.machine(tag="v2", events=[shapes.event("start", 900), shapes.exit_event(800)]))
    assert scene.watch().stage is Stage.REACHED
    assert scene.said == []


def test_a_dead_api_is_told_and_borne() -> None:
    scene = Scene()
    scene.fails("failed to list VMs: injected 503", times=4)
    scene.sees(shapes.machine(tag="v2"))
    found = scene.watch()
    assert (found.stage, found.error) == (Stage.REACHED, "")
    assert len(scene.said) == 4
    assert "injected 503" in scene.said[0]
    assert "still watching" in scene.said[0]


def test_an_api_that_stays_dead_ends_at_the_deadline_with_nothing_seen() -> None:
    scene = Scene()
    scene.fails("failed to list VMs: injected 500", times=None)
    found = scene.watch()
    assert (found.machines, found.stage) == (None, Stage.FAILED)
    assert "injected 500" in found.error
    assert scene.clock.monotonic() == 60


def test_a_refused_token_ends_the_watch_early() -> None:
    scene = Scene()
    scene.fails("failed to list VMs: injected 401", times=None)
    assert scene.watch().machines is None
    assert scene.clock.monotonic() == 4


def test_half_an_answer_is_a_look_that_failed() -> None:
    scene = Scene()
    scene.runner.answer(*LIST, stdout='[{"id": "m1", "na')
    scene.sees(shapes.machine(tag="v2"))
    assert scene.watch().stage is Stage.REACHED
    assert "cut short" in scene.said[0]


def test_an_interrupt_is_not_borne() -> None:
    scene = Scene()
    scene.runner.answer(*LIST, raises=Interrupted("interrupted"))
    with pytest.raises(Interrupted):
        scene.watch()


def test_a_lagging_api_that_still_shows_the_old_image_gets_moments() -> None:
    scene = Scene()
    scene.sees(shapes.machine(tag="v1"), times=2)
    scene.sees(shapes.machine(tag="v2"))
    assert scene.watch().stage is Stage.REACHED


def test_a_crash_is_told_while_flyctl_still_waits() -> None:
    scene = Scene()
    told = threading.Event()
    scene.fails("failed to list VMs: injected 503")
    scene.sees(shapes.machine(tag="v2", state="stopped", events=[shapes.exit_event(2000, 7)]), times=None)
    flyctl = Flyctl(scene.runner, clock=scene.clock, say=scene.said.append)

    def say(text: str) -> None:
        scene.said.append(text)
        told.set()

    watcher = Watcher(flyctl, "demo", clock=scene.clock, say=say, since={"m1": 1000})
    with watcher.alongside(0.001):
        assert told.wait(10)
    assert scene.said == ["machine m1 (app, syd) crashed: it exited with 7"]


def test_the_pace_follows_the_deadline() -> None:
    assert Pace.of(2, 300) == Pace(2, 300, 30)
    assert Pace.of(2, 5) == Pace(0.5, 5, 1.5)
    assert Pace.of(0.05, 5) == Pace(0.05, 5, 0.5)


def test_the_newest_event_of_each_machine_is_where_news_begins() -> None:
    import msgspec

    from pkg.fly.models import Machine

    raw = [shapes.machine("m1"), shapes.machine("m2", events=[])]
    assert newest_events(msgspec.convert(raw, list[Machine])) == {"m1": 1000}
