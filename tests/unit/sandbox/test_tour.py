"""The tour holds each step to what it promises."""

import pytest

from pkg.sandbox.tour import STEPS, Step, check
from pkg.shell.errors import Failure

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


def test_every_step_runs_on_the_simulation() -> None:
    assert all(step.argv[0].split(".")[0] == "sandbox" for step in STEPS)


@pytest.mark.parametrize(
    "task",
    [
        "fly.whoami",
        "fly.status",
        "fly.machines",
        "fly.logs",
        "fly.deploy",
        "fly.releases.revert",
        "fly.certs",
        "history",
    ],
)
def test_the_tour_shows_the_whole_workflow(task: str) -> None:
    assert any(task in step.argv for step in STEPS)
