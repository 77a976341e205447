"""A workspace holds what a task needs, made of this process."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.shell.environment import SANDBOX_VARIABLE
from pkg.shell.errors import Refused
from pkg.shell.workspace import after_dashes, open_workspace


@pytest.fixture(autouse=True)
def no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SANDBOX_VARIABLE, raising=False)


def test_a_workspace_is_of_its_root(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path, dry=False, echo=False, argv=["inv", "x", "--", "a b"])
    assert ws.root == tmp_path
    assert ws.state == tmp_path / ".fly"
    assert not ws.state.exists()
    assert ws.passthrough == ("a b",)
    assert (ws.dry, ws.sandbox) == (False, False)
    assert ws.runner.capture(["pwd"]).stdout == f"{tmp_path}\n"


def test_in_the_sandbox_its_state_is_that_of_the_simulation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SANDBOX_VARIABLE, str(tmp_path / "sim"))
    ws = open_workspace(tmp_path, dry=False, echo=False, argv=["inv"])
    assert (ws.sandbox, ws.state) == (True, tmp_path / "sim")
    assert ws.runner.capture(["sh", "-c", "echo $FLYSIM_STATE"]).stdout == f"{tmp_path}/sim\n"


def test_what_the_environment_hides_the_console_hides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOME_TOKEN", "hunter2-hunter2")
    open_workspace(tmp_path, dry=False, echo=False, argv=["inv"]).console.out("hunter2-hunter2")
    assert capsys.readouterr().out == "***\n"


def test_a_dry_run_asks_nothing(tmp_path: Path) -> None:
    open_workspace(tmp_path, dry=True, echo=False, argv=["inv"]).confirm("Sure?", yes=False)
    with pytest.raises(Refused):
        open_workspace(tmp_path, dry=False, echo=False, argv=["inv"]).confirm("Sure?", yes=False)


@given(st.lists(st.text().filter(lambda word: word != "--")), st.lists(st.text()))
def test_what_follows_the_first_dashes_is_passed_as_it_is(before: list[str], after: list[str]) -> None:
    assert after_dashes([*before, "--", *after]) == tuple(after)
    assert after_dashes(before) == ()
