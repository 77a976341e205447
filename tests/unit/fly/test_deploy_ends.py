"""What a verdict says is true: of a machine that is down, and of an image that was never at fault."""

from pathlib import Path
from typing import Any

import pytest

from pkg.fly import argv
from pkg.fly.image import parse
from pkg.fly.objections import objection
from pkg.fly.verdict import Verdict
from tests.fakes import START
from tests.unit.fly import shapes
from tests.unit.fly.scene import Scene, back, bad, good
from tests.unit.fly.shapes import machine as m
from tests.unit.fly.world import APP, MANIFEST, V2


def announce_start(scene: Scene, name: str, code: int = 0) -> None:
    scene.world.runner.answer(*argv.machine_start(APP, [name]), code=code)


def fallen(scene: Scene) -> None:
    """A release that crashes on m1 is undone, and m1 is stopped afterwards."""
    down = bad("m1", state="stopped", events=[shapes.exit_event(5000)])
    scene.flyctl(1)
    scene.sees(down, m("m2"), times=7)
    announce_start(scene, "m1")
    scene.sees(down, m("m2"), times=7)
    scene.rollback()
    updated = [shapes.event("update", 6000), shapes.exit_event(5000)]
    scene.sees(m("m1", release=3, state="stopped", events=updated), back("m2"))


def objected(scene: Scene, image: str = V2) -> bool:
    return objection(scene.world.journal, APP, parse(image)) is not None


def test_a_rollback_that_leaves_down_what_was_up_is_degraded_and_names_it(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    fallen(scene)
    announce_start(scene, "m1", code=1)
    scene.sees(m("m1", release=3, state="stopped"), back("m2"))
    outcome = scene.run()
    assert (outcome.verdict, outcome.exit_code, outcome.down) == (Verdict.DEGRADED, 5, ["m1"])
    assert outcome.meaning == (
        "the release was bad, and is undone, but a machine that was up before is down: act now"
    )
    assert outcome.notes[0] == "down: m1, up before and stopped now"
    assert outcome.next == f"`inv fly.machines.start m1 -a {APP}`"
    verdict = scene.world.journal[-1]
    assert (verdict.down, verdict.next) == (["m1"], outcome.next)
    assert objected(scene)


def test_a_start_waits_for_the_leases_that_flyctl_has_left(tmp_path: Path) -> None:
    ends = int(START.timestamp()) + 13
    lease = {"status": "success", "data": {"owner": "me@example.com", "expires_at": ends, "nonce": "n"}}
    scene = Scene(tmp_path, later={"m1": lease})
    scene.flyctl()
    scene.sees(good("m1", state="stopped"), good("m2"))
    announce_start(scene, "m1")
    scene.sees(good("m1", instance="again"), good("m2"))
    assert scene.run().verdict is Verdict.HEALTHY
    assert scene.world.clock.monotonic() >= 13


def test_a_start_that_fails_after_a_good_release_is_degraded_and_not_the_images_fault(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.flyctl()
    scene.sees(good("m1", state="stopped"), good("m2"))
    announce_start(scene, "m1", code=1)
    scene.sees(good("m1", state="stopped"), good("m2"), times=None)
    outcome = scene.run()
    assert (outcome.verdict, outcome.down) == (Verdict.DEGRADED, ["m1"])
    assert outcome.meaning == "the image is in place, but a machine that was up before is down: act now"
    assert outcome.next == f"`inv fly.machines.start m1 -a {APP}`"
    assert not objected(scene)
    assert scene.world.journal[-1].verified == V2


@pytest.mark.parametrize(("stop", "verdict"), [('"off"', Verdict.DEGRADED), ('"stop"', Verdict.HEALTHY)])
def test_what_stops_again_is_down_unless_fly_stops_it_for_want_of_traffic(
    tmp_path: Path, stop: str, verdict: Verdict
) -> None:
    scene = Scene(tmp_path)
    wanted = f"auto_stop_machines = {stop}\ninternal_port"
    scene.world.write("fly.toml", MANIFEST.replace("internal_port", wanted))
    scene.flyctl()
    scene.sees(good("m1"), good("m2", state="stopped"))
    announce_start(scene, "m2")
    scene.sees(good("m1"), good("m2", state="stopped", instance="again"))
    outcome = scene.run()
    assert outcome.verdict is verdict
    assert "stopped, so not checked: m2" in outcome.notes


def test_healthy_says_how_many_were_checked(tmp_path: Path) -> None:
    scene = Scene(tmp_path, [m("m1"), m("m2", state="stopped"), m("m3")])
    scene.flyctl()
    scene.sees(good("m1"), good("m2", state="stopped"), good("m3"))
    outcome = scene.run()
    assert (outcome.verdict, outcome.down) == (Verdict.HEALTHY, [])
    assert outcome.meaning == (
        "every machine has the image: 2 machines pass their checks; 1 is stopped and was not checked"
    )
    assert outcome.next == f"`inv fly.machines.start m2 -a {APP}`, if it shall be up as well"


def test_rolled_back_names_what_a_person_had_stopped(tmp_path: Path) -> None:
    scene = Scene(tmp_path, [m("m1"), m("m2", state="stopped")])
    scene.flyctl(1)
    scene.sees(bad("m1"), m("m2", state="stopped"), times=7)
    scene.restarts("m1")
    scene.sees(bad("m1"), m("m2", state="stopped"), times=7)
    scene.rollback()
    scene.sees(back("m1"), m("m2", release=3, state="stopped"))
    outcome = scene.run()
    assert (outcome.verdict, outcome.down) == (Verdict.ROLLED_BACK, [])
    assert outcome.meaning == (
        "the release was bad; the previous verified image runs: "
        "1 machine passes its checks; 1 is stopped and was not checked"
    )
    assert "stopped, so not checked: m2" in outcome.notes
    assert outcome.next == f"`inv fly.machines.start m2 -a {APP}`, if it shall be up as well"


def half_way(folder: Path, **scene: Any) -> Scene:
    """Give a deploy whose flyctl dies when it has changed the first of two machines."""
    made = Scene(folder, **scene)
    made.flyctl(1, stderr="Error: failed to update machine m2: 500\n")
    made.sees(good("m1"), m("m2"))
    return made


def test_flyctl_that_failed_half_way_is_given_a_second_try(tmp_path: Path) -> None:
    scene = half_way(tmp_path)
    scene.once_more()
    scene.sees(good("m1"), good("m2"))
    outcome = scene.run()
    assert outcome.verdict is Verdict.HEALTHY
    assert "flyctl failed half way (exit 1), and was run once more" in outcome.notes
    assert [entry.step for entry in scene.world.journal if entry.argv] == ["deploy", "deploy again"]


def test_an_image_that_was_fine_is_not_called_bad_when_it_is_undone(tmp_path: Path) -> None:
    scene = half_way(tmp_path)
    scene.once_more(1)
    scene.sees(good("m1"), m("m2"))
    scene.rollback(1, stderr="Error: 401\n")
    scene.sees(back("m1"), back("m2"))
    outcome = scene.run()
    assert (outcome.verdict, outcome.exit_code, outcome.blameless) == (Verdict.ROLLED_BACK, 4, True)
    assert outcome.meaning == (
        "flyctl failed half way, and no check of the image failed; "
        "the previous verified image runs, and is healthy"
    )
    assert "flyctl failed to roll back (exit 1), and the machines are fine" in outcome.notes
    assert f"fly.deploy --image {V2} -a {APP}`" in outcome.next
    assert not objected(scene)


def test_a_check_that_failed_on_the_second_try_is_the_images_fault(tmp_path: Path) -> None:
    scene = half_way(tmp_path)
    scene.once_more(1)
    scene.sees(good("m1"), bad("m2"), times=7)
    scene.restarts("m2")
    scene.sees(good("m1"), bad("m2"), times=7)
    scene.rollback()
    scene.sees(back("m1"), back("m2"))
    outcome = scene.run()
    assert outcome.meaning == "the release was bad; the previous verified image runs, and is healthy"
    assert objected(scene)


def test_one_that_may_not_be_undone_says_so_truly(tmp_path: Path) -> None:
    scene = half_way(tmp_path)
    scene.once_more(1)
    scene.sees(good("m1"), m("m2"))
    outcome = scene.run(roll_back=False)
    assert outcome.verdict is Verdict.MIXED
    assert not objected(scene)
    assert f"`inv fly.releases.revert v1 -a {APP}`" in outcome.next
