"""Values that may be secret are in no command that is shown, and in none that is kept."""

import pytest

from tests.cli.fly.repo import Repo

GIVEN = (
    *("--env", "PW=hunter2-hunter2", "-eOTHER=sesame-sesame"),
    *("--build-secret", "npm=open-sesame-1", "--build-arg=V=swordfish-9"),
)
VALUES = ("hunter2", "sesame", "swordfish")


def nothing_of(text: str) -> None:
    for value in VALUES:
        assert value not in text


def test_a_deploy_shows_and_keeps_only_the_names(repo: Repo) -> None:
    repo.publish("good")
    dry = repo.inv("--dry", "fly.deploy", "--", *GIVEN)
    assert "--env 'PW=***' '-eOTHER=***' --build-secret 'npm=***' '--build-arg=V=***'" in dry.stdout
    nothing_of(dry.stdout + dry.stderr)
    done = repo.inv("--echo", "fly.deploy", "--", "--env", "PW=hunter2-hunter2")
    assert "--env 'PW=***'" in done.stderr
    nothing_of(done.stdout + done.stderr)
    assert "--env 'PW=***'" in repo.inv("history").stdout
    nothing_of((repo.state / "journal.jsonl").read_text())
    assert {machine["config"]["env"]["PW"] for machine in repo.machines()} == {"hunter2-hunter2"}


def test_a_smoke_test_that_fails_shows_and_keeps_only_the_names(repo: Repo) -> None:
    repo.publish("gone", "missing")
    done = repo.inv("fly.deploy", "--", "--build-only", "--env", "PW=hunter2-hunter2", code=1)
    assert "--env 'PW=***'" in done.stderr
    nothing_of(done.stdout + done.stderr)
    nothing_of((repo.state / "journal.jsonl").read_text())


def test_a_task_that_changes_a_machine_keeps_only_the_names(repo: Repo) -> None:
    machine = repo.machines()[0]["id"]
    done = repo.inv("fly.machines.update", machine, "--", "--env", "PW=hunter2-hunter2", code=None)
    nothing_of(done.stdout + done.stderr)
    journal = (repo.state / "journal.jsonl").read_text()
    assert "PW=***" in journal
    nothing_of(journal)


@pytest.mark.parametrize("task", ["fly.deploy", "fly.logs"])
def test_a_token_is_refused_and_not_repeated(repo: Repo, task: str) -> None:
    done = repo.inv(task, "--", "-t", "hunter2-hunter2", code=2)
    assert "FLY_API_TOKEN" in done.stderr
    nothing_of(done.stdout + done.stderr)
    assert repo.journal() == []
