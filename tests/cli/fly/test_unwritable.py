"""A disk that is full, and a journal that cannot be used: the verdict is told all the same."""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.cli.fly.repo import Repo, until

FULL = Path("/dev/full")
pytestmark = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")


@pytest.mark.parametrize(
    ("behaviour", "code", "word"), [("healthy", 0, "healthy"), ("crashes", 4, "rolled-back")]
)
def test_a_verdict_that_stdout_cannot_take_is_told_on_stderr_with_its_code(
    repo: Repo, behaviour: str, code: int, word: str
) -> None:
    repo.publish("next", behaviour)
    done = repo.shell("inv fly.deploy --yes --wait-timeout 2 >/dev/full")
    assert done.returncode == code, done.stderr
    assert f"infra: {word} (exit {code})" in done.stderr
    assert "stdout could not be written: No space left on device" in done.stderr
    assert repo.verdicts() == [word]


@pytest.mark.parametrize("nobody", ["| true", ">&-", "2>&1 >&- | cat"])
@pytest.mark.parametrize(
    ("behaviour", "code", "word"), [("healthy", 0, "healthy"), ("crashes", 4, "rolled-back")]
)
def test_a_verdict_that_nobody_reads_on_stdout_is_told_on_stderr_with_its_code(
    repo: Repo, nobody: str, behaviour: str, code: int, word: str
) -> None:
    repo.publish("next", behaviour)
    done = repo.shell(f"inv fly.deploy --yes --wait-timeout 2 {nobody}; exit ${{PIPESTATUS[0]}}")
    told = done.stdout if "cat" in nobody else done.stderr
    assert done.returncode == code, told
    assert f"infra: {word} (exit {code})" in told
    assert "warning: stdout could not be written: nobody reads it" in told
    assert repo.verdicts() == [word]


def test_the_verdict_of_a_revert_and_of_machines_is_told_as_well(repo: Repo) -> None:
    reverted = repo.shell("inv fly.releases.revert v1 --yes --json >/dev/full")
    assert reverted.returncode == 0, reverted.stderr
    assert '"verdict": "healthy"' in reverted.stderr
    first = next(iter(repo.running()))
    stopped = repo.shell(f"inv fly.machines.stop {first} >/dev/full")
    assert stopped.returncode == 0, stopped.stderr
    assert f"{first}  done    stopped" in stopped.stderr


def test_what_only_answers_fails_when_its_answer_is_lost(repo: Repo) -> None:
    done = repo.shell("inv fly.status >/dev/full")
    assert done.returncode == 1
    assert "the answer is incomplete" in done.stderr


def unusable(repo: Repo, kind: str) -> None:
    path = repo.state / "journal.jsonl"
    if kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(FULL)


@pytest.mark.parametrize("kind", ["folder", "device"])
def test_a_journal_that_is_no_file_is_not_an_empty_one(repo: Repo, kind: str) -> None:
    unusable(repo, kind)
    told = repo.inv("history", code=1)
    assert f"the journal {repo.state / 'journal.jsonl'} cannot be read" in told.stderr
    assert "nothing was run" not in told.stderr
    assert "next:" in told.stderr


def test_a_status_without_a_journal_tells_the_health_and_that_the_rest_is_not_known(repo: Repo) -> None:
    unusable(repo, "folder")
    told = repo.inv("fly.status")
    assert "infra: healthy" in told.stdout
    assert "cannot be read" in told.stderr
    every = repo.inv("fly.status", "--all")
    assert every.stdout.count("healthy") == 2
    assert every.stderr.count("cannot be read") == 1
    assert "cannot be read" in json.loads(repo.inv("fly.status", "--json").stdout)["journal_error"]


def test_a_verdict_that_the_journal_lacks_may_have_been_unwritable(repo: Repo) -> None:
    repo.publish("good")
    assert repo.inv("fly.deploy").returncode == 0
    journal = repo.state / "journal.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(line for line in lines if '"kind":"verdict"' not in line))
    for told in (repo.inv("history").stdout, repo.inv("fly.status").stderr):
        assert "it was killed, or its journal could not be written" in told


def test_an_interrupt_before_anything_changes_says_that_nothing_did(repo: Repo) -> None:
    repo.publish("good")
    repo.control(lag=5)
    repo.control(fail={"GET /": {"status": 503, "times": 1000}})
    process = repo.start("fly.deploy", "--yes")
    until((repo.state / "locks").exists)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "nothing was changed" in err
