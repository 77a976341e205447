"""How far a machine is from where it should be, told from two looks at it."""

from typing import Any

import msgspec
import pytest

from pkg.fly.machines.goals import at_rest, gone, resting, running, settled, touched
from pkg.fly.models import Machine
from tests.unit.fly import shapes


def machine(**facts: Any) -> Machine:
    return msgspec.convert(shapes.machine(**facts), Machine)


BEFORE = machine()


@pytest.mark.parametrize(
    ("now", "reached", "lost"),
    [
        (machine(state="stopped"), True, False),
        (machine(state="stopping"), False, False),
        (machine(state="destroyed"), False, True),
        (None, False, True),
    ],
)
def test_at_rest(now: Machine | None, reached: bool, lost: bool) -> None:
    sight = at_rest("stopped")(BEFORE, now)
    assert (sight.reached, sight.lost) == (reached, lost)


def test_running_means_started_and_all_checks_passing() -> None:
    goal = running()
    assert goal(BEFORE, machine()).reached
    assert goal(BEFORE, machine(expected=0)).reached
    assert not goal(BEFORE, machine(checks=["critical"])).reached
    assert not goal(BEFORE, machine(state="starting")).reached
    assert goal(BEFORE, None).lost


def test_running_anew_wants_something_to_have_happened() -> None:
    goal = running(anew=True)
    assert not goal(BEFORE, machine()).reached
    assert goal(BEFORE, machine(instance="I-new")).reached
    assert goal(BEFORE, machine(events=[shapes.event("start", 2000)])).reached


def test_running_an_image_wants_its_digest() -> None:
    goal = running(image=shapes.DIGEST["v2"])
    assert not goal(BEFORE, machine(tag="v1")).reached
    assert goal(BEFORE, machine(tag="v2")).reached


def test_resting_anew_wants_a_change_and_no_start() -> None:
    goal = resting(anew=True, image=shapes.DIGEST["v2"])
    assert not goal(BEFORE, BEFORE).reached
    assert not goal(BEFORE, machine(instance="I-new", state="stopped", tag="v1")).reached
    assert not goal(BEFORE, machine(instance="I-new", state="starting", tag="v2")).reached
    assert goal(BEFORE, machine(instance="I-new", state="stopped", tag="v2")).reached
    assert goal(BEFORE, None).lost
    assert resting()(None, machine(state="created")).reached


def test_a_crash_is_doubtful_and_says_how_it_ended() -> None:
    crashed = machine(state="stopped", events=[shapes.exit_event(3000, 7)])
    sight = running()(BEFORE, crashed)
    assert sight.doubtful
    assert "7" in sight.words


def test_a_machine_that_ended_by_itself_after_a_start_is_doubtful() -> None:
    ended = machine(state="stopped", events=[shapes.exit_event(3000, 0)])
    assert running()(BEFORE, ended).doubtful
    assert not running()(BEFORE, machine(state="stopped")).doubtful


def test_settled_is_wherever_a_machine_stays() -> None:
    assert settled(None, machine(state="suspended")).reached
    assert settled(None, machine()).reached
    assert settled(None, None).reached
    assert not settled(None, machine(state="replacing")).reached


def test_gone_is_gone() -> None:
    assert gone(BEFORE, None).reached
    assert gone(BEFORE, machine(state="destroyed")).reached
    assert not gone(BEFORE, machine(state="destroying")).reached


def test_an_event_of_the_same_moment_counts_as_one() -> None:
    assert touched(BEFORE, machine(events=[shapes.event("restart", 1000), *shapes.machine()["events"]]))
