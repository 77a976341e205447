"""What tasks say when it cannot be done: the same in a dry run, with the one step that goes on from there."""

import signal

import pytest

from tests.cli.fly.repo import Repo, end_group, image, until
from tests.cli.operate.test_machines import CORE, the_one


def test_a_dry_run_is_refused_as_the_real_one_is_and_shows_the_change_it_would_make(repo: Repo) -> None:
    told = [repo.inv(*dry, "fly.machines.run", "core/fly.toml", code=2).stderr for dry in ((), ("--dry",))]
    assert "no free volume core_data in syd" in told[1]
    assert told[1].partition("error:")[2] == told[0].partition("error:")[2]
    repo.inv("fly.volumes.create", "core_data", *CORE)
    dry = repo.inv("--dry", "fly.machines.run", "core/fly.toml")
    assert dry.stdout.startswith("flyctl machine run ")
    repo.inv("--dry", "fly.machines.clone", the_one(repo), *CORE, "--volume", "vol_no", code=2)
    assert len(repo.machines("infra-core")) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_run_says_that_the_machine_may_be_there_and_that_the_same_command_goes_on(
    repo: Repo, number: int
) -> None:
    repo.inv("fly.volumes.create", "core_data", *CORE)
    repo.control(lag=30)
    task = repo.start("fly.machines.run", "core/fly.toml")
    until(lambda: len(repo.machines("infra-core")) == 2)
    _, words = end_group(task, number)
    assert task.returncode == 130, words
    assert "may have been made" in words or "the machine is there" in words
    assert "next:" in words
    assert max(map(len, words.splitlines())) < 300, words
    repo.control(clock={"advance": 60}, lag=0)
    assert "going on from there" in repo.inv("fly.machines.run", "core/fly.toml").stderr
    assert len(repo.machines("infra-core")) == 2


def test_a_command_for_a_wildcard_can_be_pasted_into_any_shell(repo: Repo) -> None:
    repo.control(certs={"infra/*.example.com": "pending_validation"})
    waited = repo.inv("fly.certs.add", "*.example.com", "--wait", "--wait-timeout", "1", code=1)
    assert "fly.certs.add '*.example.com' -a infra --wait" in waited.stderr
    assert "fly.certs.show '*.example.com' -a infra" in repo.inv("fly.doctor", code=1).stdout


def test_a_command_for_a_stopped_machine_is_refused_with_the_start_that_it_needs(repo: Repo) -> None:
    ident = the_one(repo)
    repo.inv("fly.machines.stop", ident, *CORE)
    refused = repo.inv("fly.machines.exec", ident, "ls", *CORE, code=3)
    assert f"inv sandbox fly.machines.start {ident} -a infra-core" in refused.stderr


def test_an_unknown_host_is_the_users_mistake(repo: Repo) -> None:
    for host in ("nope.example.com", "*.example.com"):
        refused = repo.inv("fly.certs.show", host, code=2)
        assert f"infra has no certificate for {host}" in refused.stderr
        assert "inv sandbox fly.certs.add" in refused.stderr
    assert "is no host name" in repo.inv("fly.certs.show", "https://x", code=2).stderr


def test_an_unknown_region_or_snapshot_is_answered_with_what_there_is(repo: Repo) -> None:
    repo.publish("good")
    for words in (
        ("fly.machines.clone", the_one(repo), *CORE, "--region", "lax/"),
        ("fly.machines.run", "fly.toml", "--region", "xxx"),
        ("fly.volumes.create", "core_data", *CORE, "--region", "xxx"),
    ):
        refused = repo.inv(*words, code=2)
        assert "syd" in refused.stderr
        assert "nothing was" in refused.stderr
    volume = repo.machines("infra-core")[0]["config"]["mounts"][0]["volume"]
    for words in (
        ("fly.machines.clone", the_one(repo), *CORE, "--snapshot", "vs_nope"),
        ("fly.volumes.create", "core_data", *CORE, "--snapshot", "vs_nope"),
    ):
        assert "has no snapshot vs_nope" in repo.inv(*words, code=2).stderr
    repo.flyctl("volumes", "snapshots", "create", volume, *CORE)
    refused = repo.inv("fly.volumes.create", "core_data", *CORE, "--snapshot", "vs_nope", code=2)
    assert f"of {volume}" in refused.stderr
    assert list(repo.state.glob("intents/*.json")) == []


def test_after_an_update_to_a_bad_image_it_is_said_which_one_ran_before(repo: Repo) -> None:
    bad = repo.publish("bad", "unhealthy")
    ident = str(repo.machines()[0]["id"])
    failed = repo.inv("fly.machines.update", ident, "--image", bad, "--wait-timeout", "2", code=1)
    back = f"fly.machines.update {ident} --image {image('first')} -a infra"
    assert f"it ran {image('first')} before" in failed.stderr
    assert f"inv sandbox {back}" in failed.stderr
    assert back in repo.inv("fly.doctor", code=1).stdout
    repo.inv(*back.split())
    assert list(repo.running().values()) == ["first", "first"]


@pytest.mark.parametrize("also", [("-a", "infra"), ("-c", "core")])
def test_the_status_of_all_and_of_one_exclude_each_other(repo: Repo, also: tuple[str, str]) -> None:
    refused = repo.inv("fly.status", "--all", *also, code=2)
    assert "exclude each other" in refused.stderr
    assert refused.stdout == ""


def test_the_sandboxs_page_of_hosts_is_named_as_what_is_compared(repo: Repo) -> None:
    repo.control(certs={"infra/www.example.com": "active"})
    repo.inv("fly.certs.add", "www.example.com")
    wrong = repo.inv("fly.certs.docs", "--check", code=1).stderr
    page = str(repo.state / "domains.md")
    assert page in wrong
    assert "commit" not in wrong
    repo.inv("fly.certs.docs")
    right = repo.inv("fly.certs.docs", "--check").stderr
    assert page in right
    assert "docs/infra" not in wrong + right
