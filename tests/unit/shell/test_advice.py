"""A next step that is pasted from the simulation's words meets the simulation."""

import pytest

from pkg.shell.advice import simulated
from pkg.shell.errors import BadInput, Failure
from tests.fakes import MemoryConsole


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("inv fly.status", "inv sandbox fly.status"),
        ("`inv fly.logs -a infra` tells why", "`inv sandbox fly.logs -a infra` tells why"),
        ("./dev inv core.publish", "./dev inv sandbox core.publish"),
        ("inv history; inv fly.deploy", "inv sandbox history; inv sandbox fly.deploy"),
        ("by hand:\nflyctl deploy -a x", "by hand:\ninv sandbox tools.exec flyctl -- deploy -a x"),
        ("or run `flyctl auth login`", "or run `inv sandbox tools.exec flyctl -- auth login`"),
        (
            "not needed: flyctl volumes destroy v",
            "not needed: inv sandbox tools.exec flyctl -- volumes destroy v",
        ),
    ],
)
def test_a_command_runs_on_the_simulation(text: str, there: str) -> None:
    assert simulated(text) == there


@pytest.mark.parametrize(
    "text",
    [
        "inv sandbox fly.status",
        "inv sandbox.reset",
        "inv tools.install-flyctl",
        "`inv onboard` for the real Fly",
        "inventory fly.status",
        "flyctl says above why",
        "this flyctl deploys nothing",
        "$ flyctl deploy --app infra",
    ],
)
def test_what_is_right_already_or_is_no_next_step_stays(text: str) -> None:
    assert simulated(text) == text


def test_saying_a_thing_twice_changes_nothing_more() -> None:
    once = simulated("inv fly.status; then: flyctl status")
    assert simulated(once) == once


def test_of_a_failure_the_next_step_changes_and_what_ran_does_not() -> None:
    failure = Failure("no", command=["flyctl", "status", "-a", "x"], fix="flyctl status -a x\nflyctl logs")
    assert simulated(str(failure)).splitlines() == [
        "no",
        "  ran:   flyctl status -a x",
        "  next:  inv sandbox tools.exec flyctl -- status -a x",
        "         inv sandbox tools.exec flyctl -- logs",
    ]


@pytest.mark.parametrize("sandbox", [True, False])
def test_a_console_says_what_runs_where_it_is(*, sandbox: bool) -> None:
    console = MemoryConsole(sandbox=sandbox)
    console.say(f"error: {BadInput('no', fix='inv fly.status')}")
    shown = "inv sandbox fly.status" if sandbox else "inv fly.status"
    assert console.stderr == f"error: no\n  next:  {shown}\n"
    assert console.advice("inv fly.status") == shown
    console.table(("NAME", "NEXT"), [("flyctl deploy token", console.advice("inv fly.status"))])
    assert console.stdout.splitlines()[1] == f"flyctl deploy token  {shown}"


def test_a_command_on_a_line_of_its_own_is_simulated_however_far_it_is_indented() -> None:
    for indent in ("", "      ", "         "):
        text = f"    next: bring it back by hand:\n{indent}flyctl deploy --app infra"
        assert f"\n{indent}inv sandbox tools.exec flyctl -- deploy --app infra" in simulated(text)
