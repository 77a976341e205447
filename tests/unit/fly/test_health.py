"""Machines and apps are judged by what the machines say, never more kindly."""

from typing import Any

import msgspec
import pytest

from pkg.fly import health, models
from pkg.fly.health import AppHealth, Condition
from tests.unit.fly import shapes


def made(*args: Any, **kwargs: Any) -> models.Machine:
    return msgspec.convert(shapes.machine(*args, **kwargs), models.Machine)


def judged(*args: Any, **kwargs: Any) -> health.MachineHealth:
    return health.judge(made(*args, **kwargs))


@pytest.mark.parametrize(
    ("machine", "condition"),
    [
        ({}, Condition.HEALTHY),
        ({"expected": 2, "checks": ["passing", "passing"]}, Condition.HEALTHY),
        ({"expected": 0}, Condition.UNCHECKED),
        ({"checks": ["critical"]}, Condition.UNHEALTHY),
        ({"checks": ["warning"]}, Condition.UNHEALTHY),
        ({"expected": 2, "checks": ["passing"]}, Condition.PENDING),
        ({"checks": []}, Condition.PENDING),
        ({"state": "starting"}, Condition.PENDING),
        ({"state": "replacing"}, Condition.PENDING),
        ({"state": "created"}, Condition.PENDING),
        ({"state": "stopping"}, Condition.PENDING),
        ({"state": "stopped"}, Condition.STOPPED),
        ({"state": "suspended"}, Condition.STOPPED),
        ({"state": "failed"}, Condition.CRASHED),
        ({"host_status": "unreachable"}, Condition.UNHEALTHY),
        ({"state": "stopped", "config": {"standbys": ["m2"]}}, Condition.STANDBY),
        ({"state": "stopped", "events": [shapes.exit_event(5)]}, Condition.CRASHED),
        ({"state": "stopped", "events": [shapes.exit_event(5, 0, oom=True)]}, Condition.CRASHED),
        ({"state": "stopped", "events": [shapes.exit_event(5, 0)]}, Condition.STOPPED),
        ({"state": "stopped", "events": [shapes.exit_event(5, requested=True)]}, Condition.STOPPED),
    ],
)
def test_a_machine_is_judged_by_state_checks_and_last_exit(
    machine: dict[str, Any], condition: Condition
) -> None:
    found = judged(**machine)
    assert found.condition is condition
    assert bool(found.why) is (condition in {Condition.UNHEALTHY, Condition.CRASHED, Condition.PENDING})


def test_a_crash_before_an_update_does_not_count_any_more() -> None:
    events = [shapes.event("update", 9), shapes.exit_event(5)]
    assert judged(state="stopped", events=events).condition is Condition.STOPPED


def test_events_of_one_millisecond_keep_flyctls_order() -> None:
    events = [shapes.exit_event(5), shapes.event("start", 5)]
    assert judged(state="stopped", events=events).condition is Condition.CRASHED


def test_crashes_since_a_moment_are_told_newest_first() -> None:
    machine = made(events=[shapes.event("start", 12), shapes.exit_event(11, 3), shapes.exit_event(4, 2)])
    assert health.crashes_since(machine, 4) == ["it exited with 3"]
    assert health.crashes_since(machine, 0) == ["it exited with 3", "it exited with 2"]
    assert health.crashes_since(machine, 11) == []


def test_a_machine_without_configuration_is_not_well() -> None:
    raw = shapes.machine(host_status="unreachable")
    raw["config"] = None
    found = health.judge(msgspec.convert(raw, models.Machine))
    assert found.condition is Condition.UNHEALTHY
    assert found.group == ""


def test_only_machines_of_deploys_are_judged_in_a_steady_order() -> None:
    machines = [
        made("b", group="web"),
        made("a", group="worker"),
        made("c", group=""),
        made("d", group="fly_app_release_command"),
        made("e", group="web", state="destroyed"),
        made("f", group="web", region="iad"),
    ]
    assert [machine.id for machine in health.judge_deployed(machines)] == ["f", "b", "a"]


@pytest.mark.parametrize(
    ("machines", "expected"),
    [
        ([], AppHealth.EMPTY),
        ([{}], AppHealth.HEALTHY),
        ([{}, {"expected": 0, "group": "worker"}], AppHealth.HEALTHY),
        ([{}, {"state": "stopped", "config": {"standbys": ["m1"]}}], AppHealth.HEALTHY),
        ([{}, {"state": "stopped"}], AppHealth.HEALTHY),
        ([{}, {"tag": "v2"}], AppHealth.MIXED),
        ([{}, {"checks": ["critical"]}], AppHealth.UNHEALTHY),
        ([{}, {"state": "starting"}], AppHealth.PENDING),
        ([{"state": "starting"}, {"checks": ["critical"]}], AppHealth.UNHEALTHY),
        ([{"expected": 0}], AppHealth.UNVERIFIED),
        ([{"state": "stopped"}], AppHealth.UNVERIFIED),
    ],
)
def test_an_app_is_as_well_as_its_machines(machines: list[dict[str, Any]], expected: AppHealth) -> None:
    found = [judged(f"m{number}", **machine) for number, machine in enumerate(machines)]
    assert health.app_health(found) is expected


def test_checks_are_counted() -> None:
    assert judged(expected=2, checks=["passing", "critical"]).checks == "1/2"
    assert judged(expected=0).checks == "-"
