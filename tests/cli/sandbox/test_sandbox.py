"""`inv sandbox`: the tasks after it meet the simulation, and nothing else does."""

import json
import os
from pathlib import Path

import pytest

from pkg.onboard.repo import PASSED
from tests import warm
from tests.docs.scratch import Scratch

BAD = "registry.fly.io/infra:never-well"


def inv(scratch: Scratch, *argv: str, code: int = 0, **env: str | None) -> str:
    """Run `inv` in the copy, without the word of the environment that everything is simulated."""
    variables = {**scratch.environment, "FLY_SANDBOX": str(scratch.state), **env}
    given = {name: value for name, value in variables.items() if value is not None}
    done = warm.inv(argv, cwd=scratch.repo, env=given, timeout=110)
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert "Traceback" not in said
    return said


@pytest.mark.thorough
def test_the_tour_shows_a_whole_day_and_ends_well(scratch: Scratch) -> None:
    shown = inv(scratch, "sandbox.tour", FLY_SANDBOX=None, FLYSIM_STATE=None)
    assert "rolled-back (exit 4)" in shown
    assert "each as it should be" in shown
    assert (scratch.repo / ".fly" / PASSED).exists()  # so the step of the checklist is green


def test_a_deploy_of_the_published_image_is_healthy(scratch: Scratch) -> None:
    assert "healthy (exit 0)" in inv(scratch, "sandbox", "fly.deploy", "--yes")


def test_a_bad_image_is_undone_and_every_machine_is_on_the_old_digest(scratch: Scratch) -> None:
    before = json.loads(scratch.run("flyctl", "machine", "list", "-a", "infra", "--json"))
    inv(scratch, "sandbox.image", BAD, "--behaviour", "unhealthy")
    inv(scratch, "sandbox", "fly.deploy", "--yes", "--wait-timeout", "1", code=4)
    after = json.loads(scratch.run("flyctl", "machine", "list", "-a", "infra", "--json"))
    assert [one["image_ref"]["digest"] for one in after] == [one["image_ref"]["digest"] for one in before]
    assert all(check["status"] == "passing" for one in after for check in one["checks"])
    told = inv(scratch, "sandbox", "history")
    assert "rolled-back" in told
    assert BAD in told


def test_a_fault_on_the_rollback_too_ends_degraded_with_the_next_step(scratch: Scratch) -> None:
    inv(scratch, "sandbox.image", BAD, "--behaviour", "unhealthy")
    first = scratch.run("flyctl", "machine", "list", "-a", "infra", "-q").split()[0]
    inv(scratch, "sandbox.image", "registry.fly.io/infra:first", "--behaviour", "missing", "--no-publish")
    shown = inv(scratch, "sandbox", "fly.deploy", "--yes", "--wait-timeout", "1", code=5)
    assert "degraded" in shown
    assert first in shown


def test_with_every_machine_stopped_nothing_is_called_healthy(scratch: Scratch) -> None:
    for machine in scratch.run("flyctl", "machine", "list", "-a", "infra", "-q").split():
        scratch.run("flyctl", "machine", "stop", machine, "-a", "infra", "--wait-timeout", "5s")
    assert "unverified" in inv(scratch, "sandbox", "fly.deploy", "--yes", code=6)


def test_without_sandbox_nothing_simulated_answers(scratch: Scratch) -> None:
    shown = inv(scratch, "fly.status", code=3, FLY_SANDBOX=None)
    assert "simulated" in shown


def test_with_sandbox_no_real_flyctl_is_asked(scratch: Scratch, tmp_path: Path) -> None:
    real = tmp_path / "real" / "flyctl"
    real.parent.mkdir()
    real.write_text('#!/bin/sh\necho asked >>"$0.asked"\nexit 1\n')
    real.chmod(0o755)
    path = f"{real.parent}{os.pathsep}{scratch.environment['PATH']}"
    inv(scratch, "sandbox", "fly.status", PATH=path)
    assert not Path(f"{real}.asked").exists()


def test_a_real_token_does_not_reach_the_simulation(scratch: Scratch) -> None:
    shown = inv(scratch, "sandbox", "fly.whoami", FLY_API_TOKEN="FlyV1 fm2_of_the_real_account")
    assert "fm2_of_the_real_account" not in shown


def test_a_fault_fails_the_next_call_and_is_then_gone(scratch: Scratch) -> None:
    inv(scratch, "sandbox.fault", "GET /v1/apps/infra/machines$", "--status", "401", "--times", "1")
    inv(scratch, "sandbox", "fly.machines", code=1)
    inv(scratch, "sandbox", "fly.machines")


def test_reset_makes_the_simulation_anew(scratch: Scratch) -> None:
    inv(scratch, "sandbox.image", BAD)
    inv(scratch, "sandbox.reset")
    assert not (scratch.state / "image.toml").exists()
    assert "infra:first" in inv(scratch, "sandbox", "fly.status")


def test_an_interrupted_seed_is_made_anew(scratch: Scratch) -> None:
    (scratch.state / "seeded").write_text("begun")
    assert "infra:first" in inv(scratch, "sandbox", "fly.status")


def test_reset_never_removes_a_folder_that_holds_something_else(scratch: Scratch, tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "dear.txt").write_text("keep me")
    shown = inv(scratch, "sandbox.reset", code=2, FLY_SANDBOX=str(folder))
    assert "more than a simulated Fly: dear.txt" in shown
    assert (folder / "dear.txt").exists()


def test_a_folder_that_only_looks_like_a_simulation_keeps_its_files(scratch: Scratch, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    for name in ("keep.txt", "state.db"):
        (folder / name).write_text("mine")
    inv(scratch, "sandbox.reset", code=2, FLY_SANDBOX=str(folder))
    assert sorted(path.name for path in folder.iterdir()) == ["keep.txt", "state.db"]


def settings(scratch: Scratch) -> dict[str, object]:
    told: dict[str, object] = json.loads(scratch.run("flysim", "control"))
    return {name: value for name, value in told.items() if name != "clock"}


def test_a_dry_run_changes_nothing_of_the_simulation(scratch: Scratch) -> None:
    before = settings(scratch)
    inv(scratch, "--dry", "sandbox.reset")
    inv(scratch, "--dry", "sandbox.fault", "GET /v1/apps")
    inv(scratch, "--dry", "sandbox.image", BAD)
    assert settings(scratch) == before
    assert not (scratch.state / "image.toml").exists()


@pytest.mark.parametrize("words", [("sandbox.image", "foo"), ("sandbox.fault", "GET", "--status=200")])
def test_bad_input_is_refused_in_a_dry_run_too_and_changes_nothing(
    scratch: Scratch, words: tuple[str, ...]
) -> None:
    before = settings(scratch)
    for dry in ((), ("--dry",)):
        assert "error: " in inv(scratch, *dry, *words, code=2)
    assert settings(scratch) == before
    assert not (scratch.state / "image.toml").exists()


def test_a_folder_that_cannot_be_used_is_told(scratch: Scratch) -> None:
    shown = inv(scratch, "sandbox", "fly.status", code=1, FLY_SANDBOX="/etc/hostname/x")
    assert "cannot be used" in shown


def test_onboarding_is_green_on_the_simulation(scratch: Scratch) -> None:
    shown = inv(scratch, "sandbox", "onboard")
    assert "steps are green, as simulated" in shown
