"""An .envrc is loaded as the user allowed it, and each line that is left out is named."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkg.shell.clock import SystemClock
from pkg.shell.envrc import _hint, read_env, read_envrc, read_plain
from pkg.shell.errors import BadInput, TimedOut
from pkg.shell.redact import Redactor
from pkg.shell.runner import ProcessRunner
from tests.fakes import FakeRunner, MemoryConsole

DIRENV = {"direnv": Path("/usr/bin/direnv")}
EXPORT = ("direnv", "export", "json")


def envrc(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / ".envrc"
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def exported(text: str) -> dict[str, str]:
    return {line.name: line.value for line in read_plain(text).exports}


def test_without_an_envrc_nothing_is_asked(
    tmp_path: Path, runner: FakeRunner, console: MemoryConsole
) -> None:
    assert read_envrc(tmp_path / ".envrc", {}, runner, console) == {}
    assert runner.calls == []


def test_plain_lines_are_read_where_there_is_no_direnv(
    tmp_path: Path, runner: FakeRunner, console: MemoryConsole
) -> None:
    file = envrc(
        tmp_path,
        "# what everybody needs",
        "",
        "strict_env",
        "export FLY_API_TOKEN=op://Infra/fly/token",
        'export WITH_SPACE="op://Infra/fly (ci)/token"  # quoted',
        "export SINGLE='a $b `c` \"d\"'",
        "  export  HASH=a#b # and a comment",
        "export EMPTY=",
        "dotenv_if_exists",
    )
    assert read_envrc(file, {"PATH": "/bin"}, runner, console) == {
        "FLY_API_TOKEN": "op://Infra/fly/token",
        "WITH_SPACE": "op://Infra/fly (ci)/token",
        "SINGLE": 'a $b `c` "d"',
        "HASH": "a#b",
        "EMPTY": "",
    }
    assert console.stderr == "EMPTY of .envrc is empty: what should fill it failed, or wrote nothing\n"


@pytest.mark.parametrize(
    "line",
    [
        "export A=$(op read op://a/b/c)",
        "export A=`whoami`",
        'export A="$B"',
        'export A="b\\n"',
        "export A=~/bin",
        "export A=1 B=2",
        "export A=1; rm -rf x",
        "export A=1 && true",
        "export A",
        "A=1",
        "export A='it''s'",
        "export A='open",
        "source_up",
        "PATH_add $HOME/bin",
        'eval "$(something)"',
        "export A-B=1",
    ],
)
def test_a_line_that_a_shell_would_expand_or_run_is_named_and_left_out(
    tmp_path: Path, runner: FakeRunner, console: MemoryConsole, line: str
) -> None:
    assert read_envrc(envrc(tmp_path, "# one", line), {}, runner, console) == {}
    assert console.stderr.startswith(".envrc line 2 needs direnv and is left out: ")
    assert not list(tmp_path.glob("x"))


def test_the_value_of_a_line_that_is_left_out_is_not_shown(
    tmp_path: Path, runner: FakeRunner, console: MemoryConsole
) -> None:
    read_envrc(envrc(tmp_path, 'export PASSWORD="hunter$2"'), {}, runner, console)
    assert console.stderr == ".envrc line 1 needs direnv and is left out: export PASSWORD\n"


def test_a_line_that_dotenv_reads_in_another_way_is_left_out(
    tmp_path: Path, runner: FakeRunner, console: MemoryConsole
) -> None:
    # In single quotes two backslashes are two for a shell, and one for python-dotenv.
    assert read_envrc(envrc(tmp_path, r"export A='a\\b'"), {}, runner, console) == {}
    assert "line 1 needs direnv" in console.stderr


@settings(max_examples=40)
@given(st.text(st.sampled_from("ab '\"#$\\`~;=!*{}[]?()<>|&:/\t"), max_size=8))
def test_what_is_read_is_what_a_shell_would_export(value: str) -> None:
    line = f"export A={value}"
    read = exported(line)
    if read:
        shell = subprocess.run(
            ["bash", "-c", f'{line}\nprintf "%s" "$A"'], capture_output=True, text=True, check=True, env={}
        )
        assert read["A"] == shell.stdout


def test_folders_are_put_first_on_path(tmp_path: Path, runner: FakeRunner, console: MemoryConsole) -> None:
    file = envrc(tmp_path, "PATH_add .venv/bin", 'PATH_add "my tools"')
    added = read_envrc(file, {"PATH": "/usr/bin"}, runner, console)
    assert added == {"PATH": f"{tmp_path}/my tools:{tmp_path}/.venv/bin:/usr/bin"}


def test_direnv_is_asked_where_it_is_installed(
    tmp_path: Path, console: MemoryConsole, runner: FakeRunner
) -> None:
    runner.programs.update(DIRENV)
    runner.answer(*EXPORT, json={"A": "1", "GONE": None, "PATH": "/x:/bin", "DIRENV_DIFF": "eJw"})
    file = envrc(tmp_path, "export A=$(echo 1)")
    assert read_envrc(file, {"PATH": "/bin"}, runner, console) == {"A": "1", "PATH": "/x:/bin"}
    assert console.stderr == ""


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (
            {
                "code": 1,
                "stdout": '{"DIRENV_DIR": "-/x"}',
                "stderr": "direnv: error /x/.envrc is blocked. Run …",
            },
            ".envrc is not loaded: it is new or has changed; read it, then run `direnv allow`\n",
        ),
        (
            {"code": 1, "stderr": "direnv: loading\ndirenv: error exit status 3\n"},
            ".envrc is not loaded: direnv failed with exit code 1: direnv: error exit status 3\n",
        ),
        (
            {"code": 1, "stderr": "\x1b[31mdirenv: error no configuration\x1b[0m\n"},
            ".envrc is not loaded: direnv failed with exit code 1: direnv: error no configuration\n",
        ),
        ({"code": 2}, ".envrc is not loaded: direnv failed with exit code 2: no reason given\n"),
        (
            {"code": 0, "stdout": "\n"},
            ".envrc is not loaded: direnv was told to deny it; `direnv allow` allows it again\n",
        ),
        (
            {"raises": TimedOut("late")},
            ".envrc is not loaded: direnv did not end within 60 s\n",
        ),
    ],
)
def test_what_direnv_does_not_load_is_not_loaded_in_another_way(
    tmp_path: Path, runner: FakeRunner, console: MemoryConsole, answer: dict[str, object], word: str
) -> None:
    runner.programs.update(DIRENV)
    runner.answer(*EXPORT, **answer)  # type: ignore[arg-type]  # the table's values are of several types
    assert read_envrc(envrc(tmp_path, "export A=1"), {}, runner, console) == {}
    assert console.stderr == word


def test_a_line_that_failed_is_named_though_direnv_ends_well(
    tmp_path: Path, runner: FakeRunner, console: MemoryConsole
) -> None:
    runner.programs.update(DIRENV)
    said = "\x1b[mdirenv: loading /x/.envrc\n./.envrc:2: syntax error near unexpected token `then'\n"
    more = "\x1b[31m./.envrc: line 3: nothing: command not found\x1b[0m\ndirenv: export +A\n"
    runner.answer(*EXPORT, json={"A": "1"}, stderr=said + more)
    assert read_envrc(envrc(tmp_path, "export A=1"), {}, runner, console) == {"A": "1"}
    assert console.stderr == (
        ".envrc line 2 failed, so what it exports may be missing: syntax error near unexpected token `then'\n"
        ".envrc line 3 failed, so what it exports may be missing: nothing: command not found\n"
    )


@pytest.mark.parametrize("stdout", ["direnv 2", '{"A"', "[]"])
def test_an_answer_of_direnv_that_is_not_json_is_an_error(
    tmp_path: Path, runner: FakeRunner, console: MemoryConsole, stdout: str
) -> None:
    runner.programs.update(DIRENV)
    runner.answer(*EXPORT, stdout=stdout)
    with pytest.raises(BadInput, match="direnv did not answer with a JSON object"):
        read_envrc(envrc(tmp_path, "export A=1"), {}, runner, console)


def test_direnv_is_not_started_when_the_shell_has_loaded_the_file(
    tmp_path: Path, runner: FakeRunner, console: MemoryConsole
) -> None:
    runner.programs.update(DIRENV)
    process = {"DIRENV_DIR": f"-{tmp_path}", "DIRENV_DIFF": "eJw", "A": "1"}
    assert read_envrc(envrc(tmp_path, "export A=$(echo 1)"), process, runner, console) == {}
    assert runner.calls == []


def test_direnv_is_asked_when_the_shell_has_loaded_another_file(
    tmp_path: Path, runner: FakeRunner, console: MemoryConsole
) -> None:
    runner.programs.update(DIRENV)
    runner.answer(*EXPORT, json={"A": "1"})
    process = {"DIRENV_DIR": "-/elsewhere", "DIRENV_DIFF": "eJw"}
    assert read_envrc(envrc(tmp_path, "export A=1"), process, runner, console) == {"A": "1"}


def test_direnv_is_not_started_when_the_process_has_all_that_the_file_exports(
    tmp_path: Path, runner: FakeRunner, console: MemoryConsole
) -> None:
    runner.programs.update(DIRENV)
    file = envrc(tmp_path, "export A=op://a/b/c", "PATH_add bin")
    assert read_envrc(file, {"A": "real", "PATH": f"/usr/bin:{tmp_path}/bin"}, runner, console) == {}
    assert runner.calls == []


@pytest.mark.parametrize("process", [{"PATH": "/usr/bin", "A": "real"}, {"A": "", "PATH": "bin"}])
def test_direnv_is_started_when_the_process_lacks_something(
    tmp_path: Path, runner: FakeRunner, console: MemoryConsole, process: dict[str, str]
) -> None:
    runner.programs.update(DIRENV)
    runner.answer(*EXPORT, json={"A": "1"})
    file = envrc(tmp_path, "export A=op://a/b/c", "PATH_add bin")
    assert read_envrc(file, process, runner, console) == {"A": "1"}


def test_a_variable_that_came_out_empty_is_named(
    tmp_path: Path, runner: FakeRunner, console: MemoryConsole
) -> None:
    runner.programs.update(DIRENV)
    runner.answer(*EXPORT, json={"A": "", "B": "1"})
    read_envrc(envrc(tmp_path, 'export A="$(op read op://a/b/c)"', "export B=1"), {}, runner, console)
    assert console.stderr == "A of .envrc is empty: what should fill it failed, or wrote nothing\n"


@pytest.mark.parametrize("name", [".env", ".envrc"])
def test_a_file_that_cannot_be_read_is_an_error(
    tmp_path: Path, runner: FakeRunner, console: MemoryConsole, name: str
) -> None:
    (tmp_path / name).write_bytes(b"A=\xff")
    read = read_env if name == ".env" else lambda file, console: read_envrc(file, {}, runner, console)
    with pytest.raises(BadInput, match=rf"{name} cannot be read: .*utf-8"):
        read(tmp_path / name, console)


def test_a_folder_in_the_place_of_a_file_is_an_error(tmp_path: Path, console: MemoryConsole) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(BadInput, match=r"\.env cannot be read: "):
        read_env(tmp_path / ".env", console)


def test_env_files_are_read_and_what_is_unclear_is_named_without_its_value(
    tmp_path: Path, console: MemoryConsole
) -> None:
    (tmp_path / ".env").write_text("# words\nA=1\nexport B='two words'\n\nC=\"open\nD\nE=$A-${B}\n")
    assert read_env(tmp_path / ".env", console) == {"A": "1", "B": "two words", "E": "$A-${B}"}
    assert console.stderr == (
        ".env line 5 is not understood and left out: C\n.env line 6 is not understood and left out: D\n"
    )


def test_without_an_env_file_there_are_no_variables(tmp_path: Path, console: MemoryConsole) -> None:
    assert read_env(tmp_path / ".env", console) == {}


@pytest.mark.parametrize(
    ("program", "loaded", "word"),
    [
        ('echo \'{"A": "1"}\'', {"A": "1"}, ""),
        (
            "echo 'direnv: error /x/.envrc is blocked' >&2; echo '{}'; exit 1",
            {},
            "read it, then run `direnv allow`",
        ),
        ("exit 0", {}, "told to deny it"),
        ('test -z "$DIRENV_DIFF" || exit 9; pwd | sed \'s/.*/{"A": "&"}/\'', {"A": "."}, ""),
    ],
)
def test_a_direnv_on_path_is_run_in_the_folder_of_the_file(
    tmp_path: Path, program: str, loaded: dict[str, str], word: str
) -> None:
    tool = tmp_path / "bin" / "direnv"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\ntest "$*" = "export json" || exit 8\n{program}\n')
    tool.chmod(0o755)
    redactor = Redactor()
    console = MemoryConsole(redactor)
    runner = ProcessRunner(
        env={"PATH": f"{tool.parent}:{os.defpath}"},
        cwd=tmp_path,
        console=console,
        redactor=redactor,
        clock=SystemClock(),
    )
    expected = json.loads(json.dumps(loaded).replace('"."', json.dumps(str(tmp_path))))
    assert read_envrc(envrc(tmp_path, "export A=1"), {}, runner, console) == expected
    assert word in console.stderr


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("export MY_PASSWORD hunter2CANARY", "export …"),
        ("foo --token fo1_CANARY", "foo …"),
        ("foo --token fo1_CANARY A=b", "foo …"),
        ("export PASSWORD=$(cat CANARY)", "export PASSWORD"),
        ("layout", "layout"),
    ],
)
def test_a_line_that_is_left_out_is_named_without_what_may_be_a_secret(line: str, shown: str) -> None:
    assert _hint(line) == shown
