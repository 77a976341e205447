"""Whether a release has arrived is told by digests and instances, never by what flyctl said."""

from typing import Any

import msgspec
import pytest

from pkg.fly import health, models
from pkg.fly.aim import Aim, Progress, Stage, stage
from pkg.fly.image import parse
from tests.unit.fly import shapes

V1 = parse(f"registry.fly.io/demo:v1@{shapes.DIGEST['v1']}")
V2 = parse(f"registry.fly.io/demo:v2@{shapes.DIGEST['v2']}")


def machine(name: str = "m1", **kwargs: Any) -> health.MachineHealth:
    return health.judge(msgspec.convert(shapes.machine(name, **kwargs), models.Machine))


def test_a_digest_decides() -> None:
    aim = Aim.of(V2, [machine()])
    assert aim.reached_by(machine(tag="v2", release=2))
    assert not aim.reached_by(machine(tag="v1", release=2))


def test_a_machine_is_touched_when_its_instance_changes_or_it_is_new() -> None:
    aim = Aim.of(V2, [machine(instance="A")])
    assert not aim.touched(machine(instance="A"))
    assert aim.touched(machine(instance="B"))
    assert aim.touched(machine("m2"))


def test_a_machine_of_the_old_release_is_left_though_it_was_restarted() -> None:
    aim = Aim.of(V1, [machine("m1"), machine("m2"), machine("m3", release=0, instance="A")])
    now = [machine("m1", release=2), machine("m2", instance="B"), machine("m3", release=0, instance="B")]
    assert [each.id for each in aim.left([*now, machine("m4")])] == ["m2"]
    assert [each.id for each in aim.left([machine("m3", release=0, instance="A")])] == ["m3"]


def test_without_a_digest_a_tag_counts_only_with_a_newer_release() -> None:
    aim = Aim.of(parse("registry.fly.io/demo:v1"), [machine(release=3)])
    assert not aim.reached_by(machine(release=3))
    assert not aim.reached_by(machine(release=3, instance="X"))
    assert aim.reached_by(machine(release=4))
    assert aim.reached_by(machine("new"))
    assert not aim.reached_by(machine(tag="v2", release=4))


def test_the_digest_of_one_platform_of_an_index_is_accepted() -> None:
    index = parse("registry.fly.io/demo:v2@sha256:" + "e" * 64)
    aim = Aim.of(index, [machine()])
    assert aim.reached_by(machine(tag="v2", release=2))
    assert not aim.reached_by(machine(tag="v2", instance="I-m1-1"))


def test_a_reverted_update_with_the_new_tag_is_not_taken_for_the_new_image() -> None:
    same_digest = parse("registry.fly.io/demo:v1@sha256:" + "e" * 64)
    aim = Aim.of(same_digest, [machine()])
    assert not aim.reached_by(machine(tag="v1", release=2))


@pytest.mark.parametrize(
    ("machines", "failed", "expected"),
    [
        ([{"tag": "v2"}, {"tag": "v2"}], False, Stage.REACHED),
        ([{"tag": "v2"}, {"tag": "v2"}], True, Stage.REACHED),
        ([{"tag": "v2"}, {"tag": "v2", "state": "stopped"}], False, Stage.REACHED),
        ([{"tag": "v2"}, {"tag": "v1"}], False, Stage.DOUBTFUL),
        ([{"tag": "v2"}, {"tag": "v1"}], True, Stage.FAILED),
        ([{"tag": "v1"}], True, Stage.FAILED),
        ([{"tag": "v2", "state": "starting"}, {"tag": "v1"}], False, Stage.WAITING),
        ([{"tag": "v2", "state": "starting"}, {"tag": "v1"}], True, Stage.DOUBTFUL),
        ([{"tag": "v2", "checks": ["critical"]}], False, Stage.WAITING),
        ([{"tag": "v2", "checks": ["critical"]}], True, Stage.DOUBTFUL),
        ([{"tag": "v2", "state": "stopped", "events": [shapes.exit_event(9)]}], False, Stage.DOUBTFUL),
        ([], False, Stage.WAITING),
        ([], True, Stage.FAILED),
    ],
)
def test_the_stage_of_a_release(machines: list[dict[str, Any]], failed: bool, expected: Stage) -> None:
    before = [machine(f"m{number}") for number in range(len(machines))]
    now = [machine(f"m{number}", release=2, **each) for number, each in enumerate(machines)]
    assert stage(Progress.of(now, Aim.of(V2, before)), flyctl_failed=failed) is expected


def test_progress_says_what_is_wrong_in_one_line() -> None:
    now = [
        machine("m1", tag="v2", checks=["critical"]),
        machine("m2", tag="v2", state="starting"),
        machine("m3"),
    ]
    text = str(Progress.of(now, Aim.of(V2, [])))
    assert text.startswith("2 of 3 run it, 0 pass their checks")
    assert "m1 (app) unhealthy: servicecheck-00-http-8080 is critical" in text
    assert "m2 starting" in text


def test_machines_that_prove_nothing_are_known() -> None:
    now = [
        machine("m1", tag="v2"),
        machine("m2", tag="v2", state="stopped"),
        machine("m3", tag="v2", expected=0),
    ]
    progress = Progress.of(now, Aim.of(V2, []))
    assert progress.proven == 1
    assert progress.stopped == ["m2"]
    assert progress.checked == (
        "1 machine passes its checks; 1 is stopped and was not checked; 1 has no checks"
    )
