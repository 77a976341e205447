"""The edge to Invoke, called as Invoke calls it."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from invoke import Config, Context, Exit

from pkg.shell.cli import end, root, task, workspace
from pkg.shell.environment import SANDBOX_VARIABLE
from pkg.shell.errors import Failure, Refused

REPO = Path(__file__).resolve().parents[4]


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.delenv(SANDBOX_VARIABLE, raising=False)
    monkeypatch.setattr(sys, "argv", ["inv", "x", "--", "--tail", "a b"])
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    return Context(Config(overrides={"run": {"dry": True, "echo": False}}))


def failing(error: BaseException) -> Callable[[Context], None]:
    def body(c: Context) -> None:
        """Fail."""
        raise error

    return body


def test_a_task_returns_what_its_body_returns_and_runs_in_the_root(context: Context) -> None:
    @task
    def where(c: Context) -> Path:
        """Tell where it runs."""
        return Path.cwd()

    assert where(context) == root()
    assert where.called


def test_a_failure_becomes_an_exit_with_its_words_on_stderr(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Exit) as ended:
        task(failing(Refused("no", fix="say yes")))(context)
    assert ended.value.code == 3
    assert capsys.readouterr() == ("", "error: no\n  next:  say yes\n")


def test_the_words_of_a_failure_show_no_secret(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    workspace(context).redactor.add("hunter2-hunter2")
    with pytest.raises(Exit):
        task(failing(Failure("no hunter2-hunter2")))(context)
    assert capsys.readouterr().err == "error: no ***\n"


def test_an_interrupt_becomes_an_exit_with_130(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Exit) as ended:
        task(failing(KeyboardInterrupt()))(context)
    assert ended.value.code == 130
    assert capsys.readouterr().err == "error: interrupted\n"


def test_a_bug_is_not_dressed_up(context: Context) -> None:
    with pytest.raises(ZeroDivisionError):
        task(failing(ZeroDivisionError()))(context)


def test_sigterm_ends_a_task_as_ctrl_c_does(context: Context) -> None:
    @task
    def stopped(c: Context) -> None:
        """Be stopped."""
        signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Exit) as ended:
        stopped(context)
    assert ended.value.code == 130


def test_a_workspace_is_made_of_the_invocation_and_shared(context: Context) -> None:
    ws = workspace(context)
    assert (ws.dry, ws.passthrough, ws.root) == (True, ("--tail", "a b"), root())
    assert workspace(context) is ws


def test_entering_the_sandbox_makes_another_workspace(
    context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = workspace(context)
    monkeypatch.setenv(SANDBOX_VARIABLE, str(tmp_path))
    assert workspace(context) is not real
    assert workspace(context).sandbox


def test_the_traceback_of_a_bug_shows_no_secret(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    workspace(context).redactor.add("hunter2-hunter2")
    sys.excepthook(ValueError, ValueError("hunter2-hunter2"), None)
    shown = capsys.readouterr().err
    assert shown.endswith("ValueError: ***\n")
    assert "hunter2" not in shown


def test_ending_with_zero_goes_on_and_with_another_code_does_not() -> None:
    end(0)
    with pytest.raises(Exit) as ended:
        end(4)
    assert ended.value.code == 4


def test_the_root_is_the_folder_of_the_tasks_that_invoke_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = ModuleType("tasks")
    module.__file__ = str(tmp_path / "tasks.py")
    monkeypatch.setitem(sys.modules, "tasks", module)
    assert root() == tmp_path
    monkeypatch.delitem(sys.modules, "tasks")
    assert root() == REPO


def test_help_texts_stay_for_the_next_who_asks() -> None:
    @task(help={"name": "The name."})
    def helped(c: Context, name: str = "") -> None:
        """Help."""

    for _ in range(2):
        assert [argument.help for argument in helped.get_arguments()] == ["The name."]
