"""Tools that a person installs: found, asked for their version, and how to get them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.shell.errors import Failure, Interrupted, TimedOut
from pkg.tools.detect import Found, detect, hint, ordered
from pkg.tools.pins import Detected
from pkg.tools.platforms import Platform
from tests.fakes import FakeRunner

PIN = Detected("2.18.0")
OP = Path("/usr/bin/op")


@pytest.mark.parametrize(
    ("said", "version", "new_enough"),
    [
        ("2.18.0\n", "2.18.0", True),
        ("2.30.1-beta.02\n", "2.30.1", True),
        ("v3.0.0", "3.0.0", True),
        ("Version: 2.9.12", "2.9.12", False),
        ("unknown", "", False),
    ],
)
def test_a_tool_on_path_is_asked_for_its_version(
    runner: FakeRunner, said: str, version: str, *, new_enough: bool
) -> None:
    runner.programs["op"] = OP
    runner.answer("op", "--version", stdout=said)
    assert detect("op", PIN, runner) == Found(OP, version, new_enough)


def test_each_tool_is_asked_in_its_own_way(runner: FakeRunner) -> None:
    runner.programs |= {"process-compose": OP, "another": OP}
    runner.answer("process-compose", "version", "--short", stdout="v2.18.0")
    runner.answer("another", "--version", stdout="2.18.0")
    assert detect("process-compose", PIN, runner).new_enough
    assert detect("another", PIN, runner).new_enough


def test_a_tool_that_is_not_there_is_not_asked(runner: FakeRunner) -> None:
    assert detect("op", PIN, runner) == Found(None, "", new_enough=False)


def test_a_tool_that_does_not_answer_counts_as_too_old(runner: FakeRunner) -> None:
    runner.programs["op"] = OP
    runner.answer("op", "--version", raises=TimedOut("op did not end within 10 s"))
    assert detect("op", PIN, runner) == Found(OP, "", new_enough=False)


def test_a_tool_that_cannot_be_started_is_told_among_the_others(runner: FakeRunner) -> None:
    runner.programs["op"] = OP
    runner.answer("op", "--version", raises=Failure("op could not be started: Exec format error"))
    assert detect("op", PIN, runner) == Found(OP, "", new_enough=False)


def test_a_ctrl_c_while_a_tool_is_asked_ends_it_all(runner: FakeRunner) -> None:
    runner.programs["op"] = OP
    runner.answer("op", "--version", raises=Interrupted("op was interrupted"))
    with pytest.raises(Interrupted):
        detect("op", PIN, runner)


def test_the_hint_is_that_of_the_platform() -> None:
    assert hint("op", Platform("macos", "arm64")) == "brew install 1password-cli"
    assert "brew" not in hint("process-compose", Platform("linux", "x86_64"))


@given(st.lists(st.tuples(*[st.integers(0, 10**6)] * 3), min_size=2, max_size=2))
def test_versions_compare_as_numbers(pair: list[tuple[int, int, int]]) -> None:
    one, two = (".".join(map(str, version)) for version in pair)
    assert (ordered(one) >= ordered(two)) == (pair[0] >= pair[1])
