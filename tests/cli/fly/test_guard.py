"""`inv fly.deploy --watch … --guard`, whole, on the simulation."""

import json
import re

from tests.cli.fly.repo import Repo, until


def test_a_release_that_only_answers_worse_is_undone(past: Repo) -> None:
    past.publish("worse", "errs")
    done = past.inv("fly.deploy", "--watch", "2s", "--guard", code=4)
    assert "infra: rolled-back (exit 4)" in done.stdout
    assert "more 5xx" in done.stdout
    assert "slower: 95 of 100 answers within" in done.stdout
    assert set(past.running().values()) == {"first"}

    listed = past.inv("fly.releases").stdout
    assert re.search(
        r"^v2 +complete +infra:worse@\w+ +worse 20\d\d-\d\d-\d\d \d\d:\d\d +- +- ", listed, re.MULTILINE
    ), listed
    refused = past.inv("fly.releases.revert", "v2", "--yes", code=3)
    assert "refused [bad]: infra:worse is known from here: it answered worse on" in refused.stderr
    assert "--force bad=REASON" in refused.stderr
    shown = past.inv(
        "fly.releases.revert", "v2", "--force", "bad=the load was the reason", "--yes", "--no-rollback"
    )
    assert "forced: bad, because the load was the reason" in shown.stderr
    assert set(past.running().values()) == {"worse"}
    assert "fly.deploy infra: rolled-back, answered worse (exit 4" in past.inv("history").stdout


def test_what_answered_worse_and_was_left_is_passed_over_when_the_next_is_bad(past: Repo) -> None:
    past.publish("worse", "errs")
    assert "infra: healthy (exit 0)" in past.inv("fly.deploy", "--watch", "2s").stdout
    past.publish("slip", "unhealthy")
    done = past.inv("fly.deploy", "--wait-timeout", "1", code=4)
    assert "- infra:worse is passed over: it answered worse on" in done.stdout
    assert set(past.running().values()) == {"first"}


def test_one_that_answers_as_well_is_healthy_and_both_times_are_told(past: Repo) -> None:
    past.publish("good")
    done = past.inv("fly.deploy", "--watch", "2s", "--guard", "--json")
    outcome = json.loads(done.stdout)
    assert outcome["verdict"] == "healthy"
    assert any(re.match(r"5xx: [\d.]+% before, [\d.]+% after", note) for note in outcome["notes"]), outcome
    assert past.journal()[-1]["verified"].startswith("registry.fly.io/infra:good")


def test_what_is_tolerated_is_said_by_the_user(past: Repo) -> None:
    past.publish("worse", "errs")
    tolerant = ("--guard-errors", "50", "--guard-slower", "900")
    done = past.inv("fly.deploy", "--watch", "2s", "--guard", *tolerant)
    assert "infra: healthy (exit 0)" in done.stdout


def test_a_guard_that_cannot_see_begins_nothing(past: Repo) -> None:
    past.publish("good")
    past.control(fail={"GET /prometheus/": [503, 100]})
    done = past.inv("fly.deploy", "--watch", "2s", "--guard", code=69)
    assert "failed (HTTP 503" in done.stderr
    assert "nothing was deployed" in done.stderr
    assert "without --watch and --guard it is deployed all the same" in done.stderr
    assert set(past.running().values()) == {"first"}
    assert past.verdicts() == []


def test_a_dry_run_asks_what_a_guard_must_know_and_says_what_it_would_do(past: Repo) -> None:
    dry = ("--dry", "fly.deploy", "--watch", "2s", "--guard")
    past.publish("good")
    done = past.inv(*dry)
    assert "flyctl deploy" in done.stdout
    assert (
        "then its answers of 2s are compared with those of the same time before; "
        "one that answers worse is undone"
    ) in done.stderr
    past.control(fail={"GET /prometheus/": [503, 100]})
    assert "failed (HTTP 503" in past.inv(*dry, code=69).stderr


def test_right_after_a_change_the_simulation_waits_for_something_to_compare_with(repo: Repo) -> None:
    repo.publish("good")
    repo.inv("fly.deploy")
    done = repo.inv("fly.deploy", "--watch", "2s", "--guard")
    assert "infra: healthy (exit 0)" in done.stdout


def test_a_guard_needs_a_time_to_watch(past: Repo) -> None:
    assert "--watch 5m --guard" in past.inv("fly.deploy", "--guard", code=2).stderr


def test_without_a_guard_a_release_that_answers_worse_is_told_and_stays(past: Repo) -> None:
    past.publish("worse", "errs")
    done = past.inv("fly.deploy", "--watch", "2s")
    assert "infra: healthy (exit 0)" in done.stdout
    assert "more 5xx" in done.stdout
    assert "nothing was undone: that takes --guard" in done.stdout
    assert set(past.running().values()) == {"worse"}


def test_metrics_that_are_away_when_the_guard_looks_undo_nothing_and_are_not_called_healthy(
    past: Repo,
) -> None:
    past.publish("good")
    process = past.start("fly.deploy", "--watch", "3s", "--guard")
    until(lambda: any(entry.get("step") == "watch the metrics" for entry in past.journal()))
    past.control(fail={"GET /prometheus/": [503, 100]})
    out, err = process.communicate(timeout=60)
    assert process.returncode == 6, (out, err)
    assert "infra: unverified (exit 6)" in out
    assert "the metrics since could not be read" in out
    assert "nothing was undone" in out
    assert set(past.running().values()) == {"good"}


def test_a_first_release_has_nothing_to_be_compared_with_and_stays(past: Repo) -> None:
    past.control(apps=["infra", "infra-core", "fresh"])
    manifest = past.root / "fly.toml"
    manifest.write_text(manifest.read_text().replace('app = "infra"', 'app = "fresh"'))
    past.commit("Begin anew")
    done = past.inv("fly.deploy", "--watch", "2s", "--guard", "--image", "registry.fly.io/infra:first")
    assert "fresh: healthy (exit 0)" in done.stdout
    assert "not judged" in done.stdout
