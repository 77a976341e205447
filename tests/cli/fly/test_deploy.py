"""`inv fly.deploy` on the simulated Fly: every ending, with its exit code and what is left behind."""

import json
import os
import signal

import pytest

from tests.cli.fly.repo import Repo, end_group, image, until

FAST = ("--wait-timeout", "1")


def test_a_good_image_ends_healthy(repo: Repo) -> None:
    repo.publish("good")
    done = repo.inv("fly.deploy")
    assert set(repo.running().values()) == {"good"}
    assert "infra: healthy (exit 0)" in done.stdout
    assert "2 machines go from infra:first to infra:good" in done.stderr
    assert repo.verdicts() == ["healthy"]
    assert "Validating" not in done.stdout  # what flyctl says is progress


def test_json_is_all_there_is_on_stdout(repo: Repo) -> None:
    ref = repo.publish("good")
    outcome = json.loads(repo.inv("fly.deploy", "--json").stdout)
    assert (outcome["verdict"], outcome["exit_code"], outcome["image"]) == ("healthy", 0, ref)
    assert [machine["health"] for machine in outcome["machines"]] == ["healthy", "healthy"]


def test_a_bad_image_is_rolled_back_and_history_tells_it(repo: Repo) -> None:
    repo.publish("sick", "unhealthy")
    done = repo.inv("fly.deploy", *FAST, code=4)
    assert set(repo.running().values()) == {"first"}
    assert "infra: rolled-back (exit 4)" in done.stdout
    assert f"back to: {image('first')}" in done.stdout
    status = json.loads(repo.inv("fly.status", "--json").stdout)
    assert {machine["digest"] for machine in status["machines"]} == {image("first").partition("@")[2]}
    assert {machine["health"] for machine in status["machines"]} == {"healthy"}
    history = repo.inv("history").stdout
    for part in (
        "rolled-back (exit 4",
        "flyctl deploy",
        "machine restart",
        "--skip-release-command --update-only",
    ):
        assert part in history


def test_an_image_that_crashes_is_told_at_once_and_rolled_back(repo: Repo) -> None:
    repo.publish("dies", "crashes")
    done = repo.inv("fly.deploy", *FAST, code=4)
    assert "crashed: it exited with 1" in done.stderr
    assert "it exited with 1" in done.stdout
    assert "flyctl said: smoke checks for" in done.stdout
    assert "flyctl said: smoke checks for" in repo.inv("history").stdout
    assert set(repo.running().values()) == {"first"}


def test_an_image_that_only_a_restart_brings_up_is_healthy(repo: Repo) -> None:
    repo.publish("stuck", "stuck")
    repo.flyctl("scale", "count", "1", "-y", "-a", "infra")
    done = repo.inv("fly.deploy", *FAST)
    assert "only after a restart" in done.stdout
    assert set(repo.running().values()) == {"stuck"}


def test_a_rollback_that_fails_too_is_degraded_with_the_exact_next_step(repo: Repo) -> None:
    repo.publish("sick", "unhealthy")
    repo.control(images={image("first"): {"behaviour": "missing"}, image("sick"): {"behaviour": "unhealthy"}})
    done = repo.inv("fly.deploy", *FAST, code=5)
    assert "infra: degraded (exit 5)" in done.stdout
    assert "flyctl failed to roll back (exit 1)" in done.stdout
    command = done.stdout.split("next: ")[1]
    assert "\ninv sandbox tools.exec flyctl -- deploy --app infra --config fly.toml" in command
    assert f"--image {image('first')}" in command
    assert "--skip-release-command --update-only" in command
    assert sorted(repo.running().values()) == ["first", "sick!"]


def test_all_machines_stopped_is_unverified(repo: Repo) -> None:
    repo.publish("good")
    for machine in repo.machines():
        repo.flyctl("machine", "stop", machine["id"], "-a", "infra", "--wait-timeout", "5s")
    done = repo.inv("fly.deploy", code=6)
    assert "infra: unverified (exit 6)" in done.stdout
    assert "stopped, so not checked" in done.stdout


def test_without_rollback_the_fleet_stays_mixed(repo: Repo) -> None:
    repo.publish("sick", "unhealthy")
    done = repo.inv("fly.deploy", "--no-rollback", *FAST, code=7)
    assert "infra: mixed (exit 7)" in done.stdout
    assert sorted(repo.running().values()) == ["first", "sick!"]


def test_core_with_its_volume_is_deployed_by_its_folder(repo: Repo) -> None:
    repo.publish("good")
    done = repo.inv("fly.deploy", "-c", "core")
    assert "infra-core: healthy" in done.stdout
    assert set(repo.running("infra-core").values()) == {"good"}
    assert set(repo.running("infra").values()) == {"first"}


def test_an_app_alone_finds_its_own_manifest(repo: Repo) -> None:
    repo.publish("good")
    assert "infra-core: healthy" in repo.inv("fly.deploy", "-a", "infra-core").stdout
    wrong = repo.inv("fly.deploy", "-a", "other", code=2)
    assert "no manifest of this repo is for the app other" in wrong.stderr


def test_the_rollback_takes_the_manifest_of_that_commit(repo: Repo) -> None:
    repo.publish("good")
    repo.commit("publish good")
    repo.inv("fly.deploy")
    manifest = repo.root / "fly.toml"
    manifest.write_text(manifest.read_text().replace('PORT = "8080"', 'PORT = "8080"\nNEW = "1"'))
    repo.publish("sick", "unhealthy")
    repo.commit("a new setting, and an image that needs it")
    repo.inv("fly.deploy", *FAST, code=4)
    for machine in repo.machines():
        assert "NEW" not in machine["config"]["env"]
        assert machine["image_ref"]["tag"] == "good"


def test_refusals_change_nothing_and_are_kept(repo: Repo) -> None:
    done = repo.inv("fly.deploy", "--image", image("foreign"), code=3)
    assert "refused [published]" in done.stderr
    assert "--force published=REASON" in done.stderr
    assert set(repo.running().values()) == {"first"}
    assert repo.verdicts() == ["refused"]
    assert "infra: refused (exit 3" in repo.inv("history").stdout


def test_force_goes_on_with_a_reason_that_is_kept(repo: Repo) -> None:
    done = repo.inv("fly.deploy", "--image", image("foreign"), "--force", "published=a hotfix from elsewhere")
    assert "healthy" in done.stdout
    assert repo.journal()[0]["forced"] == {"published": "a hotfix from elsewhere"}
    assert "forced published: a hotfix from elsewhere" in repo.inv("history").stdout


def test_a_missing_image_is_refused(repo: Repo) -> None:
    repo.publish("gone", "missing")
    assert "[image]" in repo.inv("fly.deploy", code=3).stderr


def test_a_group_that_would_be_destroyed_is_refused_and_needs_a_yes_when_forced(repo: Repo) -> None:
    manifest = repo.root / "fly.toml"
    manifest.write_text(manifest.read_text() + '\n[processes]\nweb = ""\n')
    assert "group app is not in the manifest any more" in repo.inv("fly.deploy", code=3).stderr
    asked = repo.inv("fly.deploy", "--force", "destroys=renamed", code=3)
    assert "Nobody is there to answer" in asked.stderr
    assert len(repo.machines()) == 2


def test_a_dry_run_shows_the_command_and_runs_nothing(repo: Repo) -> None:
    ref = repo.publish("good")
    done = repo.inv("--dry", "fly.deploy")
    assert f"flyctl deploy --app infra --config fly.toml --image {ref}" in done.stdout
    assert set(repo.running().values()) == {"first"}
    assert repo.journal() == []


def test_build_only_releases_nothing(repo: Repo) -> None:
    repo.publish("good")
    done = repo.inv("fly.deploy", "--", "--build-only")
    assert "nothing was released" in done.stderr
    assert set(repo.running().values()) == {"first"}
    repo.publish("gone", "missing")
    failed = repo.inv("fly.deploy", "--", "--build-only", code=1)
    assert "the smoke test of infra failed" in failed.stderr


def test_what_follows_the_dashes_reaches_flyctl_with_its_boundaries(repo: Repo) -> None:
    repo.publish("good")
    repo.inv("fly.deploy", "--", "--env", "GREETING=good day; $HOME")
    assert {machine["config"]["env"]["GREETING"] for machine in repo.machines()} == {"good day; $HOME"}
    assert "--image after `--`" in repo.inv("fly.deploy", "--", "--image", "x", code=2).stderr


def test_what_follows_the_dashes_deploys_no_other_app(repo: Repo) -> None:
    repo.publish("good")
    for word in ("-ainfra-core", "core"):
        done = repo.inv("fly.deploy", "--yes", "--", word, code=2)
        assert "before `--`" in done.stderr
    assert set(repo.running().values()) == {"first"}


def test_build_only_cannot_be_taken_back_after_the_dashes(repo: Repo) -> None:
    repo.publish("good")
    done = repo.inv("fly.deploy", "--", "--build-only", "--build-only=false", code=2)
    assert "leave it out to deploy" in done.stderr
    assert set(repo.running().values()) == {"first"}


def test_a_second_deploy_at_the_same_time_is_refused_and_told_of_the_first(repo: Repo) -> None:
    repo.publish("good")
    repo.control(lag=60)
    first = repo.start("fly.deploy")
    until(lambda: any(entry.get("step") == "deploy" for entry in repo.journal()))
    second = repo.inv("fly.deploy", code=3)
    assert "infra is being worked on: fly.deploy of infra:good by ann@" in second.stderr
    assert f"process {first.pid}" in second.stderr
    watching = repo.inv("fly.status", code=None)
    assert "is under way: deploy" in watching.stderr
    assert "fly.deploy infra: it is under way" in repo.inv("history").stdout
    end_group(first)


def test_a_killed_deploy_is_told_by_status_and_finished_by_the_next(repo: Repo) -> None:
    repo.publish("good")
    repo.control(lag=60)
    process = repo.start("fly.deploy")
    until(lambda: "good!" in repo.running().values() or "good" in repo.running().values())
    end_group(process)
    assert repo.verdicts() == []
    status = repo.inv("fly.status", code=None)
    assert "has no end: it was killed, or its journal could not be written" in status.stderr
    assert "the last that is known is `deploy`" in status.stderr
    assert "it was killed" in repo.inv("history").stdout
    repo.control(lag=0, leases={"infra": None})
    done = repo.inv("fly.deploy")
    assert "note: fly.deploy of infra:good by ann@" in done.stderr
    assert set(repo.running().values()) == {"good"}
    assert repo.inv("fly.status").stderr == ""


@pytest.mark.parametrize(
    ("words", "tag"), [(["fly.deploy"], "good"), (["fly.releases.revert", "v1", "--yes"], "first")]
)
def test_the_leases_of_a_killed_deploy_are_waited_for(repo: Repo, words: list[str], tag: str) -> None:
    repo.publish("good")
    repo.control(die={"step": "deploy.update"})
    process = repo.start("fly.deploy")
    until(lambda: any(entry.get("step") == "deploy" and "code" in entry for entry in repo.journal()))
    end_group(process)
    repo.control(leases={"infra": {"owner": "dev@example.com", "ttl": 300}})
    again = repo.start(*words)
    assert again.stderr is not None
    assert any("waiting until the leases of dev@example.com" in line for line in again.stderr)
    repo.control(leases={"infra": None})
    out, err = again.communicate(timeout=60)
    assert again.returncode == 0, (out, err)
    assert set(repo.running().values()) == {tag}


@pytest.mark.parametrize("task", [("fly.deploy",), ("fly.releases.revert", "v1")])
def test_programs_read_a_refusal_as_they_read_a_verdict(repo: Repo, task: tuple[str, ...]) -> None:
    repo.control(leases={"infra": {"owner": "eve@example.com"}})
    done = repo.inv(*task, "--json", code=3)
    outcome = json.loads(done.stdout)
    assert (outcome["verdict"], outcome["exit_code"], outcome["app"]) == ("refused", 3, "infra")
    assert outcome["notes"][0].startswith("[running] machine ")
    assert outcome["next"]
    assert "is being changed by eve@example.com" in done.stderr


def test_a_lease_of_somebody_else_is_refused(repo: Repo) -> None:
    repo.control(leases={"infra": {"owner": "eve@example.com"}})
    done = repo.inv("fly.deploy", code=3)
    assert "is being changed by eve@example.com" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_in_a_verdict_of_its_own(repo: Repo, number: signal.Signals) -> None:
    repo.publish("good")
    repo.control(lag=60)
    process = repo.start("fly.deploy")
    until(lambda: any(entry.get("step") == "deploy" for entry in repo.journal()))
    until(lambda: set(repo.running().values()) != {"first"})
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, (out, err)
    assert "Traceback" not in err
    assert "infra: interrupted (exit 130)" in out
    assert "it stopped during: deploy" in out
    assert repo.verdicts() == ["interrupted"]
    assert "has no end: it was interrupted" in repo.inv("fly.status", code=None).stderr


def test_an_interrupted_deploy_is_finished_by_the_same_words_without_their_secrets(repo: Repo) -> None:
    other = repo.publish("other")
    repo.publish("good")
    repo.control(lag=60)
    words = ["--image", other, "--force", "published=a test", "--wait-timeout", "9"]
    process = repo.start("fly.deploy", *words, "--", "--env", "PASSWORD=hunter2")
    until(lambda: any(entry.get("step") == "deploy" for entry in repo.journal()))
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    told = repo.inv("fly.status", code=None).stderr
    assert (
        f"`inv sandbox fly.deploy -a infra --image {other} --force 'published=a test' --wait-timeout 9"
        " -- --env 'PASSWORD=***'` finishes the job, with what *** stands for"
    ) in told
    told_to_programs = json.loads(repo.inv("fly.status", "--json", code=None).stdout)["unfinished"]["next"]
    assert told_to_programs.startswith("`inv sandbox fly.deploy ")
    started = [each for each in json.loads(repo.inv("history", "--json").stdout) if "again" in each]
    assert started[0]["again"].startswith("inv sandbox fly.deploy ")
    assert "PASSWORD" in repo.inv("--dry", "fly.deploy", code=None).stderr
    doctor = repo.inv("fly.doctor", code=1).stdout
    assert "different images" not in doctor
    literally = repo.inv("fly.deploy", "--", "--env", "PASSWORD=***", code=2)
    assert "*** stands for a value that is not kept anywhere" in literally.stderr
    assert "hunter2" not in (repo.state / "journal.jsonl").read_text()


def test_a_deploy_interrupted_after_its_checks_failed_names_the_way_back_until_it_is_taken(
    repo: Repo,
) -> None:
    repo.publish("sick", "unhealthy")
    process = repo.start("fly.deploy", "--wait-timeout", "2")
    until(lambda: any(entry.get("step") == "restart" for entry in repo.journal()))
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    revert = "`inv sandbox fly.releases.revert v1 -a infra` brings the release before back"
    for told in (repo.inv("fly.status", code=None).stderr, repo.inv("fly.doctor", code=None).stdout):
        assert revert.strip("`")[:40] in told
        assert "servicecheck-00-http-8080 is critical" in told
    assert "bad" in repo.inv("fly.releases").stdout
    repo.control(leases={"infra": None})
    for machine in repo.running():
        repo.inv("fly.machines.update", machine, "--image", image("first"))
    assert "nothing is left to do" in repo.inv("fly.status").stderr
    assert "fly.releases.revert" not in repo.inv("fly.doctor", code=None).stdout


def test_flyctl_that_is_killed_half_way_is_run_once_more(repo: Repo) -> None:
    repo.publish("good")
    repo.control(die={"step": "deploy.updated 1 left"})
    process = repo.start("fly.deploy", *FAST)
    until(
        lambda: any(entry.get("step") == "watch the deploy" and "code" in entry for entry in repo.journal())
    )
    repo.control(leases={"infra": None})
    out, err = process.communicate(timeout=40)
    assert process.returncode == 0, (out, err)
    assert "flyctl failed half way" in out
    assert set(repo.running().values()) == {"good"}


def test_a_journal_that_is_no_file_stops_it_before_anything_changes(repo: Repo) -> None:
    repo.publish("good")
    (repo.state / "journal.jsonl").symlink_to("/dev/full")
    done = repo.inv("fly.deploy", code=1)
    assert "cannot be read: it is no file" in done.stderr
    assert set(repo.running().values()) == {"first"}


def test_a_reader_that_goes_away_does_not_stop_the_deploy(repo: Repo) -> None:
    repo.publish("good")
    done = repo.unread("fly.deploy")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert repo.verdicts() == ["healthy"]
    assert set(repo.running().values()) == {"good"}


@pytest.mark.parametrize("behaviour", ["healthy", "unhealthy"])
def test_a_reader_of_all_that_is_written_that_goes_away_does_not_decide_the_verdict(
    repo: Repo, behaviour: str
) -> None:
    repo.publish("next", behaviour)
    words = f"inv fly.deploy {' '.join(FAST)} 2>&1 | head -1; exit ${{PIPESTATUS[0]}}"
    done = repo.shell(words)
    assert len(done.stdout.splitlines()) == 1
    good = behaviour == "healthy"
    assert (done.returncode, repo.verdicts()) == ((0, ["healthy"]) if good else (4, ["rolled-back"]))
    assert set(repo.running().values()) == {"next" if good else "first"}


def test_a_smoke_test_whose_progress_nobody_reads_still_ends_well(repo: Repo) -> None:
    repo.publish("good")
    done = repo.shell("inv fly.deploy -- --build-only 2>&1 | head -1; exit ${PIPESTATUS[0]}")
    assert done.returncode == 0, done.stdout
