"""What only looks: status, machines, logs, releases, certificates, plan, manifests."""

import json
import os
import signal

import pytest

from tests.cli.fly.repo import Repo, image


def test_status_of_a_healthy_app(repo: Repo) -> None:
    done = repo.inv("fly.status")
    assert "infra: healthy, 2 machines on infra:first" in done.stdout
    assert done.stderr == ""
    assert "infra-core: healthy, 1 machine" in repo.inv("fly.status", "-c", "core").stdout
    assert "infra-core: healthy" in repo.inv("fly.status", "-a", "infra-core").stdout


def test_status_costs_one_call_beyond_the_version_that_is_asked_once(repo: Repo) -> None:
    (repo.state / "programs.json").unlink()
    first = repo.inv("--echo", "fly.status").stderr.splitlines()
    second = repo.inv("--echo", "fly.status").stderr.splitlines()
    assert first == ["$ flyctl version --json", "$ flyctl status --app infra --json"]
    assert second == ["$ flyctl status --app infra --json"]


def test_status_of_all_apps_side_by_side(repo: Repo) -> None:
    done = repo.inv("fly.status", "--all")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["APP", "infra", "infra-core"]
    repo.control(checks="critical")
    sick = repo.inv("fly.status", "--all", "--json", code=1)
    assert {each["health"] for each in json.loads(sick.stdout)} == {"unhealthy"}


def test_one_app_that_cannot_be_asked_does_not_hide_the_others(repo: Repo) -> None:
    (repo.root / "lost").mkdir()
    (repo.root / "lost" / "fly.toml").write_text('app = "lost"\n')
    done = repo.inv("fly.status", "--all", code=1)
    assert "infra       healthy" in done.stdout
    assert "unknown: reading the status of lost failed: " in done.stdout
    assert "Could not find App" in done.stdout


def test_an_unhealthy_app_exits_1_and_says_why(repo: Repo) -> None:
    repo.control(checks="critical")
    done = repo.inv("fly.status", code=1)
    assert "infra: unhealthy" in done.stdout
    assert "is critical" in done.stdout


def test_machines_are_listed_by_default_also_those_made_by_hand(repo: Repo) -> None:
    repo.flyctl("machine", "run", image("first"), "-a", "infra", "--region", "syd")
    done = repo.inv("fly.machines")
    assert done.stdout.count("started") == 3
    assert "(by hand)" in done.stdout
    found = json.loads(repo.inv("fly.machines", "--json").stdout)
    assert [machine["group"] for machine in found] == ["", "app", "app"]


def test_releases_tell_what_was_verified_and_revert_brings_one_back(repo: Repo) -> None:
    repo.publish("good")
    repo.inv("fly.deploy")
    before = json.loads(repo.inv("fly.releases", "--json").stdout)
    assert [(row["version"], row["eligible"], bool(row["verified"])) for row in before] == [
        (2, False, True),
        (1, True, True),
    ]
    assert "GO BACK" in repo.inv("fly.releases").stdout
    refused = repo.inv("fly.releases.revert", "v1", code=3)
    assert "Nobody is there to answer" in refused.stderr
    done = repo.inv("fly.releases.revert", "v1", "--yes")
    assert "infra: healthy (exit 0)" in done.stdout
    assert set(repo.running().values()) == {"first"}
    last = repo.journal()[-1]
    assert (last["task"], last["verified"]) == ("fly.releases.revert", image("first"))


def test_reverting_to_what_is_not_there_names_what_is(repo: Repo) -> None:
    done = repo.inv("fly.releases.revert", "v9", "--yes", code=2)
    assert "there is no release 'v9'" in done.stderr
    assert "v1" in done.stderr


def test_a_revert_to_a_bad_release_is_itself_undone(repo: Repo) -> None:
    repo.publish("good")
    repo.inv("fly.deploy")
    repo.control(images={image("first"): {"behaviour": "unhealthy"}})
    done = repo.inv("fly.releases.revert", "v1", "--yes", "--wait-timeout", "1", code=4)
    assert "rolled-back" in done.stdout
    assert set(repo.running().values()) == {"good"}


def test_logs_take_the_guides_tail_with_a_notice(repo: Repo) -> None:
    repo.control(logs={"infra": [{"message": "hello world"}]})
    done = repo.inv("fly.logs", "--", "--tail", "--no-tail")
    assert "hello world" in done.stdout
    assert done.stderr.count("--tail was left out") == 1


def test_logs_can_be_of_one_instance_and_json(repo: Repo) -> None:
    ids = [machine["id"] for machine in repo.machines()]
    lines = [{"message": "one", "instance": ids[0]}, {"message": "two", "instance": ids[1]}]
    repo.control(logs={"infra": lines})
    done = repo.inv("fly.logs", "--instance", ids[1], "--", "--no-tail")
    assert ("two" in done.stdout, "one" in done.stdout) == (True, False)
    parsed = json.loads(repo.inv("fly.logs", "--instance", ids[0], "--json", "--", "--no-tail").stdout)
    assert parsed["message"] == "one"


def test_logs_as_json_are_one_object_a_line(repo: Repo) -> None:
    repo.control(logs={"infra": [{"message": "one"}, {"message": 'two\n"}'}]})
    shown = repo.inv("fly.logs", "--json", "--", "--no-tail").stdout.splitlines()
    assert [json.loads(line)["message"] for line in shown] == ["one", 'two\n"}']


def test_chosen_logs_look_as_all_of_them_do(repo: Repo) -> None:
    lines = [{"message": "one"}, {"message": "two", "instance": "m1"}]
    repo.control(logs={"infra": lines})
    every = repo.inv("fly.logs", "--", "--no-tail").stdout
    assert "app[m1]" in every
    assert repo.inv("fly.logs", "--grep", ".", "--", "--no-tail").stdout == every


@pytest.mark.parametrize("words", [["--json=false"], ["--help"], ["--app", "other"], ["-rsyd"], ["other"]])
def test_what_would_go_past_the_logs_that_are_asked_for_is_refused(repo: Repo, words: list[str]) -> None:
    assert "after `--`" in repo.inv("fly.logs", "--", "--no-tail", *words, code=2).stderr


def test_logs_of_a_region_without_machines_say_so(repo: Repo) -> None:
    done = repo.inv("fly.logs", "--region", "nope", "--", "--no-tail")
    assert "note: infra has no machine in nope" in done.stderr


def test_logs_of_a_machine_that_is_not_there_say_so(repo: Repo) -> None:
    done = repo.inv("fly.logs", "--instance", "nope", "--", "--no-tail")
    assert "note: infra has no machine nope" in done.stderr
    assert "`inv sandbox fly.machines -a infra` shows" in done.stderr


@pytest.mark.parametrize("more", [[], ["--grep", "x"], ["--instance", "nope"]])
def test_logs_of_an_app_that_is_not_there_tell_the_next_step(repo: Repo, more: list[str]) -> None:
    done = repo.inv("fly.logs", "-a", "nope", *more, "--", "--no-tail", code=1)
    assert "following the logs of nope failed: Could not find App" in done.stderr
    assert "  next:  check --app" in done.stderr
    assert done.stderr.count("Error:") == 1


def test_ctrl_c_ends_following_logs_in_a_word(repo: Repo) -> None:
    repo.control(logs={"infra": [{"message": "hello world"}]})
    process = repo.start("fly.logs")
    assert process.stdout is not None
    assert "hello world" in process.stdout.readline()
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "stopped following the logs of infra" in err
    assert "Traceback" not in err


def test_a_plan_says_what_would_happen_and_changes_nothing(repo: Repo) -> None:
    ref = repo.publish("good")
    done = repo.inv("fly.plan")
    assert ref in done.stdout
    assert "2 machines go from infra:first to infra:good" in done.stdout
    assert "nothing stands in the way" in done.stdout
    assert json.loads(repo.inv("fly.plan", "--json").stdout)["refused"] == []
    assert set(repo.running().values()) == {"first"}
    refused = repo.inv("fly.plan", "--image", image("other"), "--json", code=3)
    assert json.loads(refused.stdout)["refused"][0]["name"] == "published"


def test_a_plan_lists_every_check_that_it_made(repo: Repo) -> None:
    repo.record("first")
    done = repo.inv("fly.plan")
    assert "\n  ok: flyctl, token, manifest, checks, image, " in done.stdout
    refused = repo.inv("fly.plan", "--image", "registry.fly.io/infra:other", code=3)
    assert "\n  refused: " in refused.stdout
    forced = json.loads(repo.inv("fly.plan", "--json", "--force", "published=because").stdout)
    assert set(forced["checks"].values()) == {"ok"}


def test_certificates_are_judged(repo: Repo) -> None:
    assert "infra has no certificates" in repo.inv("fly.certs").stderr
    repo.flyctl("certs", "add", "www.example.com", "-a", "infra")
    assert "www.example.com" in repo.inv("fly.certs", code=1).stdout
    repo.control(certs={"infra/www.example.com": "active"})
    assert "active" in repo.inv("fly.certs").stdout
    shown = repo.inv("fly.certs.show", "www.example.com")
    assert "www.example.com: active" in shown.stdout
    certificate = json.loads(repo.inv("fly.certs.show", "www.example.com", "--json").stdout)["certificate"]
    assert certificate["status"] == "active"
    missing = repo.inv("fly.certs.show", "nope.example.com", code=2).stderr
    assert "infra has no certificate for nope.example.com\n  means: it has: www.example.com" in missing


def test_whoami_never_lets_the_simulation_pass_for_fly(repo: Repo) -> None:
    assert "dev@example.com on the simulated Fly" in repo.inv("fly.whoami").stdout


def test_manifests_are_held_to_each_other_and_synced(repo: Repo) -> None:
    assert repo.inv("fly.manifests").stdout == ""
    repo.inv("fly.manifests.check", "--flyctl")
    core = repo.root / "core" / "fly.toml"
    right = core.read_text()
    core.write_text(right.replace('"/ready"', '"/up"'))
    done = repo.inv("fly.manifests.check", code=1)
    assert "core/fly.toml:35: http_service.checks.1.path is '/up', in fly.toml it is '/ready'" in done.stdout
    assert "would be changed" in repo.inv("--dry", "fly.manifests.sync").stderr
    assert "/up" in core.read_text()
    repo.inv("fly.manifests.sync")
    assert core.read_text() == right
    assert "mirrors the root's manifest already" in repo.inv("fly.manifests.sync").stderr


def test_history_begins_empty_and_survives_a_broken_line(repo: Repo) -> None:
    assert "nothing was run" in repo.inv("history").stderr
    (repo.state / "journal.jsonl").write_text(
        '{"at": "2026-11-24T08:00:00Z", "kind": "ran", "task": "x"}\n{"at"'
    )
    done = repo.inv("history", "--json")
    assert [entry["task"] for entry in json.loads(done.stdout)] == ["x"]
    assert "1 line of" in done.stderr


@pytest.mark.parametrize("task", ["fly.status", "fly.machines", "fly.releases"])
def test_a_reader_that_goes_away_is_no_error(repo: Repo, task: str) -> None:
    done = repo.unread(task)
    assert (done.returncode, done.stderr) == (0, "")


def test_tasks_run_from_the_root_wherever_they_are_called(repo: Repo) -> None:
    below = repo.root / "core"
    repo_root, repo.root = repo.root, below
    assert "infra: healthy" in repo.inv("fly.status").stdout
    repo.root = repo_root
