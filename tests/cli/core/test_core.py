"""`inv sandbox core.…`: publish, see what differs, promote; whole runs."""

import json
import tomllib

import pytest

from tests.cli.scratch import Scratch


def published(repo: Scratch) -> str:
    record = tomllib.loads((repo.state / "image.toml").read_text())["image"]
    assert record["ko"] == "simulated"
    return str(record["ref"])


def test_a_new_sandbox_runs_what_is_published_on_both_apps(repo: Scratch) -> None:
    shown = repo.sandbox("core.image", "--check")
    assert shown.code == 0, shown
    assert shown.stdout.count("what was published") == 2
    assert "simulated: of no commit" in shown.stdout
    assert "core.publish" not in shown.stdout
    assert "next:" not in shown.stderr


def test_what_is_published_is_promoted_to_both_apps(repo: Scratch) -> None:
    before = repo.git("status", "--porcelain")
    done = repo.sandbox("core.publish")
    assert done.code == 0, done
    commit = repo.git("rev-parse", "HEAD").strip()
    assert f"registry.fly.io/infra:{commit}@sha256:" in done.stdout
    assert "simulated: ko does not run" in done.stderr
    assert repo.git("status", "--porcelain") == before

    late = repo.sandbox("core.image", "--check")
    assert late.code == 1, late
    assert late.stdout.count("another image") == 2
    assert "core.promote" in late.stderr
    plan = repo.sandbox("fly.plan")
    assert commit in plan.stdout + plan.stderr, plan
    assert "from .fly/sandbox/image.toml: what ko published last" in plan.stdout, plan

    promoted = repo.sandbox("core.promote")
    assert promoted.code == 0, promoted
    assert "infra: healthy" in promoted.stdout
    assert "infra-core: healthy" in promoted.stdout

    there = repo.sandbox("core.image", "--check", "--json")
    assert there.code == 0, there
    told = json.loads(there.stdout)
    assert [(each["app"], each["published"]) for each in told["apps"]] == [
        ("infra", True),
        ("infra-core", True),
    ]
    assert told["published"]["ref"] == published(repo)
    assert (told["in_registry"], told["commits_since"], told["simulated"]) == (True, 0, True)

    again = repo.sandbox("core.promote", "--yes", "--json")
    assert again.code == 0, again
    assert again.stderr.count("left alone") == 2
    assert json.loads(again.stdout) == []


def test_the_verdicts_of_a_promotion_are_one_document(repo: Scratch) -> None:
    assert repo.sandbox("core.publish").code == 0
    done = repo.sandbox("core.promote", "--json")
    assert done.code == 0, done
    assert [(each["app"], each["verdict"]) for each in json.loads(done.stdout)] == [
        ("infra", "healthy"),
        ("infra-core", "healthy"),
    ]


@pytest.mark.parametrize("seconds", ["-5", "0", "99999999999999999999"])
def test_a_promotion_waits_for_no_time_that_is_none(repo: Scratch, seconds: str) -> None:
    done = repo.sandbox("core.promote", "--wait-timeout", seconds)
    assert (done.code, done.stdout) == (2, "")
    assert f"--wait-timeout {seconds} is no number of seconds from 1 to a day" in done.stderr


def test_a_promotion_stops_at_the_first_app_that_is_not_healthy(repo: Scratch) -> None:
    assert repo.sandbox("core.publish").code == 0
    tagged = published(repo).partition("@")[0]
    repo.control(json.dumps({"images": {tagged: {"behaviour": "unhealthy"}}}))
    done = repo.sandbox("core.promote", "--wait-timeout", "2")
    assert done.code == 4, done
    assert "infra: rolled-back" in done.stdout
    assert "not deployed: infra-core" in done.stderr
    told = repo.sandbox("core.image")
    assert told.stdout.count("infra:first") == told.stdout.count("another image") == 2
    assert "infra: a release of it was bad on" in told.stdout
    assert "`inv sandbox core.publish` a better one" in told.stderr
    plan = repo.sandbox("fly.plan")
    assert "is known from here: a release of it was bad on" in plan.stdout, plan
    assert "to deploy it is a new try" in plan.stdout


def test_another_image_than_the_published_one_is_refused(repo: Scratch) -> None:
    assert repo.sandbox("core.publish").code == 0
    other = f"registry.fly.io/infra:other@sha256:{'1' * 64}"
    for config in ("fly.toml", "core"):
        done = repo.sandbox("fly.deploy", "-c", config, "--image", other, "--yes")
        assert done.code == 3, done


def test_a_dirty_tree_is_refused_unless_that_is_allowed(repo: Scratch) -> None:
    (repo.folder / "core/new.go").write_text("package main\n")
    refused = repo.sandbox("core.publish")
    assert refused.code == 3, refused
    assert "core/new.go" in refused.stderr
    allowed = repo.sandbox("core.publish", "--allow-dirty")
    assert allowed.code == 0, allowed
    assert "-dirty@" in published(repo)
    assert "from a dirty tree at" in repo.sandbox("core.image").stdout


def test_newer_commits_of_core_are_told(repo: Scratch) -> None:
    assert repo.sandbox("core.publish").code == 0
    for path in ("core/image.toml", "core/README.md", "core/notes_test.go"):
        (repo.folder / path).write_text((repo.folder / path).read_text() + "\n")
    repo.git("commit", "--quiet", "--all", "--message=Record it")
    told = repo.sandbox("core.image").stdout
    assert "newer commit" not in told
    assert "the simulated registry has it" in told
    (repo.folder / "core/new.go").write_text("package main\n")
    repo.git("add", "core/new.go")
    repo.git("commit", "--quiet", "--message=More")
    assert "core/ has 1 newer commit: `inv sandbox core.publish`" in repo.sandbox("core.image").stdout


def test_an_image_that_the_registry_lost_is_told(repo: Scratch) -> None:
    assert repo.sandbox("core.publish").code == 0
    tagged = published(repo).partition("@")[0]
    repo.control(json.dumps({"images": {tagged: {"behaviour": "missing"}}}))
    done = repo.sandbox("core.image")
    assert done.code == 1, done
    assert "the registry has it no more" in done.stdout


def test_an_app_that_cannot_be_asked_hides_no_other(repo: Scratch) -> None:
    repo.control(json.dumps({"fail": {"GET /v1/apps/infra-core/machines": [403, 99]}}))
    done = repo.sandbox("core.image")
    assert done.code == 1, done
    assert "infra " in done.stdout
    assert "not known:" in done.stdout


def test_a_dry_run_publishes_and_deploys_nothing(repo: Scratch) -> None:
    done = repo.inv("--dry", "sandbox", "core.publish")
    assert done.code == 0, done
    assert "flysim control" in done.stdout
    assert not (repo.state / "image.toml").exists()
    assert repo.sandbox("core.publish").code == 0
    dry = repo.inv("--dry", "sandbox", "core.promote")
    assert dry.code == 0, dry
    assert dry.stdout.count("flyctl deploy") == 2
    assert "infra:first" in repo.sandbox("core.image").stdout


def test_a_damaged_record_is_written_anew_as_its_advice_says(repo: Scratch) -> None:
    (repo.state / "image.toml").write_text("image = 3\n")
    assert repo.sandbox("fly.plan").code == 2
    done = repo.sandbox("core.publish")
    assert done.code == 0, done
    assert "image.toml is damaged, and is written anew: its `image` is no table" in done.stderr
    assert published(repo)


def test_what_was_published_elsewhere_is_deployed_with_a_word(repo: Scratch) -> None:
    done = repo.sandbox("core.publish", "--repository", "docker.io/acme/core")
    assert done.code == 0, done
    assert (
        "note: not in registry.fly.io/infra: `inv sandbox fly.deploy` takes it from docker.io" in done.stderr
    )
    for config in ("fly.toml", "core"):
        plan = repo.sandbox("fly.plan", "-c", config)
        assert "note: docker.io/acme/core is the repository of no app of this repo" in plan.stdout, plan


def test_without_flyctl_the_image_is_told_and_what_is_not_known(repo: Scratch) -> None:
    done = repo.inv("core.image", "--json")
    assert done.code == 1, done
    told = json.loads(done.stdout)
    assert all("flyctl" in each["trouble"] for each in told["apps"])
    assert "tools.install-flyctl" in done.stderr


def test_what_is_no_repository_is_bad_input(repo: Scratch) -> None:
    done = repo.sandbox("core.publish", "--repository", "infra:v1")
    assert done.code == 2, done
    assert "write it as registry.fly.io/NAME" in done.stderr


def test_without_git_it_says_what_it_needs(repo: Scratch) -> None:
    import shutil

    shutil.rmtree(repo.folder / ".git")
    done = repo.sandbox("core.publish")
    assert done.code == 1, done
    assert "run this in a clone of the repo" in done.stderr
