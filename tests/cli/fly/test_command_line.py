"""What is typed and makes no sense ends with 2 and words; on the simulation the words say that it is one."""

import json

import pytest

from tests.cli.fly.repo import Repo


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["history", "--limit", "abc"], "--limit takes a whole number, not abc"),
        (["fly.deploy", "--wait-timeout=soon"], "--wait-timeout takes a whole number"),
        (["fly.deploy", "--guard-errors", "nan"], "--guard-errors takes a number"),
        (["fly.status", "--app", ""], "--app is empty"),
        (["fly.deploy", "--config="], "--config is empty"),
        (["fly.deploy", "--image", ""], "--image is empty"),
        (["fly.deploy", "--force"], "--force needs a value"),
        (["fly.deploy", "--force", "--yes"], "--force needs a value"),
        (["fly.status", "--app"], "--app needs a value"),
        (["fly.releases.revert"], "needs VERSION"),
        (["fly.stauts"], "did you mean `inv sandbox fly.status`"),
        (["--help", "fly.stauts"], "did you mean"),
        (["--help", "fly"], "`inv --list=fly` shows what fly has"),
        (["fly.manifests.check", "-c", "core"], "fly.manifests.check has no option -c"),
        (["history", "--config=core"], "history has no option --config"),
        (["fly"], "--list=fly` shows what fly has"),
        (["--help", ""], "there is no task"),
        (["--list", "flies"], "there is no group"),
        (["fly.releases.revert", "", "--yes"], "VERSION is empty"),
        (["fly.deploy", "--force", "published=a\nb"], "--force has a character that no line can show: '\\n'"),
        (["fly.logs", "--", "--no-tail", "extra"], "'extra' after `--` is no option"),
        (["fly.releases.revert", "v1", "--wait-timeout", "99999999999999"], "seconds from 1 to a day"),
        (["history", "--limit", "0"], "--limit 0"),
        (["history", "--limit", "-1", "--json"], "--limit -1"),
        (["fly.status", "-c", "../../core"], "relative to the repo's root"),
        (["fly.status", "--jsno"], "did you mean `--json`"),
        (["fly.status", "--", "--region", "a b"], "the words after `--`: --region 'a b'"),
        (["fly.machines", "--", "x"], "fly.machines would do nothing with"),
        (["fly.plan", "--", "x"], "fly.plan would do nothing with"),
        (["fly.releases", "--", "x"], "fly.releases would do nothing with"),
        (["fly.certs", "--", "x"], "fly.certs would do nothing with"),
        (["history", "--", "x"], "history would do nothing with"),
    ],
)
def test_what_makes_no_sense_is_bad_input_and_runs_nothing(repo: Repo, words: list[str], says: str) -> None:
    done = repo.inv(*words, code=2)
    assert says in done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stdout == ""
    assert repo.journal() == []


def test_a_manifest_before_the_task_is_not_taken_for_a_file_of_invokes(repo: Repo) -> None:
    done = repo.shell("inv --config core fly.deploy")
    assert done.returncode == 2
    assert "put it after the task: `inv sandbox fly.deploy --config core`" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["fly.certs.add", "www.example.com", "--wait"],
        ["fly.deploy"],
        ["fly.machines.restart", "all"],
        ["fly.machines.run", "fly.toml"],
        ["fly.secrets.import", "-"],
        ["fly.secrets.set", "KEY"],
        ["fly.secrets.sync"],
        ["fly.secrets.unset", "KEY", "--yes"],
    ],
)
def test_no_task_waits_longer_than_a_day(repo: Repo, words: list[str]) -> None:
    told = repo.inv(*words, "--wait-timeout", "99999999999999", code=2, stdin="no secret").stderr
    assert "--wait-timeout 99999999999999 is no number of seconds from 1 to a day" in told
    assert repo.journal() == []


@pytest.mark.parametrize("words", [["fly.releases.revert", "--help"], ["fly.machines.stop", "all", "-h"]])
def test_help_after_an_operand_is_help(repo: Repo, words: list[str]) -> None:
    done = repo.inv(*words)
    assert done.stdout.startswith(f"Usage: inv [--core-opts] {words[0]} ")
    assert done.stderr == ""


def test_a_task_without_options_has_help_as_well(repo: Repo) -> None:
    done = repo.inv("--help", "sandbox")
    assert done.stdout.rstrip().endswith("Options:\n  none")
    assert done.stderr == ""


def test_a_simulation_that_the_environment_names_is_announced_once_for_each_command(repo: Repo) -> None:
    stdout, stderr = repo.start("fly.status", "fly.machines").communicate(timeout=60)
    assert stderr == f"sandbox: FLY_SANDBOX is set: Fly is simulated, in {repo.state}\n"
    assert "sandbox" not in stdout


@pytest.mark.parametrize("words", [["sandbox", "fly.status"], ["--list"], ["--help", "fly.status"]])
def test_what_says_so_itself_or_asks_fly_nothing_is_not_announced(repo: Repo, words: list[str]) -> None:
    _, stderr = repo.start(*words).communicate(timeout=60)
    assert "FLY_SANDBOX is set" not in stderr


def test_the_sandbox_alone_says_that_nothing_was_run(repo: Repo) -> None:
    assert "nothing follows, so nothing was run" in repo.inv("sandbox").stderr
    assert "nothing follows" not in repo.inv("sandbox", "fly.status").stderr


def test_the_next_step_of_an_error_and_of_a_verdict_runs_on_the_simulation(repo: Repo) -> None:
    assert "`inv sandbox fly.releases` lists" in repo.inv("fly.releases.revert", "v9", "--yes", code=2).stderr
    repo.publish("bad", "unhealthy")
    repo.control(images={"registry.fly.io/infra:first": {"behaviour": "unhealthy"}})
    done = repo.inv("sandbox", "fly.deploy", "--yes", "--wait-timeout", "1", "--json", code=5)
    by_hand = json.loads(done.stdout)["next"].splitlines()[-1]
    assert by_hand.startswith("inv sandbox tools.exec flyctl -- deploy --app infra")
    repo.control(images={"registry.fly.io/infra:first": {"behaviour": "healthy"}})
    assert repo.shell(by_hand).returncode == 0
    assert set(repo.running().values()) == {"first"}


@pytest.mark.parametrize("words", [["--list"], ["--list", "fly"], ["--help", "fly.deploy"]])
def test_what_only_shows_ends_in_silence_when_nobody_reads_it(repo: Repo, words: list[str]) -> None:
    assert repo.unread(*words).stderr == ""


def test_a_sandbox_that_comes_too_late_runs_nothing(repo: Repo) -> None:
    done = repo.inv("fly.status", "sandbox", "fly.machines", code=2)
    assert "fly.status stands before `sandbox`, so it would run on the real Fly" in done.stderr
    assert "inv sandbox fly.status" in done.stderr
    assert repo.inv("fly.status", "-a", "sandbox", code=None).returncode != 2
