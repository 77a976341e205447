"""Secrets compared by name, and staged again when the API stumbles."""

import msgspec
import pytest

from pkg.fly import argv, secrets
from pkg.fly.client import Flyctl
from pkg.fly.models import Secret
from pkg.fly.secrets_wire import plan
from pkg.shell.errors import Failure
from tests.fakes import FakeRunner, ManualClock

THERE = [
    Secret("SAME", "d1", "Deployed"),
    Secret("STAGED", "d2", "Staged"),
    Secret("UNUSED", "d3", "Deployed"),
    Secret("OLD_FLYCTL", "d4"),
]


def flyctl(runner: FakeRunner) -> Flyctl:
    return Flyctl(runner, clock=ManualClock(), say=lambda _: None)


def test_what_is_wrong_comes_first_and_is_told() -> None:
    here = {"SAME": "op://a/b/c", "STAGED": "op://a/b/d", "MISSING": "op://a/b/e", "OLD_FLYCTL": "op://a/b/f"}
    rows = {row.name: row for row in secrets.compare(here, THERE, ["NEEDED"], file="secrets.toml")}
    assert rows["SAME"].problem == rows["OLD_FLYCTL"].problem == ""
    assert "staged" in rows["STAGED"].problem
    assert "not in secrets.toml" in rows["UNUSED"].problem
    assert rows["MISSING"].problem == "missing at Fly"
    assert "manifest needs it" in rows["NEEDED"].problem
    assert [bool(row.problem) for row in rows.values()] == [True] * 4 + [False] * 2


def test_values_go_by_stdin_and_in_no_argument(runner: FakeRunner) -> None:
    runner.answer(*argv.secrets_import("demo")).answer(*argv.secrets_set("demo", "WINDOWS"))
    secrets.stage(
        flyctl(runner), "demo", plan({"A": "hunter2#x", "WINDOWS": "hunter3\r\nx"}), say=lambda _: None
    )
    assert [call.stdin for call in runner.calls] == ['A="hunter2#x"\n', "hunter3\r\nx"]
    assert not any("hunter" in word for call in runner.calls for word in call.argv)
    assert all(call.changes for call in runner.calls)


def test_staging_is_tried_again_since_it_sets_what_it_sets(runner: FakeRunner) -> None:
    runner.answer(*argv.secrets_import("demo"), code=1, stderr="Error: injected 503", times=2)
    runner.answer(*argv.secrets_import("demo"))
    said: list[str] = []
    secrets.stage(flyctl(runner), "demo", plan({"A": "value1"}), say=said.append)
    assert len(said) == 2
    runner.assert_all_used()


def test_staging_is_given_up_in_the_end(runner: FakeRunner) -> None:
    runner.answer(*argv.secrets_import("demo"), code=1, stderr="Error: injected 503", times=3)
    with pytest.raises(Failure, match="staging secrets of demo failed"):
        secrets.stage(flyctl(runner), "demo", plan({"A": "value1"}), say=lambda _: None)


def test_a_name_that_did_not_arrive_fails(runner: FakeRunner) -> None:
    runner.answer(*argv.secrets_list("demo"), json=msgspec.to_builtins(THERE))
    with pytest.raises(Failure, match="1 of 2 secrets did not arrive at demo: LOST"):
        secrets.require_arrived(flyctl(runner), "demo", ["SAME", "LOST"])
