"""Work on many things is done at once, and ends together."""

import os
import threading
from pathlib import Path

import pytest

from pkg.shell.child import Patience
from pkg.shell.clock import SystemClock
from pkg.shell.errors import Failure
from pkg.shell.parallel import both, each
from pkg.shell.runner import ProcessRunner
from tests.fakes import FakeRunner, MemoryConsole


@pytest.fixture
def processes(tmp_path: Path) -> ProcessRunner:
    console = MemoryConsole()
    return ProcessRunner(
        env={"PATH": os.defpath},
        cwd=tmp_path,
        console=console,
        redactor=console.redactor,
        clock=SystemClock(),
        patience=Patience(interrupt=5, terminate=5),
    )


def test_answers_come_in_the_order_of_the_items(runner: FakeRunner) -> None:
    assert each(range(50), lambda n: n * n, runner=runner) == [n * n for n in range(50)]


def test_nothing_to_do_is_no_error(runner: FakeRunner) -> None:
    assert each([], str, runner=runner) == []


def test_it_is_done_at_once(runner: FakeRunner) -> None:
    all_there = threading.Barrier(4, timeout=20)
    assert sorted(each(range(4), lambda _: all_there.wait(), runner=runner, at_once=4)) == [0, 1, 2, 3]


def test_two_questions_are_asked_at_once(runner: FakeRunner) -> None:
    both_there = threading.Barrier(2, timeout=20)
    assert sorted(both(both_there.wait, both_there.wait, runner=runner)) == [0, 1]


def test_it_is_looked_at_again_while_it_goes_on(runner: FakeRunner) -> None:
    def work(item: int) -> int:
        done.wait(0.03)
        return item

    done = threading.Event()
    assert each(range(3), work, runner=runner, look=0.005) == [0, 1, 2]


def test_no_more_than_so_many_run_at_once(runner: FakeRunner) -> None:
    running: list[int] = []
    most: list[int] = []

    def work(item: int) -> None:
        running.append(item)
        most.append(len(running))
        running.remove(item)

    each(range(100), work, runner=runner, at_once=2)
    assert max(most) <= 2


def test_the_first_error_stops_what_runs_and_drops_the_rest(processes: ProcessRunner) -> None:
    begun = []

    def work(item: int) -> int:
        begun.append(item)
        if item == 1:
            raise Failure("one is bad")
        return processes.capture(["sleep", "60"]).code

    with pytest.raises(Failure, match="one is bad"):
        each(range(20), work, runner=processes, at_once=2)
    assert len(begun) < 20


def test_a_ctrl_c_stops_what_runs(processes: ProcessRunner) -> None:
    me = os.getpid()
    codes = []

    def work(item: int) -> None:
        codes.append(processes.capture(["sh", "-c", f"kill -INT {me}; exec sleep 60"]).code)

    with pytest.raises(KeyboardInterrupt):
        each([1], work, runner=processes)
    assert codes == [130]
