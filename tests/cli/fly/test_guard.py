"""`inv fly.deploy --watch … --guard`, whole, on the simulation."""

import json
import re

from tests.cli.fly.repo import Repo


def test_a_release_that_only_answers_worse_is_undone(past: Repo) -> None:
    past.publish("worse", "errs")
    done = past.inv("fly.deploy", "--watch", "2s", "--guard", code=4)
    assert "infra: rolled-back (exit 4)" in done.stdout
    assert "more 5xx" in done.stdout
    assert "slower: 95 of 100 answers within" in done.stdout
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
    assert set(past.running().values()) == {"first"}
    assert past.verdicts() == []


def test_a_guard_needs_a_time_to_watch(past: Repo) -> None:
    assert "--watch 5m --guard" in past.inv("fly.deploy", "--guard", code=2).stderr
