"""The lines of a program that goes on are handed over as they come."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pkg.shell.child import Patience
from pkg.shell.clock import SystemClock
from pkg.shell.errors import CommandMissing, Interrupted
from pkg.shell.runner import ProcessRunner
from tests.fakes import MemoryConsole


def process_runner(cwd: Path, console: MemoryConsole, *, echo: bool = False) -> ProcessRunner:
    return ProcessRunner(
        env={"PATH": os.defpath},
        cwd=cwd,
        console=console,
        redactor=console.redactor,
        clock=SystemClock(),
        echo=echo,
        patience=Patience(interrupt=5, terminate=5),
    )


def test_each_line_comes_without_its_end_and_the_exit_code_is_told(
    tmp_path: Path, console: MemoryConsole
) -> None:
    found: list[str] = []

    def take(line: str) -> bool:
        found.append(line)
        return True

    program = "echo one; echo; printf 'b\\377d\\n'; echo words >&2; printf last; exit 3"
    result = process_runner(tmp_path, console).lines(["sh", "-c", program], take)
    assert found == ["one", "", "b\N{REPLACEMENT CHARACTER}d", "last"]
    assert (result.code, result.stdout) == (3, "")
    assert (console.stdout, console.stderr) == ("", "words\n")


def test_a_line_is_handed_over_before_the_program_goes_on(tmp_path: Path, console: MemoryConsole) -> None:
    def take(line: str) -> bool:
        (tmp_path / "seen").write_text(line)
        return True

    program = "echo go; until [ -e seen ]; do sleep 0.01; done; cat seen >copy"
    assert process_runner(tmp_path, console).lines(["sh", "-c", program], take).code == 0
    assert (tmp_path / "copy").read_text() == "go"


def test_a_program_of_which_no_more_is_wanted_is_ended(tmp_path: Path, console: MemoryConsole) -> None:
    found: list[str] = []

    def take(line: str) -> bool:
        found.append(line)
        return len(found) < 2

    assert process_runner(tmp_path, console).lines(["sh", "-c", "while :; do echo x; done"], take).code == 130
    assert found == ["x", "x"]


def test_an_error_of_the_reader_leaves_no_process_behind(tmp_path: Path, console: MemoryConsole) -> None:
    def take(line: str) -> bool:
        raise LookupError(line)

    with pytest.raises(LookupError):
        process_runner(tmp_path, console).lines(["sh", "-c", "echo $$ >pid; echo x; exec sleep 60"], take)
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_an_interrupt_ends_it(tmp_path: Path, console: MemoryConsole) -> None:
    program = "trap 'exit 127' INT; echo x; kill -INT $PPID; while :; do sleep 0.01; done"
    with pytest.raises(Interrupted, match="ended with exit code 127"):
        process_runner(tmp_path, console).lines(["sh", "-c", program], lambda _: True)


def test_tokens_in_lines_are_hidden_from_then_on(tmp_path: Path, console: MemoryConsole) -> None:
    token = "fo1_" + "x" * 40
    process_runner(tmp_path, console).lines(["echo", token], lambda _: True)
    console.out(token)
    assert console.stdout == "***\n"


def test_it_is_echoed_and_its_program_may_be_missing(tmp_path: Path, console: MemoryConsole) -> None:
    runner = process_runner(tmp_path, console, echo=True)
    runner.lines(["true"], lambda _: True, env={"A": "1"})
    assert console.stderr == "$ A=1 true\n"
    with pytest.raises(CommandMissing):
        runner.lines(["no-such-program"], lambda _: True)


def test_a_program_runs_while_a_block_runs_and_is_ended_with_it(
    tmp_path: Path, console: MemoryConsole
) -> None:
    program = "trap 'echo ended >ended; exit' INT; echo ready; while :; do sleep 0.01; done"
    with process_runner(tmp_path, console, echo=True).background(["sh", "-c", program]) as lines:
        assert next(lines) == "ready"
        assert not (tmp_path / "ended").exists()
    assert (tmp_path / "ended").exists()
    assert console.stderr.startswith("$ sh -c ")


def test_a_program_in_the_background_is_ended_when_the_block_fails(
    tmp_path: Path, console: MemoryConsole
) -> None:
    runner = process_runner(tmp_path, console)

    def fail(lines: Iterator[str]) -> None:
        raise LookupError(next(lines))

    with (
        pytest.raises(LookupError) as error,
        runner.background(["sh", "-c", "echo $$; exec sleep 60"]) as lines,
    ):
        fail(lines)
    assert not Path(f"/proc/{error.value}").exists()


def test_a_program_for_the_background_may_be_missing(tmp_path: Path, console: MemoryConsole) -> None:
    with pytest.raises(CommandMissing), process_runner(tmp_path, console).background(["no-such-program"]):
        pass
