"""A deploy ends in a verdict about machines, whatever flyctl said, and the journal has it first."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import structs

from pkg.fly import argv
from pkg.fly.journal import VERDICT, Entry, Journal
from pkg.fly.verdict import Verdict
from pkg.shell.errors import Failure
from tests.fakes import START
from tests.unit.fly import shapes
from tests.unit.fly.scene import BACK, DEPLOY, PACE, Scene, back, bad, good, m
from tests.unit.fly.world import APP, HEAD, MANIFEST, V1, V2, sha


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_a_good_release_is_healthy(scene: Scene) -> None:
    scene.flyctl()
    scene.sees(good("m1"), good("m2"))
    outcome = scene.run()
    assert (outcome.verdict, outcome.exit_code, outcome.next) == (Verdict.HEALTHY, 0, "")
    verdict = scene.world.journal[-1]
    assert (verdict.verified, verdict.commit, verdict.manifest_sha) == (V2, HEAD, sha())
    started = scene.world.journal[0]
    assert (started.image, started.previous, started.who.split("@")[0]) == (V2, V1, "ann")


def test_flyctls_output_goes_to_stderr_and_its_argv_into_the_journal(scene: Scene) -> None:
    scene.flyctl()
    scene.sees(good("m1"), good("m2"))
    scene.run()
    (streamed,) = [call for call in scene.world.runner.calls if call.mode == "stream"]
    assert streamed.changes
    assert scene.world.journal[1].argv == " ".join(DEPLOY)


def test_flyctl_that_fails_while_the_machines_are_fine_is_healthy_with_a_note(scene: Scene) -> None:
    scene.flyctl(1)
    scene.sees(good("m1"), good("m2"))
    outcome = scene.run()
    assert outcome.verdict is Verdict.HEALTHY
    assert "flyctl failed (exit 1), and the machines are fine" in outcome.notes


def test_a_bad_release_is_restarted_once_and_rolled_back(scene: Scene) -> None:
    scene.flyctl(1)
    scene.sees(bad("m1"), m("m2"), times=7)
    scene.restarts("m1")
    scene.sees(bad("m1"), m("m2"), times=7)
    scene.rollback()
    scene.sees(back("m1"), back("m2"))
    outcome = scene.run()
    assert (outcome.verdict, outcome.exit_code, outcome.previous) == (Verdict.ROLLED_BACK, 4, V1)
    assert any("m1" in note and "critical" in note for note in outcome.notes)
    assert scene.world.journal[-1].verified == V1
    steps = [entry.step for entry in scene.world.journal if entry.argv]
    assert steps == ["deploy", "restart", "rollback"]


def test_a_restart_that_helps_is_healthy_and_says_so(scene: Scene) -> None:
    scene.flyctl(1)
    scene.sees(good("m1"), bad("m2"), times=7)
    scene.restarts("m2")
    scene.sees(good("m1"), good("m2", instance="again"))
    outcome = scene.run()
    assert outcome.verdict is Verdict.HEALTHY
    assert "only after a restart" in outcome.notes[0]


def test_a_stopped_crashed_machine_is_started_instead_of_restarted(scene: Scene) -> None:
    crashed = good("m1", state="stopped", events=[shapes.exit_event(5000)])
    scene.flyctl(1)
    scene.sees(crashed, good("m2"), times=7)
    scene.world.runner.answer(*argv.machine_start(APP, ["m1"]))
    scene.sees(good("m1", instance="again"), good("m2"))
    assert scene.run().verdict is Verdict.HEALTHY


def test_the_leases_of_a_killed_flyctl_are_waited_for(tmp_path: Path) -> None:
    ends = int(START.timestamp()) + 13
    lease = {"status": "success", "data": {"owner": "me@example.com", "expires_at": ends, "nonce": "n"}}
    scene = Scene(tmp_path, later={"m1": lease})
    scene.flyctl(137)
    scene.sees(good("m1"), m("m2"))
    scene.once_more()
    scene.sees(good("m1"), good("m2"))
    assert scene.run().verdict is Verdict.HEALTHY
    assert scene.world.clock.monotonic() >= 13
    assert "leases of me@example.com" in scene.world.console.stderr


def test_what_was_up_before_and_is_stopped_afterwards_is_started(scene: Scene) -> None:
    scene.flyctl()
    scene.sees(good("m1", state="stopped"), good("m2"))
    scene.world.runner.answer(*argv.machine_start(APP, ["m1"]))
    scene.sees(good("m1", instance="again"), good("m2"))
    outcome = scene.run()
    assert (outcome.verdict, outcome.notes) == (Verdict.HEALTHY, [])


def test_a_rollback_starts_what_the_bad_release_has_brought_down(scene: Scene) -> None:
    down = bad("m1", state="stopped", events=[shapes.exit_event(5000)])
    scene.flyctl(1)
    scene.sees(down, m("m2"), times=7)
    scene.world.runner.answer(*argv.machine_start(APP, ["m1"]))
    scene.sees(down, m("m2"), times=7)
    scene.rollback()
    updated = [shapes.event("update", 6000), shapes.exit_event(5000)]
    scene.sees(m("m1", release=3, state="stopped", events=updated), back("m2"))
    scene.world.runner.answer(*argv.machine_start(APP, ["m1"]))
    scene.sees(back("m1"), back("m2"))
    assert scene.run().verdict is Verdict.ROLLED_BACK


def test_a_restart_that_fails_is_no_reason_to_stop(scene: Scene) -> None:
    scene.flyctl(1)
    scene.sees(bad("m1"), bad("m2"), times=7)
    scene.restarts("m1", "m2", code=1)
    scene.sees(bad("m1"), bad("m2"), times=7)
    scene.rollback()
    scene.sees(back("m1"), back("m2"))
    assert scene.run().verdict is Verdict.ROLLED_BACK


def test_a_rollback_that_fails_as_well_is_degraded_with_what_to_type(scene: Scene) -> None:
    scene.flyctl(1)
    scene.sees(bad("m1"), m("m2"), times=7)
    scene.restarts("m1")
    scene.sees(bad("m1"), m("m2"), times=7)
    scene.rollback(1)
    scene.sees(bad("m1"), m("m2"), times=None)
    outcome = scene.run()
    assert (outcome.verdict, outcome.exit_code) == (Verdict.DEGRADED, 5)
    assert " ".join(BACK) in outcome.next
    assert outcome.machines is not None
    assert [machine.id for machine in outcome.machines] == ["m1", "m2"]
    assert "flyctl failed to roll back (exit 1)" in outcome.notes


def test_a_rollback_that_flyctl_calls_failed_is_judged_by_the_machines(scene: Scene) -> None:
    scene.flyctl(1)
    scene.sees(bad("m1"), m("m2"), times=7)
    scene.restarts("m1")
    scene.sees(bad("m1"), m("m2"), times=7)
    scene.rollback(1)
    scene.sees(back("m1"), back("m2"))
    assert scene.run().verdict is Verdict.ROLLED_BACK


def test_without_rollback_different_images_are_mixed(scene: Scene) -> None:
    scene.flyctl(1)
    scene.sees(bad("m1"), m("m2"), times=7)
    scene.restarts("m1")
    scene.sees(bad("m1"), m("m2"), times=7)
    outcome = scene.run(roll_back=False)
    assert (outcome.verdict, outcome.exit_code) == (Verdict.MIXED, 7)
    assert "fly.releases.revert" in outcome.next


def test_without_rollback_one_bad_image_everywhere_is_degraded(scene: Scene) -> None:
    scene.flyctl(1)
    scene.sees(bad("m1"), bad("m2"), times=7)
    scene.restarts("m1", "m2")
    scene.sees(bad("m1"), bad("m2"), times=7)
    outcome = scene.run(roll_back=False)
    assert outcome.verdict is Verdict.DEGRADED
    assert outcome.notes[0] == "no rollback was allowed"
    assert outcome.meaning == "the release was bad, and is not undone: act now"


@pytest.mark.parametrize(
    ("build", "again"),
    [("", "`inv core.publish`, then "), ('[build]\ndockerfile = "Dockerfile"\n', "")],
    ids=["ko", "own image"],
)
def test_a_bad_first_release_has_nothing_to_go_back_to(tmp_path: Path, build: str, again: str) -> None:
    scene = Scene(tmp_path, [])
    scene.world.write("fly.toml", MANIFEST + build)
    scene.flyctl(1)
    scene.world.runner.answer(*argv.machine_leases(APP, ["n1"]), json={})
    scene.sees(bad("n1"), times=7)
    scene.restarts("n1")
    scene.sees(bad("n1"), times=7)
    outcome = scene.run(image=V2)
    assert (outcome.verdict, outcome.exit_code) == (Verdict.DEGRADED, 5)
    assert outcome.meaning == "the release was bad, and is not undone: act now"
    assert outcome.notes[0] == "there is no other good image to go back to"
    assert outcome.next == (
        f"`inv fly.logs -a {APP}` shows why; correct it, then {again}`inv fly.deploy -a {APP}`"
    )


def test_all_machines_stopped_is_unverified_though_flyctl_said_success(tmp_path: Path) -> None:
    scene = Scene(tmp_path, [m("m1", state="stopped"), m("m2", state="stopped")])
    scene.flyctl()
    scene.sees(good("m1", state="stopped"), good("m2", state="stopped"))
    outcome = scene.run()
    assert (outcome.verdict, outcome.exit_code) == (Verdict.UNVERIFIED, 6)
    assert "stopped, so not checked: m1, m2" in outcome.notes
    assert "fly.machines.start m1" in outcome.next


def test_machines_without_checks_are_unverified(scene: Scene) -> None:
    scene.flyctl()
    scene.sees(good("m1", expected=0), good("m2", expected=0))
    outcome = scene.run()
    assert outcome.verdict is Verdict.UNVERIFIED
    assert "the machines have no checks" in outcome.notes


def test_a_machine_that_was_stopped_before_stays_so_and_is_noted(tmp_path: Path) -> None:
    scene = Scene(tmp_path, [m("m1"), m("m2", state="stopped")])
    scene.flyctl()
    scene.sees(good("m1"), good("m2", state="stopped"))
    outcome = scene.run()
    assert outcome.verdict is Verdict.HEALTHY
    assert "stopped, so not checked: m2" in outcome.notes


def test_a_standby_and_a_worker_without_checks_do_not_spoil_health(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.flyctl()
    standby = good("s1", state="stopped", expected=0, config={"standbys": ["m2"]})
    scene.sees(good("m1"), good("m2", expected=0), standby)
    outcome = scene.run()
    assert (outcome.verdict, outcome.notes) == (Verdict.HEALTHY, [])


def test_flyctl_that_failed_before_it_touched_a_machine_leaves_the_old_image_healthy(scene: Scene) -> None:
    scene.flyctl(1)
    scene.sees(m("m1"), m("m2"))
    outcome = scene.run()
    assert (outcome.verdict, outcome.exit_code, outcome.previous) == (Verdict.FAILED, 1, "")
    assert outcome.notes == [
        "flyctl failed (exit 1) before it changed a machine; what ran still runs, and is healthy"
    ]
    assert "deploy again" in outcome.next
    assert not any("rollback" in entry.step for entry in scene.world.journal)


def test_flyctl_that_did_nothing_and_exits_0_is_found_out(scene: Scene) -> None:
    scene.flyctl(0)
    scene.sees(m("m1"), m("m2"), times=None)
    outcome = scene.run()
    assert outcome.verdict is Verdict.FAILED
    assert "flyctl said that it was done, and no machine was changed" in outcome.notes[0]
    assert scene.world.clock.monotonic() == PACE.doubt


def test_what_flyctl_said_last_is_in_the_verdict_and_in_the_journal(scene: Scene) -> None:
    scene.flyctl(
        1, stderr="> updating\n\x1b[31mError:\x1b[0m could not get lease\r\nError: it is \x1b[1mbad\n"
    )
    scene.sees(m("m1"), m("m2"))
    outcome = scene.run()
    assert outcome.notes[-1] == "flyctl said: it is bad"
    assert scene.world.journal[-1].notes == outcome.notes


def test_an_error_of_flyctl_that_is_known_has_its_own_next_step(scene: Scene) -> None:
    held = "Error: failed to acquire lease: lease currently held by eve@example.com"
    scene.flyctl(1, stderr=f"{held}, expires at 2026-11-24T12:01:00Z\n")
    scene.sees(m("m1"), m("m2"))
    outcome = scene.run()
    assert "held by eve@example.com" in outcome.notes[-1]
    assert outcome.next == "wait two minutes, then look with `inv fly.status` and try again"


def test_help_in_place_of_a_deploy_is_said(scene: Scene) -> None:
    scene.flyctl(stdout="Deploy an app\n\nUsage:\n  flyctl deploy [flags]\n")
    scene.sees(m("m1"), m("m2"), times=None)
    outcome = scene.run()
    assert outcome.verdict is Verdict.FAILED
    assert outcome.notes[-1] == "flyctl said: it printed its help and did nothing"


def test_a_machine_that_crashes_and_is_started_again_is_told_with_its_exit_code(scene: Scene) -> None:
    later = int(START.timestamp() * 1000) + 5000
    crashed = bad("m1", events=[shapes.exit_event(later, 3), shapes.event("start", later + 1)])
    scene.flyctl(1)
    scene.sees(crashed, m("m2"), times=7)
    scene.restarts("m1")
    scene.sees(crashed, m("m2"), times=7)
    outcome = scene.run(roll_back=False)
    (told,) = [note for note in outcome.notes if "m1" in note]
    assert "is unhealthy" in told
    assert told.endswith("; it has crashed: it exited with 3")


def test_a_failed_flyctl_on_an_app_that_was_sick_before_is_failed(tmp_path: Path) -> None:
    sick = [m("m1", checks=["critical"])]
    scene = Scene(tmp_path, sick)
    scene.flyctl(1)
    scene.sees(*sick, times=None)
    outcome = scene.run()
    assert (outcome.verdict, outcome.exit_code) == (Verdict.FAILED, 1)
    assert "was not healthy before" in outcome.notes[0]


def half_applied(folder: Path) -> Scene:
    """Give a release of the image that runs already: it reaches one machine of two."""
    scene = Scene(folder, [m("m1", tag="v2"), m("m2", tag="v2")])
    scene.flyctl(1)
    scene.sees(good("m1"), m("m2", tag="v2"))
    scene.once_more(1)
    scene.sees(good("m1"), m("m2", tag="v2"))
    return scene


def test_a_half_applied_release_of_the_same_image_is_not_healthy(tmp_path: Path) -> None:
    outcome = half_applied(tmp_path).run()
    assert (outcome.verdict, outcome.exit_code) == (Verdict.DEGRADED, 5)
    assert "machine m2 (app) has the same image, but its release is the old one" in outcome.notes
    assert outcome.notes[0] == "there is no other good image to go back to"
    assert outcome.next == f"read what flyctl says above, correct it, then `inv fly.deploy -a {APP}`"


@pytest.mark.parametrize(("code", "release", "verdict"), [(0, 3, "rolled-back"), (1, 2, "degraded")])
def test_a_half_applied_manifest_goes_back_to_the_one_that_was_verified(
    tmp_path: Path, code: int, release: int, verdict: str
) -> None:
    scene = half_applied(tmp_path)
    old = MANIFEST.replace("8080", "9090")
    proof = Entry(at="2026-11-24T12:00:00Z", kind=VERDICT, app=APP, id="0", verified=V2)
    ran_with = structs.replace(proof, manifest="fly.toml", manifest_sha=sha(old), commit=HEAD)
    Journal.of(scene.world.ws).append(ran_with)
    scene.world.runner.answer("git", "show", "--end-of-options", f"{HEAD}:./fly.toml", stdout=old)
    path = f".fly/manifests/{APP}/{sha(old)[:12]}.toml"
    scene.world.runner.answer(*argv.rollback(APP, path, V2, wait_timeout=60), code=code)
    scene.sees(m("m1", tag="v2", release=release), m("m2", tag="v2", release=3))
    assert str(scene.run().verdict) == verdict


def test_a_release_of_the_same_image_that_reached_all_machines_is_healthy(tmp_path: Path) -> None:
    scene = Scene(tmp_path, [m("m1", tag="v2"), m("m2", tag="v2")])
    scene.flyctl(1)
    scene.sees(good("m1"), good("m2"))
    assert scene.run().verdict is Verdict.HEALTHY


def test_an_api_that_is_away_after_the_deploy_is_unverified(scene: Scene) -> None:
    scene.flyctl()
    scene.world.runner.answer(*argv.machine_list(APP), code=1, stderr="Error: injected 503", times=None)
    outcome = scene.run()
    assert (outcome.verdict, outcome.machines) == (Verdict.UNVERIFIED, None)
    assert "injected 503" in outcome.notes[0]


def test_a_release_that_never_starts_is_rolled_back_at_the_deadline(scene: Scene) -> None:
    scene.flyctl()
    scene.sees(good("m1", state="starting"), good("m2"), times=61)
    scene.rollback()
    scene.sees(back("m1"), back("m2"))
    assert scene.run().verdict is Verdict.ROLLED_BACK
    assert scene.world.clock.monotonic() >= 60


def mounted(scene: Scene) -> None:
    scene.world.write("fly.toml", MANIFEST + '[[mounts]]\nsource = "data"\ndestination = "/data"\n')
    scene.flyctl()
    scene.sees(good("m1"), good("m2"))


def failing(*_: object) -> str:
    raise Failure("litestream cannot be asked")


@pytest.mark.parametrize(
    ("check", "verdict"),
    [
        (lambda *_: "", Verdict.HEALTHY),
        (lambda *_: "the replica is 3 h old", Verdict.UNREPLICATED),
        (failing, Verdict.UNREPLICATED),
    ],
)
def test_a_replica_that_is_not_proven_good_has_a_verdict_of_its_own(
    scene: Scene, check: Callable[..., str], verdict: Verdict
) -> None:
    mounted(scene)
    outcome = scene.run(replication=check)
    assert outcome.verdict is verdict
    assert outcome.exit_code in {0, 8}


def test_an_app_without_volumes_has_no_replica_to_prove(scene: Scene) -> None:
    scene.flyctl()
    scene.sees(good("m1"), good("m2"))
    assert scene.run(replication=failing).verdict is Verdict.HEALTHY
