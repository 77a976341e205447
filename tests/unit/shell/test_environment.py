"""Variables come from the process, then .envrc, then .env; in the sandbox nothing real is left."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pkg.shell import environment as module
from pkg.shell.environment import (
    SANDBOX_VARIABLE,
    SIMULATION,
    Environment,
    enter_sandbox,
    leave_sandbox,
    load_environment,
    process_variables,
    sandbox_folder,
)
from pkg.shell.redact import Redactor
from tests.fakes import FakeRunner, ManualClock, MemoryConsole, OpRunner

TOKEN = "FlyV1 fm2_" + "r" * 40


def environment(root: Path, process: dict[str, str], console: MemoryConsole | None = None) -> Environment:
    console = console or MemoryConsole()
    variables = {"PATH": str(root / "no-direnv-here"), **process}
    return load_environment(root, variables, console=console, redactor=console.redactor, clock=ManualClock())


def test_the_process_comes_before_envrc_and_envrc_before_env(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=env\nB=env\nC=env\n")
    (tmp_path / ".envrc").write_text("export A=envrc\nexport B=envrc\n")
    found = environment(tmp_path, {"A": "process"})
    assert [found.get(name) for name in "ABC"] == ["process", "envrc", "env"]
    assert {name: found.variables[name] for name in "ABC"} == {"A": "process", "B": "envrc", "C": "env"}


def test_without_files_the_variables_are_those_of_the_process(tmp_path: Path) -> None:
    found = environment(tmp_path, {"A": "1", "PATH": "/bin"})
    assert dict(found.variables) == {"A": "1", "PATH": "/bin", "FLY_NO_UPDATE_CHECK": "1"}


def test_flyctl_never_updates_itself(tmp_path: Path) -> None:
    assert environment(tmp_path, {"FLY_NO_UPDATE_CHECK": "0"}).child["FLY_NO_UPDATE_CHECK"] == "1"


def test_a_variable_set_to_nothing_does_not_stand_before_a_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=env\n")
    found = environment(tmp_path, {"A": "", "B": ""})
    assert (found.get("A"), found.variables["B"], found.get("B", "default")) == ("env", "", "")


def test_a_missing_variable_is_the_default(tmp_path: Path) -> None:
    assert environment(tmp_path, {}).get("NONE") == ""
    assert environment(tmp_path, {}).get("NONE", "x") == "x"


def test_files_are_not_read_for_what_the_process_has(tmp_path: Path) -> None:
    (tmp_path / ".envrc").write_text("export B=$(echo 1)\n")
    console = MemoryConsole()
    found = environment(tmp_path, {"A": "1"}, console)
    assert found.get("A") == "1"
    assert console.stderr == ""
    found.get("B")
    assert "line 1 needs direnv" in console.stderr


def test_files_are_read_once(tmp_path: Path) -> None:
    (tmp_path / ".envrc").write_text("export B=$(echo 1)\n")
    console = MemoryConsole()
    found = environment(tmp_path, {}, console)
    assert len(found.variables) == len(found.child) == len(dict(found.child))
    assert console.stderr.count("\n") == 1


def test_threads_that_ask_at_once_read_the_files_once(tmp_path: Path) -> None:
    (tmp_path / ".envrc").write_text("export B=$(echo 1)\n" * 200)
    console = MemoryConsole()
    found = environment(tmp_path, {}, console)
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: tuple(found.child), range(8)))) == 1
    assert console.stderr.count("\n") == 200


def test_folders_of_envrc_come_first_on_path(tmp_path: Path) -> None:
    (tmp_path / ".envrc").write_text("PATH_add .tools/bin\n")
    found = environment(tmp_path, {})
    assert found.child["PATH"].split(":") == [f"{tmp_path}/.tools/bin", f"{tmp_path}/no-direnv-here"]


@pytest.mark.parametrize("sandbox", [False, True])
def test_the_pinned_tools_are_on_path_whatever_became_of_envrc(tmp_path: Path, sandbox: bool) -> None:
    tools = tmp_path / ".tools" / "bin"
    tools.mkdir(parents=True)
    process = {SANDBOX_VARIABLE: str(tmp_path / "state")} if sandbox else {}
    own = f"{tmp_path}/no-direnv-here"
    assert environment(tmp_path, process).child["PATH"].endswith(f"{tools}:{own}")
    # In the place that the user's own PATH gives them, when it does.
    told = {**process, "PATH": f"{own}:{tools}"}
    assert environment(tmp_path, told).child["PATH"].endswith(f"{own}:{tools}")


def test_what_was_forgotten_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    found = environment(tmp_path, {})
    assert (found.get("A"), found.child["A"]) == ("1", "1")
    (tmp_path / ".env").write_text("A=2\n")
    assert found.get("A") == "1"
    found.forget()
    assert (found.get("A"), found.child["A"]) == ("2", "2")


def test_direnv_is_started_without_its_own_variables(tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "direnv"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\necho "{\\"SEEN\\": \\"$DIRENV_DIFF$OTHER\\"}"\n')
    tool.chmod(0o755)
    (tmp_path / ".envrc").write_text("export A=1\n")
    process = {"PATH": f"{tool.parent}:{os.defpath}", "DIRENV_DIFF": "eJw", "OTHER": "other"}
    assert environment(tmp_path, process).get("SEEN") == "other"


def test_children_never_get_a_reference_and_nobody_is_asked_for_it_yet(tmp_path: Path) -> None:
    found = environment(tmp_path, {"A": "op://v/i/f", "B": "1"})
    assert found.variables["A"] == "op://v/i/f"
    assert "A" not in found.child
    assert found.child["B"] == "1"


def test_references_are_resolved_in_one_batch_and_only_once(tmp_path: Path) -> None:
    console = MemoryConsole()
    (tmp_path / ".env").write_text("A=op://v/i/a\n")
    found = environment(tmp_path, {"B": "op://v/i/b"}, console)
    runner = OpRunner({"op://v/i/a": "value-of-a", "op://v/i/b": "value-of-b"})
    found.resolve(runner)
    found.resolve(runner)
    assert len(runner.calls) == 1
    assert (found.child["A"], found.get("B"), found.variables["B"]) == (
        "value-of-a",
        "value-of-b",
        "value-of-b",
    )
    console.out("value-of-a value-of-b")
    assert console.stdout == "*** ***\n"


def test_without_references_1password_is_not_asked(tmp_path: Path, runner: FakeRunner) -> None:
    environment(tmp_path, {"A": "1"}).resolve(runner)
    assert runner.calls == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLY_API_TOKEN", "short-token"),
        ("ANYTHING", TOKEN),
        ("DATABASE_URL", "postgres://app:pass-word@db/app"),
    ],
)
def test_secrets_of_the_process_and_of_files_are_hidden(tmp_path: Path, name: str, value: str) -> None:
    console = MemoryConsole()
    environment(tmp_path, {name: value}, console)
    console.out(value)
    assert console.stdout == "***\n"
    (tmp_path / ".env").write_text(f"{name}='{value}'\n")
    other = MemoryConsole()
    environment(tmp_path, {}, other).get(name)
    other.out(value)
    assert other.stdout == "***\n"


def test_references_and_ordinary_values_are_not_hidden(tmp_path: Path) -> None:
    console = MemoryConsole()
    environment(tmp_path, {"FLY_API_TOKEN": "op://v/i/f", "FLY_ORG": "personal"}, console)
    console.out("op://v/i/f personal")
    assert console.stdout == "op://v/i/f personal\n"


def sandboxed(tmp_path: Path, **process: str) -> Environment:
    return environment(tmp_path, {SANDBOX_VARIABLE: str(tmp_path / "sim"), **process})


def test_in_the_sandbox_the_simulation_comes_first_on_path_then_our_python(tmp_path: Path) -> None:
    found = sandboxed(tmp_path, PATH="/real/bin")
    assert found.child["PATH"].split(":") == [str(SIMULATION), str(Path(sys.executable).parent), "/real/bin"]
    assert found.child["FLYSIM_STATE"] == found.child[SANDBOX_VARIABLE] == str(tmp_path / "sim")
    assert found.sandbox == tmp_path / "sim"


def test_in_the_sandbox_nothing_real_is_left(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FROM_ENV=real\n")
    (tmp_path / ".envrc").write_text("export FROM_ENVRC=real\nexport LOADED=real\n")
    found = sandboxed(
        tmp_path,
        FLY_API_TOKEN=TOKEN,
        FLY_ACCESS_TOKEN=TOKEN,
        FLY_ORG="real",
        FLYCTL_INSTALL="/real",
        OP_SERVICE_ACCOUNT_TOKEN="ops_real",
        OP_ACCOUNT="real",
        DIRENV_DIFF="real",
        LOADED="real",
        AWS_SECRET_ACCESS_KEY="real",
        DATABASE_URL="postgres://a:real-password@h/d",
        REFERENCE="op://real/i/f",
        OTHER=TOKEN,
        HOME="/home/me",
        NO_COLOR="1",
    )
    assert dict(found.child) == {
        "PATH": found.child["PATH"],
        "HOME": "/home/me",
        "NO_COLOR": "1",
        SANDBOX_VARIABLE: str(tmp_path / "sim"),
        "FLYSIM_STATE": str(tmp_path / "sim"),
        "FLY_API_TOKEN": "fo1_simulated",
        "FLY_NO_UPDATE_CHECK": "1",
    }
    assert found.get("FLY_API_TOKEN") == "fo1_simulated"


def test_in_the_sandbox_1password_is_never_asked(tmp_path: Path, runner: FakeRunner) -> None:
    sandboxed(tmp_path, A="op://v/i/f").resolve(runner)
    assert runner.calls == []


def test_the_sandbox_is_switched_on_and_off_for_this_process(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(SANDBOX_VARIABLE, raising=False)
        assert sandbox_folder() is None
        enter_sandbox(tmp_path / "a" / ".." / "sim")
        assert sandbox_folder() == tmp_path / "sim"
        assert process_variables()[SANDBOX_VARIABLE] == str(tmp_path / "sim")
        assert load_environment(tmp_path).sandbox == tmp_path / "sim"
        leave_sandbox()
        leave_sandbox()
        assert sandbox_folder() is None


def test_by_default_the_environment_is_that_of_this_process(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOME_VARIABLE_OF_THIS_TEST", "here")
        assert load_environment(tmp_path).get("SOME_VARIABLE_OF_THIS_TEST") == "here"


def test_the_simulation_is_where_the_design_puts_it() -> None:
    assert Path(module.__file__).parents[2] / "pkg" / "flysim" / "bin" == SIMULATION


def test_a_redactor_may_be_shared(tmp_path: Path) -> None:
    redactor = Redactor()
    load_environment(tmp_path, {"A_TOKEN": "some-token"}, redactor=redactor)
    assert redactor.redact("some-token") == "***"
