"""However a run is cut short, its processes are ended in stages and waited for."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from pkg.shell.child import Patience
from pkg.shell.clock import SystemClock
from pkg.shell.errors import Interrupted, Terminated, TimedOut
from pkg.shell.redact import Redactor
from pkg.shell.runner import ProcessRunner
from tests.fakes import MemoryConsole

REPO = Path(__file__).resolve().parents[3]


def process_runner(
    cwd: Path,
    *,
    console: MemoryConsole | None = None,
    interrupt: float = 20.0,
    terminate: float = 20.0,
    silence: float = 20.0,
) -> ProcessRunner:
    redactor = Redactor()
    return ProcessRunner(
        env={"PATH": os.defpath},
        cwd=cwd,
        console=console or MemoryConsole(redactor),
        redactor=redactor,
        clock=SystemClock(),
        patience=Patience(interrupt, terminate, silence),
    )


def eventually(true: Callable[[], bool]) -> bool:
    for _ in range(500):
        if true():
            return True
        time.sleep(0.01)
    return False


def gone(pid: int) -> bool:
    """Say whether a process has ended; one that nobody has waited for yet counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def terminated_as_in_a_task() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("mode", ["capture", "stream"])
def test_a_program_that_takes_too_long_is_stopped(tmp_path: Path, mode: str) -> None:
    with pytest.raises(TimedOut, match=r"sleep did not end within 0\.03 s and was stopped") as late:
        getattr(process_runner(tmp_path), mode)(["sleep", "60"], timeout=0.03)
    assert late.value.command == ("sleep", "60")


def test_what_a_program_has_started_is_ended_with_it(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        process_runner(tmp_path).capture(["sh", "-c", "sleep 60 & echo $! >child; kill -INT $PPID; wait"])
    child = int((tmp_path / "child").read_text())
    assert eventually(lambda: gone(child))


def test_a_program_may_clean_up_when_it_is_stopped(tmp_path: Path) -> None:
    program = "trap 'echo clean >done; exit' INT; kill -INT $PPID; sleep 60 & wait"
    with pytest.raises(Interrupted):
        process_runner(tmp_path).capture(["sh", "-c", program])
    assert (tmp_path / "done").read_text() == "clean\n"


@pytest.mark.parametrize("mode", ["capture", "stream"])
def test_a_program_that_ignores_every_request_is_killed(tmp_path: Path, mode: str) -> None:
    runner = process_runner(tmp_path, interrupt=0.03, terminate=0.03)
    stubborn = "trap '' INT TERM; echo $$ >pid; kill -INT $PPID; while :; do sleep 0.03; done"
    with pytest.raises(Interrupted):
        getattr(runner, mode)(["sh", "-c", stubborn])
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_child_that_holds_the_pipe_open_counts_as_too_long(tmp_path: Path) -> None:
    with pytest.raises(TimedOut):
        process_runner(tmp_path).capture(["sh", "-c", "sleep 60 & exit 0"], timeout=0.05)


def test_a_program_that_only_closes_its_output_counts_as_too_long_as_well(tmp_path: Path) -> None:
    with pytest.raises(TimedOut, match=r"did not end within 0\.05 s"):
        process_runner(tmp_path).capture(["sh", "-c", "exec sleep 60 >&- 2>&-"], timeout=0.05)


def test_an_interrupt_reaches_a_captured_program_in_its_own_group(tmp_path: Path) -> None:
    command = ["sh", "-c", "trap 'echo told >done; exit 9' INT; kill -INT $PPID; sleep 60 & wait; wait"]
    with pytest.raises(Interrupted, match="interrupted; sh ended with exit code 9") as stopped:
        process_runner(tmp_path).capture(command)
    assert stopped.value.exit_code == 130
    assert (tmp_path / "done").read_text() == "told\n"


def test_a_program_that_may_ask_on_the_terminal_stays_in_our_group(tmp_path: Path) -> None:
    runner = process_runner(tmp_path)
    group = ["sh", "-c", "ps -o pgid= -p $$ || awk '{print $5}' /proc/$$/stat"]
    assert int(runner.capture(group, terminal=True).stdout) == os.getpgrp()
    assert int(runner.capture(group).stdout) != os.getpgrp()


@pytest.mark.usefixtures("terminated_as_in_a_task")
def test_a_streamed_program_is_told_of_a_signal_that_only_we_got(tmp_path: Path) -> None:
    console = MemoryConsole()
    command = ["sh", "-c", "trap 'exit 127' INT; kill -TERM $PPID; sleep 60 & wait; wait"]
    with pytest.raises(Interrupted, match="interrupted; sh ended with exit code 127"):
        process_runner(tmp_path, console=console).stream(command)
    assert console.stderr == ""


def test_a_program_that_does_not_end_at_once_is_told_of(tmp_path: Path) -> None:
    console = MemoryConsole()
    command = ["sh", "-c", "trap 'sleep 0.3; exit 9' INT; kill -INT $PPID; sleep 60 & wait; wait"]
    with pytest.raises(Interrupted, match="interrupted; sh ended with exit code 9"):
        process_runner(tmp_path, console=console, silence=0.01).stream(command)
    assert console.stderr == "interrupted: waiting for sh to end; Ctrl-C again ends it now\n"


def test_a_program_that_the_terminal_has_told_is_not_told_again(tmp_path: Path) -> None:
    redactor = Redactor()
    runner = ProcessRunner(
        env={"PATH": os.defpath},
        cwd=tmp_path,
        console=MemoryConsole(redactor),
        redactor=redactor,
        clock=SystemClock(),
        patience=Patience(interrupt=5, terminate=5),
        at_terminal=lambda: True,
    )
    program = "trap 'exit 9' INT; kill -INT $PPID; sleep 0.05; exit 4"
    with pytest.raises(Interrupted, match="sh ended with exit code 4"):
        runner.stream(["sh", "-c", program])


def test_a_second_interrupt_does_not_wait_any_longer(tmp_path: Path) -> None:
    command = [
        "sh",
        "-c",
        "trap 'kill -INT $PPID' INT; trap 'exit 5' TERM; kill -INT $PPID; while :; do sleep 0.01; done",
    ]
    begun = time.monotonic()
    with pytest.raises(Interrupted, match="ended with exit code 5"):
        process_runner(tmp_path, interrupt=60).stream(command)
    assert time.monotonic() - begun < 30


def test_a_program_that_ended_before_the_signal_was_seen_is_reported_so(tmp_path: Path) -> None:
    console = MemoryConsole()
    with pytest.raises(Interrupted, match="interrupted; sh ended with exit code 0"):
        process_runner(tmp_path, console=console).stream(["sh", "-c", "trap '' INT; kill -INT $PPID"])


def test_any_other_error_while_waiting_leaves_no_process_behind(tmp_path: Path) -> None:
    class SurpriseError(Exception):
        pass

    def surprise(number: int, frame: FrameType | None) -> None:
        raise SurpriseError

    before = signal.signal(signal.SIGHUP, surprise)
    try:
        with pytest.raises(SurpriseError):
            process_runner(tmp_path, interrupt=0.03).capture(
                ["sh", "-c", "echo $$ >pid; kill -HUP $PPID; exec sleep 60"]
            )
    finally:
        signal.signal(signal.SIGHUP, before)
    assert gone(int((tmp_path / "pid").read_text()))


def test_what_other_threads_run_can_be_stopped(tmp_path: Path) -> None:
    runner = process_runner(tmp_path)
    codes: list[int] = []
    threads = [
        threading.Thread(
            target=lambda n=n: codes.append(runner.capture(["sh", "-c", f"echo $$ >{n}; exec sleep 60"]).code)
        )
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
    assert eventually(lambda: all((tmp_path / str(n)).exists() for n in range(3)))
    # A thread may not yet have noted the program that it has just started.
    while any(thread.is_alive() for thread in threads):
        runner.stop()
        time.sleep(0.01)
    assert codes == [130, 130, 130]


def test_stopping_when_nothing_runs_does_nothing(tmp_path: Path) -> None:
    process_runner(tmp_path).stop()


DRIVER = """
    import os, sys
    from pathlib import Path
    from pkg.shell.clock import SystemClock
    from pkg.shell.console import Console
    from pkg.shell.errors import Interrupted
    from pkg.shell.redact import Redactor
    from pkg.shell.runner import ProcessRunner

    redactor = Redactor()
    console = Console.of_process(redactor, {})
    runner = ProcessRunner(
        env=dict(os.environ), cwd=Path.cwd(), console=console, redactor=redactor, clock=SystemClock()
    )
    try:
        runner.stream(["sh", "-c", sys.argv[1]])
    except Interrupted as error:
        print(error.what)
"""


PROGRAM = "trap 'echo told; n=$((n+1))' INT; echo ready; until [ $n ]; do sleep 0.02; done; exit $((40 + n))"


def test_a_ctrl_c_at_a_terminal_reaches_the_program_once_and_its_end_is_waited_for(tmp_path: Path) -> None:
    script = tmp_path / "driver.py"
    script.write_text(textwrap.dedent(DRIVER))
    at_a_terminal = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]))"
    with subprocess.Popen(
        [sys.executable, "-c", at_a_terminal, sys.executable, str(script), PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PATH": os.defpath, "PYTHONPATH": str(REPO)},
        cwd=tmp_path,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        read = b""
        while b"ready" not in read:
            piece = os.read(process.stdout.fileno(), 1000)
            assert piece, read
            read += piece
        process.stdin.write(b"\x03")
        process.stdin.flush()
        read += process.stdout.read()
    assert read.count(b"told") == 1
    assert b"interrupted; sh ended with exit code 41" in read
