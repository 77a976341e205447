"""A program is asked once who it is, and a simulated flyctl is never taken for a real one."""

import json
import os
from pathlib import Path

import pytest

from pkg.shell.errors import CommandFailed, CommandMissing, Refused
from pkg.shell.identity import flyctl_identity, identity
from tests.fakes import FakeRunner

VERSION = ("flyctl", "version", "--json")
REAL = {"Name": "flyctl", "Version": "0.4.87", "Environment": "production"}
SIMULATED = {**REAL, "Environment": "simulated"}


@pytest.fixture
def flyctl(tmp_path: Path, runner: FakeRunner) -> Path:
    program = tmp_path / "flyctl"
    program.write_text("v1")
    runner.programs["flyctl"] = program
    return program


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / ".fly"


@pytest.mark.usefixtures("flyctl")
def test_a_program_is_asked_once(runner: FakeRunner, state: Path) -> None:
    runner.answer(*VERSION, json=REAL)
    assert identity(runner, state, VERSION) == REAL
    assert identity(runner, state, VERSION) == REAL
    assert len(runner.calls) == 1


def test_a_program_that_has_changed_is_asked_again(flyctl: Path, runner: FakeRunner, state: Path) -> None:
    runner.answer(*VERSION, json=REAL)
    identity(runner, state, VERSION)
    flyctl.write_text("version 2")
    runner.answer(*VERSION, json=SIMULATED)
    assert identity(runner, state, VERSION) == SIMULATED
    os.utime(flyctl, ns=(1, 1))
    runner.answer(*VERSION, json=REAL)
    assert identity(runner, state, VERSION) == REAL
    assert len(json.loads((state / "programs.json").read_text())) == 1


def test_two_programs_are_remembered_side_by_side(
    tmp_path: Path, flyctl: Path, runner: FakeRunner, state: Path
) -> None:
    other = tmp_path / "other" / "flyctl"
    other.parent.mkdir()
    other.write_text("v2")
    runner.answer(*VERSION, json=REAL)
    identity(runner, state, VERSION)
    runner.programs["flyctl"] = other
    runner.answer(*VERSION, json=SIMULATED)
    assert identity(runner, state, VERSION) == SIMULATED
    runner.programs["flyctl"] = flyctl
    assert identity(runner, state, VERSION) == REAL


@pytest.mark.usefixtures("flyctl")
@pytest.mark.parametrize("kept", ["", "{", "[]", '{"x": 1}', "\xff"])
def test_a_damaged_memory_is_made_anew(runner: FakeRunner, state: Path, kept: str) -> None:
    state.mkdir()
    (state / "programs.json").write_text(kept, encoding="latin-1")
    runner.answer(*VERSION, json=REAL)
    assert identity(runner, state, VERSION) == REAL
    assert identity(runner, state, VERSION) == REAL


def test_an_entry_of_another_form_is_not_believed(flyctl: Path, runner: FakeRunner, state: Path) -> None:
    runner.answer(*VERSION, json=REAL)
    identity(runner, state, VERSION)
    memory = json.loads((state / "programs.json").read_text())
    (state / "programs.json").write_text(json.dumps(dict.fromkeys(memory, "simulated")))
    runner.answer(*VERSION, json=REAL)
    assert identity(runner, state, VERSION) == REAL


@pytest.mark.usefixtures("flyctl")
def test_where_nothing_can_be_written_the_program_is_asked_each_time(
    runner: FakeRunner, tmp_path: Path
) -> None:
    (tmp_path / "a-file").touch()
    runner.answer(*VERSION, json=REAL, times=2)
    for _ in range(2):
        assert identity(runner, tmp_path / "a-file", VERSION) == REAL
    assert len(runner.calls) == 2


@pytest.mark.usefixtures("flyctl")
@pytest.mark.parametrize("stdout", ["", "flyctl v0.4.87", "[]"])
def test_a_program_that_does_not_say_who_it_is_is_an_error(
    runner: FakeRunner, state: Path, stdout: str
) -> None:
    runner.answer(*VERSION, stdout=stdout, stderr="FLYSIM_STATE is not set", code=70)
    with pytest.raises(CommandFailed, match="does not say what it is") as error:
        identity(runner, state, VERSION)
    assert "FLYSIM_STATE is not set" in str(error.value)
    assert error.value.fix == "./dev inv tools.install-flyctl"
    assert not state.exists()


def test_a_missing_program_is_named_with_the_way_to_get_it(runner: FakeRunner, state: Path) -> None:
    with pytest.raises(CommandMissing, match="flyctl was not found on PATH") as error:
        flyctl_identity(runner, state, sandbox=False)
    assert error.value.fix == "./dev inv tools.install-flyctl"


@pytest.mark.usefixtures("flyctl")
def test_the_right_flyctl_is_accepted(runner: FakeRunner, state: Path) -> None:
    runner.answer(*VERSION, json=REAL)
    assert flyctl_identity(runner, state, sandbox=False)["Version"] == "0.4.87"


@pytest.mark.usefixtures("flyctl")
def test_the_simulated_flyctl_is_accepted_in_the_sandbox(runner: FakeRunner, state: Path) -> None:
    runner.answer(*VERSION, json=SIMULATED)
    assert flyctl_identity(runner, state, sandbox=True)["Version"] == "0.4.87"


@pytest.mark.parametrize(("answer", "sandbox"), [(SIMULATED, False), (REAL, True), ({}, True)])
def test_the_wrong_flyctl_is_refused(
    flyctl: Path, runner: FakeRunner, state: Path, answer: dict[str, str], *, sandbox: bool
) -> None:
    runner.answer(*VERSION, json=answer)
    with pytest.raises(Refused, match=str(flyctl)) as error:
        flyctl_identity(runner, state, sandbox=sandbox)
    assert error.value.exit_code == 3
    assert "nothing changed" in error.value.meaning
    assert "inv sandbox" in error.value.fix


@pytest.mark.usefixtures("flyctl")
def test_what_cannot_be_kept_leaves_nothing_behind(runner: FakeRunner, state: Path) -> None:
    (state / "programs.json").mkdir(parents=True)
    runner.answer(*VERSION, json=REAL)
    assert identity(runner, state, VERSION) == REAL
    assert [path.name for path in state.iterdir()] == ["programs.json"]
