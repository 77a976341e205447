"""The tour holds each step to what it promises. tests/cli/sandbox takes the whole of it."""

import sys
from pathlib import Path

import pytest

from pkg.onboard.repo import PASSED
from pkg.sandbox.tour import check, take
from pkg.sandbox.tour_steps import STEPS, Step
from pkg.shell.errors import Failure
from tests.unit.fly.world import World

INV = str(Path(sys.executable).with_name("inv"))
STEP = Step("Deploy it", ("sandbox", "fly.deploy"), code=4, shows=("rolled-back", "v3"))


def test_a_step_that_ends_and_shows_as_it_should_passes() -> None:
    check(STEP, 4, "v3 is rolled-back")


def test_another_exit_code_stops_the_tour_and_names_the_command() -> None:
    with pytest.raises(Failure, match=r"'Deploy it' ended with 0, not 4") as stopped:
        check(STEP, 0, "v3 is rolled-back")
    assert stopped.value.command == ("inv", "sandbox", "fly.deploy")


def test_a_text_that_is_missing_stops_the_tour_and_is_named() -> None:
    with pytest.raises(Failure, match=r"did not show v3"):
        check(STEP, 4, "rolled-back")


def test_a_secret_that_comes_back_stops_the_tour_and_is_not_told_again() -> None:
    step = Step("Set it", ("sandbox", "fly.secrets.set", "KEY"), secret=True)
    check(step, 0, "staged", "0123456789abcdef")
    with pytest.raises(Failure, match=r"showed the secret that it read") as stopped:
        check(step, 0, "KEY=0123456789abcdef", "0123456789abcdef")
    assert "0123456789abcdef" not in str(stopped.value)


def test_a_secret_is_shown_as_it_is_typed_through_stdin() -> None:
    (step,) = [step for step in STEPS if step.secret]
    assert step.shown == "openssl rand -hex 16 | inv sandbox fly.secrets.set SESSION_KEY"


def test_each_command_is_shown_before_what_it_prints_and_meets_the_tours_own_simulation(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, env={"FLY_TICK": "0.2"})
    steps = (
        Step("Set it", ("sandbox", "fly.secrets.set", "KEY"), shows=("staged",), secret=True),
        Step("Break it", ("sandbox", "fly.deploy"), code=4),
    )
    world.runner.answer(INV, *steps[0].argv, stdout="staged\n", stderr="setting\n")
    world.runner.answer(INV, *steps[1].argv, code=4)
    take(world.ws, tmp_path / "tour", steps)
    assert [call.env for call in world.runner.calls] == 2 * [
        {"FLY_SANDBOX": str(tmp_path / "tour"), "FLY_TICK": "0.2"}
    ]
    first, second = (call.stdin for call in world.runner.calls)
    assert first is not None
    assert len(first) == 32
    assert second is None
    told = world.console.stderr
    assert "[1/2] Set it\n$ openssl rand -hex 16 | inv sandbox fly.secrets.set KEY\nsetting\n" in told
    assert "(exit 4: as it should)" in told
    assert "2 steps in 0 s, each as it should be" in told
    assert world.console.stdout == "staged\n"
    assert (world.ws.root / ".fly" / PASSED).exists()  # so the step of the checklist is green


def test_nothing_follows_a_step_that_went_wrong(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.runner.answer(INV, *STEP.argv, code=1)
    with pytest.raises(Failure, match="ended with 1, not 4"):
        take(world.ws, tmp_path / "tour", (STEP, STEP))
    assert "each as it should be" not in world.console.stderr
    assert not (world.ws.root / ".fly" / PASSED).exists()


def test_every_step_runs_on_the_simulation() -> None:
    assert all(step.argv[0].split(".")[0] == "sandbox" for step in STEPS)


@pytest.mark.parametrize(
    "task",
    [
        "fly.whoami",
        "fly.status",
        "fly.machines",
        "fly.logs",
        "fly.volumes.check",
        "fly.plan",
        "fly.deploy",
        "fly.secrets.set",
        "fly.certs",
        "fly.certs.add",
        "fly.machines.run",
        "fly.machines.clone",
        "fly.machines.stop",
        "fly.machines.start",
        "fly.machines.destroy",
        "fly.litestream",
        "fly.releases",
        "fly.releases.revert",
        "fly.metrics",
        "fly.report",
        "fly.doctor",
        "history",
    ],
)
def test_the_tour_shows_the_whole_workflow(task: str) -> None:
    assert any(task in step.argv for step in STEPS)
