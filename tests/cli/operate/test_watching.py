"""What goes on until Ctrl-C ends cleanly, and ends when nobody reads it."""

import select
import signal
import subprocess

from tests.cli.fly.repo import Repo, end_group


def first_line(task: "subprocess.Popen[str]") -> str:
    assert task.stdout is not None
    ready, _, _ = select.select([task.stdout], [], [], 30)
    assert ready, "it said nothing"
    return task.stdout.readline()


def test_watching_the_status_of_all_ends_with_its_last_exit_code(repo: Repo) -> None:
    task = repo.start("fly.status", "--all", "--watch")
    assert "UTC" in first_line(task)
    assert task.stdout is not None
    lines = [task.stdout.readline() for _ in range(3)]
    _, words = end_group(task, signal.SIGINT)
    assert task.returncode == 0, words
    assert "infra-core" in "".join(lines)
    assert words.strip().endswith("stopped watching")


def test_following_chosen_logs_ends_with_130(repo: Repo) -> None:
    repo.control(logs={"infra": [{"message": "listening"}]})
    task = repo.start("fly.logs", "--grep", "listen")
    assert "listening" in first_line(task)
    _, words = end_group(task, signal.SIGINT)
    assert task.returncode == 130
    assert "stopped following the logs of infra" in words
    assert "Traceback" not in words


def test_following_ends_when_nobody_reads_any_more(repo: Repo) -> None:
    repo.control(logs={"infra": [{"message": f"listening {number}"} for number in range(50)]})
    task = repo.start("fly.logs", "--grep", "listen")
    assert "listening 0" in first_line(task)
    assert task.stdout is not None
    assert task.stderr is not None
    task.stdout.close()
    repo.control(logs={"infra": [{"message": f"listening again {number}"} for number in range(100)]})
    assert task.wait(timeout=30) == 0, task.stderr.read()
    task.stderr.close()
