"""A deploy that a signal stops, or whose journal cannot be written: told, with what finishes it."""

from pathlib import Path
from typing import Any

import pytest

from pkg.fly import argv
from pkg.fly.verdict import Verdict
from pkg.shell.errors import Failure, Interrupted
from tests.unit.fly.scene import Scene, bad, good
from tests.unit.fly.world import APP


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def interrupted(call: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "stop", [{"raises": Interrupted("interrupted; flyctl ended with exit code 127")}, {"then": interrupted}]
)
def test_an_interrupt_is_a_verdict_too(scene: Scene, stop: dict[str, Any]) -> None:
    scene.flyctl(**stop)
    outcome = scene.run()
    assert (outcome.verdict, outcome.exit_code) == (Verdict.INTERRUPTED, 130)
    assert "it stopped during: deploy" in outcome.notes
    assert outcome.next == (
        f"`inv fly.status -a {APP}` shows what runs, `inv fly.deploy -a {APP}` finishes the job"
    )


def test_an_interrupted_rollback_is_not_finished_by_deploying_the_bad_release_again(scene: Scene) -> None:
    scene.flyctl()
    scene.sees(good("m1", state="starting"), good("m2"), times=61)
    scene.rollback(then=interrupted)
    outcome = scene.run()
    assert "it stopped during: rollback" in outcome.notes
    assert f"`inv fly.releases.revert v1 -a {APP}` brings the release before back" in outcome.next
    assert "fly.deploy" not in outcome.next


def test_an_interrupt_after_the_checks_have_failed_leads_back_and_says_what_failed(scene: Scene) -> None:
    scene.flyctl(1)
    scene.sees(bad("m1"), bad("m2"), times=7)
    scene.world.runner.answer(*argv.machine_restart(APP, ["m1", "m2"]), then=interrupted)
    outcome = scene.run()
    assert "it stopped during: restart" in outcome.notes
    assert any("m1 (app) is unhealthy" in note for note in outcome.notes)
    assert f"`inv fly.releases.revert v1 -a {APP}` brings the release before back" in outcome.next


def test_a_journal_that_cannot_be_written_means_that_nothing_begins(scene: Scene) -> None:
    (scene.world.ws.root / ".fly").mkdir()
    (scene.world.ws.root / ".fly/journal.jsonl").symlink_to("/dev/full")
    with pytest.raises(Failure, match="it is no file"):
        scene.run()
    assert not any(call.changes for call in scene.world.runner.calls)


def test_a_disk_that_fills_up_in_the_middle_does_not_stop_the_deploy(scene: Scene) -> None:
    journal = scene.world.ws.root / ".fly/journal.jsonl"

    def fill(_call: object) -> None:
        journal.rename(journal.with_suffix(".kept"))
        journal.symlink_to("/dev/full")

    def free(_call: object) -> None:
        journal.unlink()
        journal.with_suffix(".kept").rename(journal)

    scene.flyctl(then=fill)
    scene.world.runner.answer(*argv.machine_list(APP), json=[good("m1"), good("m2")], then=free)
    assert scene.run().verdict is Verdict.HEALTHY
    assert scene.world.console.stderr.count("warning: the journal") == 1
