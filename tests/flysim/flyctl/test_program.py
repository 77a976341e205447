"""The program as a process: it runs as it is, and ends as the real one ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from pkg.flysim.platform import Platform
from pkg.flysim.platform.store import Store
from tests.flysim.flyctl.door import MANIFESTS, Door

PROGRAM = Path(__file__).parents[3] / "pkg" / "flysim" / "bin" / "flyctl"
MAIN = PROGRAM.parents[1] / "flyctl" / "main.py"
# Runs the program, and does something as a line of it begins.
MEETING = """
import os, runpy, sys
program, file, line, number = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
sys.argv[1:] = sys.argv[5:]

class Forgotten:
    def __del__(self):
        os.kill(os.getpid(), number)

def meet(frame, event, _):
    if frame.f_code.co_filename != file:
        return None
    if frame.f_lineno == line and event == "line":
        DO
    return meet

sys.settrace(meet)
runpy.run_path(program, run_name="__main__")
"""


class Program:
    """The program in its own process, with a real clock."""

    def __init__(self, folder: Path) -> None:
        self.cwd = folder / "with spaces"
        self.cwd.mkdir()
        (self.cwd / "fly.toml").write_text((MANIFESTS / "noworker.toml").read_text())
        self.state = folder / "state"
        self.platform = Platform(self.state)
        self.platform.control({"apps": ["demo"]})
        python = str(Path(sys.executable).parent)
        self.env = {
            "PATH": f"{python}:{os.environ['PATH']}",
            "FLYSIM_STATE": str(self.state),
            "FLY_API_TOKEN": "fo1_test",
        }

    def run(
        self, *argv: str, stdin: str = "", stdout: int | IO[str] = subprocess.PIPE, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            [str(PROGRAM), *argv],
            cwd=self.cwd,
            env={**self.env, **env},
            input=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=30,
        )

    def interrupted(
        self, file: Path, line: str, do: str, number: signal.Signals
    ) -> subprocess.CompletedProcess[str]:
        """Run `auth whoami`, and do something as the line that begins with these words begins."""
        at = [text.strip().startswith(line) for text in file.read_text().splitlines()].index(True) + 1
        script = MEETING.replace("DO", do)
        return subprocess.run(
            [sys.executable, "-c", script, PROGRAM, file, str(at), str(int(number)), "auth", "whoami"],
            cwd=self.cwd,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    def start(self, *argv: str) -> subprocess.Popen[str]:
        """Start it."""
        return subprocess.Popen(
            [str(PROGRAM), *argv],
            cwd=self.cwd,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """The program over an app that has nothing yet."""
    opened = Program(tmp_path)
    yield opened
    opened.platform.close()


def until(process: subprocess.Popen[str], words: str) -> None:
    """Read stdout until a line holds these words."""
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"it ended without saying {words!r}")


def test_it_runs_as_it_is(program: Program) -> None:
    ran = program.run("auth", "whoami")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "dev@example.com\n", "")


def test_it_says_that_it_is_simulated(program: Program) -> None:
    assert json.loads(program.run("version", "--json").stdout)["Environment"] == "simulated"
    assert "simulation" in program.run("version").stdout


def test_without_a_state_it_refuses(program: Program) -> None:
    ran = program.run("version", FLYSIM_STATE="")
    assert ran.returncode == 78
    assert "FLYSIM_STATE" in ran.stderr


def test_a_state_that_cannot_be_used_is_an_error_in_words(program: Program) -> None:
    ran = program.run("status", FLYSIM_STATE="/dev/null/state")
    assert ran.returncode == 78
    assert "Traceback" not in ran.stderr
    assert "; `inv sandbox.reset` makes it anew" in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_stdout_that_is_full_is_not_taken_for_the_state(program: Program) -> None:
    with Path("/dev/full").open("w") as stdout:
        ran = program.run("status", "--app", "demo", stdout=stdout)
    assert (ran.returncode, ran.stderr) == (1, "Error: stdout cannot be written: No space left on device\n")


@pytest.mark.parametrize("command", ["show", "fork"])
def test_an_empty_id_of_a_volume_is_not_taken_for_all_of_them(door: Door, command: str) -> None:
    ran = door.run("volumes", command, "", "--app", "demo")
    assert ran.rc == 1
    assert "not simulated: GET /v1/apps/demo/volumes/" in ran.err


def full(store: Store) -> None:
    """Let its database grow no more."""
    with store.read() as session:
        session._connection.execute("PRAGMA max_page_count = 1")


@pytest.mark.parametrize(
    "argv", [["deploy", "-y"], ["secrets", "set", *[f"NAME{at}=x" for at in range(200)], "--stage"]]
)
def test_a_disk_that_fills_up_meanwhile_is_said_with_what_to_do(door: Door, argv: list[str]) -> None:
    full(door.platform.store)
    ran = door.run(*argv)
    assert ran.rc == 78
    assert "database or disk is full; make room on its disk" in ran.err
    assert "sandbox.reset" not in ran.err


def test_the_access_token_variable_comes_first(program: Program) -> None:
    program.platform.control({"tokens": {"fo1_old": "expired"}})
    ran = program.run("status", FLY_ACCESS_TOKEN="fo1_old")
    assert ran.returncode == 1
    assert "expired" in ran.stderr
    assert program.run("status", "-t", "fo1_test", FLY_ACCESS_TOKEN="fo1_old").returncode == 0


def test_argv_is_recorded_when_asked_for(program: Program) -> None:
    program.run("status", "-a", "demo")
    program.run("nosuch", FLYSIM_RECORD="1")
    program.run("status", "-a", "demo", FLYSIM_RECORD="1")
    lines = (program.state / "calls.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [["nosuch"], ["status", "-a", "demo"]]


def test_following_logs_ends_with_127_on_ctrl_c(program: Program) -> None:
    program.platform.control({"logs": {"demo": [{"message": "hello"}]}})
    process = program.start("logs")
    until(process, "hello")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (127, "", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("line", ["import gc", "return main(", "sys.stdout.flush()", "os._exit(code)"])
def test_an_interrupt_before_or_after_the_command_ends_it_as_one_during_it(
    program: Program, number: signal.Signals, line: str
) -> None:
    ran = program.interrupted(PROGRAM, line, "os.kill(os.getpid(), number)", number)
    assert (ran.returncode, ran.stderr) == (127, "")


def test_an_interrupt_that_comes_while_something_is_forgotten_ends_it_too(program: Program) -> None:
    ran = program.interrupted(MAIN, "known.function(call)", "Forgotten()", signal.SIGINT)
    assert (ran.returncode, ran.stderr) == (127, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_deploy_that_is_interrupted_says_so_in_its_release(
    program: Program, number: signal.Signals
) -> None:
    assert program.run("deploy", "-y").returncode == 0
    program.platform.control({"lag": 30})
    process = program.start("deploy", "-y", "--image", "registry.fly.io/demo:v2")
    until(process, "to have state: started")
    process.send_signal(number)
    process.communicate(timeout=10)
    assert process.returncode == 127
    assert json.loads(program.run("releases", "--json").stdout)[0]["Status"] == "interrupted"


def test_a_deploy_that_is_killed_leaves_its_release_running_and_its_leases(program: Program) -> None:
    assert program.run("deploy", "-y").returncode == 0
    program.platform.control({"die": {"step": r"^deploy\.updated 1 left"}})
    ran = program.run("deploy", "-y", "--image", "registry.fly.io/demo:v2")
    assert ran.returncode == -signal.SIGKILL
    assert json.loads(program.run("releases", "--json").stdout)[0]["Status"] == "running"
    machines = json.loads(program.run("machine", "list", "--json").stdout)
    assert sorted(machine["image_ref"]["tag"] for machine in machines) == ["v1", "v2"]
    leases = program.run("machine", "leases", "view", *[machine["id"] for machine in machines], "--json")
    assert len(json.loads(leases.stdout)) == 2


def test_a_reader_that_went_away_ends_it_quietly(program: Program) -> None:
    with program.start("deploy", "--help") as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert process.wait(timeout=10) in {0, -signal.SIGPIPE}


def test_bytes_that_are_no_text_do_no_harm(program: Program) -> None:
    ran = subprocess.run(
        [os.fsencode(PROGRAM), b"status", b"-a", b"\xff\xfe"],
        cwd=program.cwd,
        env=program.env,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 1
    assert b"Traceback" not in ran.stderr


def test_a_folder_that_is_gone_is_an_error_in_words(program: Program, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = 'rmdir "$PWD" && exec "$0" status'
    ran = subprocess.run(
        ["/bin/sh", "-c", script, str(PROGRAM)],
        cwd=gone,
        env=program.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "working directory" in ran.stderr


def test_a_stage_of_eight_at_once_loses_nothing(program: Program) -> None:
    running = [program.start("secrets", "set", f"NAME{at}=x", "--stage") for at in range(8)]
    assert [process.wait(timeout=60) for process in running] == [0] * 8
    for process in running:
        process.communicate()
    assert len(json.loads(program.run("secrets", "list", "--json").stdout)) == 8


def test_it_starts_soon_enough(program: Program) -> None:
    program.run("status")
    spent = []
    for _ in range(5):
        before = os.times()
        program.run("status")
        after = os.times()
        spent.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )
        time.sleep(0)
    # The bar is 60 ms of a quiet machine; processor time is counted, with room for a slow one.
    assert min(spent) < 0.15
