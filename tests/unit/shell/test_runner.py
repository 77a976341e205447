"""Processes are started with exactly what was asked for, and none is left behind."""

import os
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkg.shell.child import Patience
from pkg.shell.clock import SystemClock
from pkg.shell.errors import BadInput, CommandMissing, Failure
from pkg.shell.redact import Redactor
from pkg.shell.runner import ProcessRunner
from tests.fakes import ManualClock, MemoryConsole

PATH = {"PATH": os.defpath}
SECRET = "hunter2-hunter2"


def process_runner(
    cwd: Path,
    *,
    env: dict[str, str] | None = None,
    console: MemoryConsole | None = None,
    redactor: Redactor | None = None,
    dry: bool = False,
    echo: bool = False,
) -> ProcessRunner:
    redactor = redactor or Redactor()
    return ProcessRunner(
        env=PATH if env is None else env,
        cwd=cwd,
        console=console or MemoryConsole(redactor),
        redactor=redactor,
        clock=SystemClock(),
        dry=dry,
        echo=echo,
        patience=Patience(interrupt=0.05, terminate=0.05, look=0.01),
    )


def python(code: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code)]


def test_output_error_output_and_exit_code_are_returned(tmp_path: Path) -> None:
    result = process_runner(tmp_path).capture(["sh", "-c", "echo out; echo err >&2; exit 7"])
    assert (result.stdout, result.stderr, result.code) == ("out\n", "err\n", 7)
    assert result.argv == ("sh", "-c", "echo out; echo err >&2; exit 7")
    assert not result.skipped


def test_seconds_are_the_clocks(tmp_path: Path) -> None:
    class SlowClock(ManualClock):
        def monotonic(self) -> float:
            self.advance(2.5)
            return super().monotonic()

    redactor = Redactor()
    runner = ProcessRunner(
        env=PATH, cwd=tmp_path, console=MemoryConsole(redactor), redactor=redactor, clock=SlowClock()
    )
    assert runner.capture(["true"]).seconds == 2.5
    assert runner.stream(["true"]).seconds == 2.5


@settings(max_examples=30)
@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20), max_size=5))
def test_arguments_arrive_as_they_were_given(arguments: list[str]) -> None:
    runner = process_runner(Path.cwd())
    program = ["sh", "-c", r'for a in "$@"; do printf "%s\036" "$a"; done', "sh"]
    assert runner.capture([*program, *arguments]).stdout == "".join(
        f"{argument}\x1e" for argument in arguments
    )


def test_nothing_of_our_own_environment_reaches_a_child(tmp_path: Path) -> None:
    runner = process_runner(tmp_path, env={**PATH, "ONLY": "this"})
    variables = dict(line.split("=", 1) for line in runner.capture(["env"]).stdout.splitlines())
    assert variables == {**PATH, "ONLY": "this"}


def test_variables_can_be_added_for_one_call(tmp_path: Path) -> None:
    runner = process_runner(tmp_path, env={**PATH, "A": "1", "B": "1"})
    assert runner.capture(["sh", "-c", "echo $A$B$C"], env={"B": "2", "C": "3"}).stdout == "123\n"
    assert runner.capture(["sh", "-c", "echo $A$B$C"]).stdout == "11\n"


def test_a_change_of_the_environment_is_seen_by_the_next_child(tmp_path: Path) -> None:
    env = dict(PATH)
    runner = process_runner(tmp_path, env=env)
    assert runner.capture(["sh", "-c", "echo $LATE"]).stdout == "\n"
    env["LATE"] = "here"
    assert runner.capture(["sh", "-c", "echo $LATE"]).stdout == "here\n"


def test_children_run_in_the_root_or_where_told_also_with_spaces_in_the_path(tmp_path: Path) -> None:
    root, other = tmp_path / "a b" / "repo 'x'", tmp_path / "other"
    root.mkdir(parents=True)
    other.mkdir()
    runner = process_runner(root)
    assert runner.capture(["pwd"]).stdout == f"{root}\n"
    assert runner.capture(["pwd"], cwd=other).stdout == f"{other}\n"


def test_a_secret_goes_through_stdin(tmp_path: Path) -> None:
    assert process_runner(tmp_path).capture(["cat"], stdin=f"{SECRET}\nü").stdout == f"{SECRET}\nü"


def test_without_stdin_a_child_reads_nothing(tmp_path: Path) -> None:
    assert process_runner(tmp_path).capture(["cat"], timeout=5).stdout == ""


def test_a_child_that_reads_nothing_of_its_stdin_is_no_error(tmp_path: Path) -> None:
    assert process_runner(tmp_path).capture(["true"], stdin="x" * 1_000_000).code == 0


def test_a_child_is_fed_once_however_often_it_is_looked_at(tmp_path: Path) -> None:
    text = "x" * 300_000
    slow = ["sh", "-c", "sleep 0.04; cat"]
    assert process_runner(tmp_path).capture(slow, stdin=text, timeout=30).stdout == text


def test_large_outputs_on_both_streams_do_not_block(tmp_path: Path) -> None:
    command = python("import sys; sys.stdout.write('o' * 500_000); sys.stderr.write('e' * 500_000)")
    result = process_runner(tmp_path).capture(command)
    assert (len(result.stdout), len(result.stderr)) == (500_000, 500_000)


def test_bytes_that_are_no_text_are_replaced_and_line_ends_are_kept(tmp_path: Path) -> None:
    assert (
        process_runner(tmp_path).capture(["printf", r"a\377\r\nb"]).stdout
        == "a\N{REPLACEMENT CHARACTER}\r\nb"
    )


def test_death_by_a_signal_is_told_as_a_shell_tells_it(tmp_path: Path) -> None:
    assert process_runner(tmp_path).capture(["sh", "-c", "kill -KILL $$"]).code == 137
    assert process_runner(tmp_path).stream(["sh", "-c", "kill -KILL $$"]).code == 137


def test_a_missing_program_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    runner = process_runner(tmp_path, env={"PATH": str(tmp_path)})
    with pytest.raises(CommandMissing, match="flyctl was not found on PATH") as missing:
        runner.capture(["flyctl", "status"])
    assert missing.value.fix == "./dev inv tools.install-flyctl"
    assert missing.value.command == ("flyctl", "status")
    with pytest.raises(CommandMissing) as unknown:
        runner.stream(["no-such-program"])
    assert unknown.value.fix == "install no-such-program, or put its folder on PATH"


def test_a_missing_folder_is_not_taken_for_a_missing_program(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"folder .*gone does not exist"):
        process_runner(tmp_path).capture(["true"], cwd=tmp_path / "gone")


def test_a_program_that_cannot_be_started_is_an_error_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a program")
    with pytest.raises(Failure, match=r"text could not be started: Permission denied") as refused:
        process_runner(tmp_path).capture([str(tmp_path / "text")])
    assert "chmod +x" in refused.value.fix


def test_a_program_for_another_processor_is_told_with_the_way_to_get_the_right_one(tmp_path: Path) -> None:
    program = tmp_path / "flyctl"
    program.write_bytes(b"\x7fELF, but not for us")
    program.chmod(0o755)
    with pytest.raises(Failure, match=r"flyctl could not be started: Exec format error") as failed:
        process_runner(tmp_path, env={"PATH": str(tmp_path)}).capture(["flyctl", "status"])
    assert "another kind of processor" in failed.value.meaning
    assert failed.value.fix == "./dev inv tools.install-flyctl"


def test_an_argument_that_no_program_can_be_given_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"true could not be started: embedded null byte"):
        process_runner(tmp_path).capture(["true", "a\0b"])


def test_errors_show_no_secret(tmp_path: Path) -> None:
    redactor = Redactor()
    redactor.add(SECRET)
    runner = process_runner(tmp_path, redactor=redactor)
    with pytest.raises(CommandMissing) as missing:
        runner.capture(["no-such-program", f"--password={SECRET}"])
    assert SECRET not in str(missing.value)
    assert "--password=***" in str(missing.value)


def test_which_looks_at_the_childrens_path(tmp_path: Path) -> None:
    program = tmp_path / "tool"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    runner = process_runner(tmp_path, env={"PATH": str(tmp_path)})
    assert runner.which("tool") == program
    assert runner.which("sh") is None
    assert process_runner(tmp_path, env={}).which("sh") is None


def test_a_dry_run_prints_what_would_change_something_and_does_not_run_it(tmp_path: Path) -> None:
    console = MemoryConsole()
    runner = process_runner(tmp_path, console=console, dry=True)
    for run in (runner.capture, runner.stream):
        result = run(["touch", "made by it's"], changes=True)
        assert (result.skipped, result.code, result.stdout) == (True, 0, "")
    assert list(tmp_path.iterdir()) == []
    assert console.stdout == "touch 'made by it'\"'\"'s'\n" * 2
    assert console.stderr == ""


def test_a_dry_run_runs_what_only_reads_and_says_so_on_stderr(tmp_path: Path) -> None:
    console = MemoryConsole()
    assert process_runner(tmp_path, console=console, dry=True).capture(["echo", "hi"]).stdout == "hi\n"
    assert (console.stdout, console.stderr) == ("", "$ echo hi\n")


def test_echo_shows_the_command_and_runs_it(tmp_path: Path) -> None:
    console = MemoryConsole()
    process_runner(tmp_path, console=console, echo=True).capture(["touch", "made"], changes=True)
    assert (tmp_path / "made").exists()
    assert (console.stdout, console.stderr) == ("", "$ touch made\n")


def test_without_dry_and_echo_nothing_is_printed(tmp_path: Path) -> None:
    console = MemoryConsole()
    process_runner(tmp_path, console=console).capture(["true"], changes=True)
    assert (console.stdout, console.stderr) == ("", "")


def test_shown_commands_hold_the_added_variables_and_no_secret(tmp_path: Path) -> None:
    console = MemoryConsole()
    console.redactor.add(SECRET)
    runner = process_runner(tmp_path, console=console, redactor=console.redactor, dry=True)
    runner.capture(
        ["ko", "build", f"./{SECRET}"],
        stdin=SECRET,
        env={"KO_DOCKER_REPO": "registry.fly.io/my app", "KO_PASSWORD": "short", "OTHER": f"x{SECRET}"},
        changes=True,
    )
    assert console.stdout == (
        "KO_DOCKER_REPO='registry.fly.io/my app' KO_PASSWORD='***' OTHER='x***' ko build './***'"
        "  # reads its input from stdin\n"
    )


def test_a_token_in_an_argument_is_hidden_though_nobody_registered_it(tmp_path: Path) -> None:
    token = "fm2_" + "x" * 40
    assert process_runner(tmp_path).redacted(["curl", f"FlyV1 {token}"]) == "curl 'FlyV1 ***'"


def test_a_token_that_a_program_writes_is_hidden_from_then_on(tmp_path: Path) -> None:
    console = MemoryConsole()
    runner = process_runner(tmp_path, console=console, redactor=console.redactor)
    first, second = "fo1_" + "x" * 40, "fm2_" + "y" * 40
    runner.capture(["sh", "-c", f"echo {first}; echo {second} >&2"])
    console.out(f"{first} {second}")
    assert console.stdout == "*** ***\n"


def test_many_threads_run_at_once_and_mix_nothing(tmp_path: Path) -> None:
    runner = process_runner(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        codes = pool.map(
            lambda n: runner.capture(["sh", "-c", f"cat; exit {n}"], stdin=str(n) * 10_000), range(40)
        )
        for n, result in enumerate(codes):
            assert (result.code, result.stdout) == (n, str(n) * 10_000)


def test_no_open_file_is_left_behind(tmp_path: Path) -> None:
    runner = process_runner(tmp_path)
    runner.capture(["cat"], stdin="x")
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(5):
        runner.capture(["cat"], stdin="x")
    assert len(list(Path("/dev/fd").iterdir())) == before
