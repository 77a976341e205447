"""An `inv` that is forked is one of its own: its folder, environment, streams and end."""

import fcntl
import subprocess
from pathlib import Path

import pytest

from tests import warm
from tests.cli.fly.repo import until

TASKS = """
import fcntl, os, sys, time
from invoke import Collection, Exit, task

@task
def show(c):
    print(os.getcwd(), dict(os.environ), sys.argv[1:], sys.stdin.read())
    print("beside", file=sys.stderr)

@task
def leave(c):
    raise Exit(code=7)

@task
def fail(c):
    raise RuntimeError("a bug")

@task
def hang(c):
    with open("held", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tasks.py").write_text(TASKS)
    return tmp_path


def test_it_has_the_folder_environment_words_and_stdin_that_are_given_and_no_others(folder: Path) -> None:
    first = warm.inv(["show"], cwd=folder, env={"ONE": "1"}, stdin="said")
    assert (first.returncode, first.stdout) == (0, f"{folder} {{'ONE': '1'}} ['show'] said\n")
    assert first.stderr == "beside\n"
    second = warm.inv(["show"], cwd=folder, env={"TWO": "2"})
    assert second.stdout == f"{folder} {{'TWO': '2'}} ['show'] \n"


def test_it_ends_as_inv_ends(folder: Path) -> None:
    assert warm.inv(["leave"], cwd=folder, env={}).returncode == 7
    failed = warm.inv(["fail"], cwd=folder, env={})
    assert failed.returncode == 1
    assert "Traceback" in failed.stderr
    assert "RuntimeError: a bug" in failed.stderr


def is_free(path: Path) -> bool:
    with path.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_one_that_hangs_is_killed_and_the_next_one_runs(folder: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        warm.inv(["hang"], cwd=folder, env={}, timeout=0.5)
    # What held it is gone, though the system may take a moment for that: far less than it would have hung.
    until(lambda: is_free(folder / "held"))
    assert warm.inv(["leave"], cwd=folder, env={}).returncode == 7
