"""`inv fly.metrics`, whole, on the simulation: it serves Prometheus' API while the task runs."""

import json
import signal
import subprocess

import pytest

from tests.cli.fly.repo import Repo, digest, image

COLUMNS = ["MACHINE", "REGION", "CPU", "MEMORY", "IN", "OUT", "REQUESTS", "5XX", "P50", "P95"]


def processes(repo: Repo) -> list[str]:
    """The simulations that serve, and were started for this repo."""
    listed = subprocess.run(["ps", "eww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if "flysim serve" in line and str(repo.state) in line]


def test_charts_a_table_and_the_releases_of_the_time(past: Repo) -> None:
    past.publish("good")
    past.inv("fly.deploy")
    done = past.inv("fly.metrics", "--since", "30m")
    for title in ("CPU busy, %", "memory used, %", "network in, kB/s", "answers that are 5xx, %"):
        assert title in done.stdout
    (head,) = [line for line in done.stdout.splitlines() if line.startswith("MACHINE")]
    assert head.split() == COLUMNS
    assert "release v2 (complete): registry.fly.io/infra:good@" in done.stdout
    assert "release v1" not in done.stdout
    assert done.stderr == ""
    assert processes(past) == []


def test_json_has_every_quantity_with_its_unit_by_machine(past: Repo) -> None:
    found = json.loads(past.inv("fly.metrics", "-c", "core", "--json").stdout)
    assert (found["app"], found["organization"], found["step"]) == ("infra-core", "personal", 30)
    (machine,) = past.machines("infra-core")
    assert set(found["metrics"]) == {
        "cpu",
        "memory",
        "memory_total",
        "received",
        "sent",
        "responses",
        "latency_p50",
        "latency_p95",
    }
    for name, metric in found["metrics"].items():
        assert metric["unit"], name
        assert {line["machine"] for line in metric["lines"]} == {machine["id"]}, name
        assert all(value >= 0 for line in metric["lines"] for _, value in line["points"]), name


def test_a_bad_image_shows_in_the_share_of_errors(past: Repo) -> None:
    past.control(images={image("first"): {"behaviour": "errs", "digest": digest("first")}})
    found = json.loads(past.inv("fly.metrics", "--since", "2m", "--json").stdout)
    last = dict.fromkeys(("200", "404", "500"), 0.0)
    for line in found["metrics"]["responses"]["lines"]:
        last[line["status"]] += line["points"][-1][1]
    assert last["500"] / sum(last.values()) > 0.1


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("--since", "soon"), 2, "no length of time"),
        (("--since", "16d"), 2, "between 1m and 15d"),
        (("--png", "x.svg"), 2, "does not end in .png"),
        (("-a", "nosuch"), 1, "Could not find App"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    repo: Repo, arguments: tuple[str, ...], code: int, word: str
) -> None:
    assert word in repo.inv("fly.metrics", *arguments, code=code).stderr


def test_nothing_measured_has_its_own_exit_code_and_json_says_so_with_empty_lists(repo: Repo) -> None:
    repo.control(apps=["empty"])
    done = repo.inv("fly.metrics", "-a", "empty", "--json", code=66)
    assert "nothing measured of empty" in done.stderr
    assert json.loads(done.stdout)["metrics"]["cpu"]["lines"] == []


@pytest.mark.parametrize(("status", "code"), [(500, 69), (429, 75), (401, 77), (404, 67), (418, 76)])
def test_each_way_to_fail_has_its_own_exit_code(repo: Repo, status: int, code: int) -> None:
    repo.control(fail={"GET /prometheus/": [status, 100]})
    done = repo.inv("fly.metrics", code=code)
    assert done.stdout == ""
    assert "next:" in done.stderr


def test_an_answer_that_is_cut_short_is_not_taken_for_one(repo: Repo) -> None:
    repo.control(truncate={"GET /prometheus/": 100})
    assert "not what Prometheus answers" in repo.inv("fly.metrics", code=76).stderr


def test_watching_shows_it_again_and_bears_a_server_that_fails_for_a_while(past: Repo) -> None:
    past.control(fail={"GET /prometheus/": [503, 7]})
    process = past.start("fly.metrics", "--since", "10m", "--watch")
    assert process.stdout is not None
    seen = ""
    while "HTTP answers" not in seen:
        line = process.stdout.readline()
        assert line, "it ended"
        seen += line
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    text = seen + out
    assert "failed (HTTP 503" in text
    assert "still watching" in text
    assert "CPU busy, %" in text
    assert "stopped watching" in err
    assert processes(past) == []
