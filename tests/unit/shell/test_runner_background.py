"""A program that runs beside a block is ended with it, however the block ends."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pkg.shell.child import Patience
from pkg.shell.errors import CommandMissing
from pkg.shell.redact import Redactor
from pkg.shell.runner import ProcessRunner
from tests.fakes import ManualClock, MemoryConsole

# Says its id, then waits; it ends by itself on an interrupt only when asked to.
PROGRAM = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN if "deaf" in sys.argv else lambda *_: sys.exit(0))
print(os.getpid(), flush=True)
print("ready", flush=True)
time.sleep(60)
"""


def runner(folder: Path) -> ProcessRunner:
    return ProcessRunner(
        env=dict(os.environ),
        cwd=folder,
        console=MemoryConsole(),
        redactor=Redactor(),
        clock=ManualClock(),
        patience=Patience(interrupt=5, terminate=5),
    )


def argv(*words: str) -> Sequence[str]:
    return [sys.executable, "-c", PROGRAM, *words]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_its_lines_come_while_it_runs_and_it_is_gone_after_the_block(tmp_path: Path) -> None:
    with runner(tmp_path).background(argv()) as lines:
        pid = int(next(lines))
        assert next(lines) == "ready"
        assert not gone(pid)
    assert gone(pid)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_it_is_gone_when_the_block_breaks_off(tmp_path: Path, error: type[BaseException]) -> None:
    pids: list[int] = []

    def break_off() -> None:
        with runner(tmp_path).background(argv()) as lines:
            pids.append(int(next(lines)))
            raise error

    with pytest.raises(error):
        break_off()
    assert gone(pids[0])


def test_one_that_does_not_hear_an_interrupt_is_ended_all_the_same(tmp_path: Path) -> None:
    quick = runner(tmp_path)
    quick._patience = Patience(interrupt=0.05, terminate=5)
    with quick.background(argv("deaf")) as lines:
        pid = int(next(lines))
        next(lines)
    assert gone(pid)


def test_one_that_ends_early_has_no_more_lines(tmp_path: Path) -> None:
    with runner(tmp_path).background(["sh", "-c", "echo one"]) as lines:
        assert list(lines) == ["one"]


def test_a_ctrl_c_at_the_terminal_does_not_reach_it(tmp_path: Path) -> None:
    with runner(tmp_path).background(argv()) as lines:
        pid = int(next(lines))
        assert os.getpgid(pid) != os.getpgrp()


def test_stopping_the_runner_ends_it(tmp_path: Path) -> None:
    one = runner(tmp_path)
    with one.background(argv()) as lines:
        pid = int(next(lines))
        next(lines)
        one.stop()
        assert gone(pid)


def test_a_program_that_is_not_there_says_how_to_get_it(tmp_path: Path) -> None:
    with (
        pytest.raises(CommandMissing, match="no-such-program"),
        runner(tmp_path).background(["no-such-program"]),
    ):
        pass


def test_an_interrupt_ends_it_by_the_gentle_signal_first(tmp_path: Path) -> None:
    said = tmp_path / "said"
    script = f"trap 'echo INT > {said}; exit 0' INT; echo $$; while :; do sleep 0.01; done"
    with runner(tmp_path).background(["sh", "-c", script]) as lines:
        pid = int(next(lines))
    assert gone(pid)
    assert said.read_text() == "INT\n"
