"""What flyctl does in front of the user: its secrets hidden, its help found out, its end told in a word."""

import os
import signal
from pathlib import Path

import pytest

from tests.cli.fly.repo import Repo, end_group, until
from tests.cli.fly.test_trouble import VERSION, program

SECRET = "hunter2-hunter2"


def flyctl(folder: Path, script: str) -> dict[str, str]:
    return program(folder, f"""[ "$1" = version ] && echo '{VERSION % "0.4.87"}' && exit\n{script}""")


@pytest.mark.parametrize("more", [(), ("--grep", "x")])
def test_a_secret_of_this_checkout_is_hidden_in_logs(
    repo: Repo, tmp_path: Path, more: tuple[str, ...]
) -> None:
    (repo.root / ".env").write_text(f"DATABASE_PASSWORD={SECRET}\n")
    script = f"printf 'hunter2-'; sleep 0.03; echo 'hunter2 leaked'; echo {SECRET} >&2"
    done = repo.inv("fly.logs", *more, code=0, **flyctl(tmp_path / "other", script))
    assert "***" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    if not more:
        assert done.stdout == "*** leaked\n"


@pytest.mark.parametrize(
    "task", [("fly.logs",), ("fly.logs", "--json"), ("fly.deploy", "--", "--build-only")]
)
def test_help_in_place_of_work_is_an_error(repo: Repo, tmp_path: Path, task: tuple[str, ...]) -> None:
    env = flyctl(tmp_path / "other", r"printf 'Do this\n\nUsage:\n  flyctl x [command]\n'")
    done = repo.inv(*task, code=1, **env)
    assert "flyctl printed its help and did nothing, though it exited 0" in done.stderr
    assert "next:" in done.stderr


def test_a_smoke_test_that_fails_repeats_what_flyctl_said_and_what_to_do(repo: Repo) -> None:
    repo.publish("gone", "missing")
    done = repo.inv("fly.deploy", "--", "--build-only", code=1)
    error = done.stderr[done.stderr.index("error: ") :]
    assert error.startswith(
        "error: the smoke test of infra failed (exit 1): failed to fetch an image or build"
    )
    assert "nothing was released: the registry has no such image" in error
    assert "core.publish" in error


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_following_logs_until_a_signal_is_no_error(repo: Repo, number: signal.Signals) -> None:
    repo.control(logs={"infra": [{"message": "hello world"}]})
    process = repo.start("fly.logs")
    assert process.stdout is not None
    assert "hello world" in process.stdout.readline()
    os.kill(process.pid, number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "stopped following the logs of infra"
    assert "error" not in err


def test_logs_end_well_when_nobody_reads_any_more(repo: Repo) -> None:
    repo.control(logs={"infra": [{"message": "one"}]})
    process = repo.start("fly.logs")
    assert process.stdout is not None
    assert process.stderr is not None
    assert "one" in process.stdout.readline()
    process.stdout.close()
    repo.control(logs={"infra": [{"message": "two"}]})
    assert process.wait(timeout=20) == 0, process.stderr.read()
    process.stderr.close()


def test_a_flyctl_that_ignores_the_first_ctrl_c_is_told_of(repo: Repo, tmp_path: Path) -> None:
    script = f"trap 'sleep 1; exit 127' INT; echo >{tmp_path}/ready; while :; do sleep 0.05; done"
    process = repo.start("fly.logs", **flyctl(tmp_path / "other", script))
    until((tmp_path / "ready").exists)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert "interrupted: waiting for flyctl to end; Ctrl-C again ends it now" in err
    assert process.returncode == 130


def test_a_ctrl_c_for_the_whole_group_ends_logs_as_well(repo: Repo) -> None:
    repo.control(logs={"infra": [{"message": "hello world"}]})
    process = repo.start("fly.logs")
    assert process.stdout is not None
    assert "hello world" in process.stdout.readline()
    _, err = end_group(process, signal.SIGINT)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "stopped following the logs of infra"
