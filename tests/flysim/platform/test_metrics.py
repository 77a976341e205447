"""Range queries answer from the state: what ran has series, and a bad image shows in them."""

from typing import Any

import pytest

from pkg.flysim.platform import images, series
from pkg.flysim.platform.clock import parse_rfc3339
from tests.flysim.simulation import START, Simulation

PATH = "/prometheus/personal/api/v1/query_range"
NOW = parse_rfc3339(START)
ERRORS = 'sum by (status) (rate(fly_app_http_responses_count{app="demo"}[1m]))'
P95 = (
    'histogram_quantile(0.95, sum by (le) (rate(fly_app_http_response_time_seconds_bucket{app="demo"}[1m])))'
)


def ask(
    sim: Simulation, query: str, *, start: float = 0, end: float = 600, step: str = "60"
) -> list[dict[str, Any]]:
    """The series of a query, from and to seconds after the simulation's beginning."""
    answer = sim.get(PATH, query=query, start=str(NOW + start), end=str(NOW + end), step=step)
    assert (answer["status"], answer["data"]["resultType"]) == ("success", "matrix")
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


def at_the_end(sim: Simulation, query: str) -> dict[str, float]:
    """The last value by the one label that the query leaves; empty text for none."""
    return {next(iter(one["metric"].values()), ""): float(one["values"][-1][1]) for one in ask(sim, query)}


def share_of_errors(sim: Simulation) -> float:
    by_status = at_the_end(sim, ERRORS)
    return by_status["500"] / sum(by_status.values())


def test_each_machine_has_the_labels_that_fly_gives(sim: Simulation) -> None:
    machine = sim.machine(region="fra")
    sim.advance(600)
    (found,) = ask(sim, 'fly_instance_memory_mem_total{app="demo"}')
    labels = found["metric"]
    assert labels.pop("host")
    assert labels == {
        "__name__": "fly_instance_memory_mem_total",
        "app": "demo",
        "region": "fra",
        "instance": machine,
    }
    assert [float(value) for _, value in found["values"]] == [256 * 1024 * 1024] * 11
    assert [when - NOW for when, _ in found["values"]] == [60 * step for step in range(11)]


def test_the_same_question_gets_the_same_answer_and_another_seed_another(sim: Simulation) -> None:
    sim.machine()
    sim.advance(600)
    first = ask(sim, ERRORS)
    assert ask(sim, ERRORS) == first
    sim.control(seed="another")
    assert ask(sim, ERRORS) != first


def test_processors_work_for_a_hundred_ticks_a_second_in_all_modes_together(sim: Simulation) -> None:
    sim.machine(guest={"cpus": 2, "memory_mb": 512, "cpu_kind": "shared"})
    sim.advance(600)
    modes = at_the_end(sim, 'sum by (mode) (rate(fly_instance_cpu{app="demo"}[1m]))')
    assert set(modes) == {"user", "system", "softirq", "idle"}
    assert sum(modes.values()) == pytest.approx(200)
    assert modes["idle"] > modes["user"] > modes["system"]


def test_nothing_is_told_of_the_time_to_come_or_before_the_machine_was(sim: Simulation) -> None:
    sim.advance(300)
    sim.machine()
    (found,) = ask(sim, 'fly_instance_up{app="demo"}', end=900)
    assert [when - NOW for when, _ in found["values"]] == [300]


def test_a_machine_that_does_not_run_has_no_series_meanwhile(sim: Simulation) -> None:
    machine = sim.machine()
    sim.advance(120)
    sim.post(f"/v1/apps/demo/machines/{machine}/stop")
    sim.advance(180)
    sim.post(f"/v1/apps/demo/machines/{machine}/start")
    sim.advance(180)
    (found,) = ask(sim, 'fly_instance_up{app="demo"}')
    assert [when - NOW for when, _ in found["values"]] == [0, 60, 300, 360, 420, 480]


def test_a_destroyed_machine_keeps_its_past(sim: Simulation) -> None:
    machine = sim.machine()
    sim.advance(120)
    sim.delete(f"/v1/apps/demo/machines/{machine}", force="true")
    sim.advance(180)
    assert len(ask(sim, 'fly_instance_up{app="demo"}')[0]["values"]) == 2


@pytest.mark.parametrize("behaviour", sorted(series.TROUBLE))
def test_a_bad_image_answers_with_errors_and_slowly(sim: Simulation, behaviour: str) -> None:
    machine = sim.machine()
    sim.advance(600)
    errors, latency = share_of_errors(sim), at_the_end(sim, P95)[""]
    assert errors < 0.01
    assert latency < 0.15
    sim.control(images={"demo:v1": behaviour})
    if behaviour == images.SLOW:
        sim.post(f"/v1/apps/demo/machines/{machine}/restart")
        later = 'sum by (status) (rate(fly_app_http_responses_count{app="demo"}[10s]))'
        sim.advance(10)
        (found, *_) = [
            one for one in ask(sim, later, start=605, end=610, step="5") if one["metric"]["status"] == "500"
        ]
        assert float(found["values"][-1][1]) > 1
        return
    assert share_of_errors(sim) > 10 * errors
    assert at_the_end(sim, P95)[""] > 2 * latency


def test_a_stuck_image_is_well_after_a_restart(sim: Simulation) -> None:
    sim.control(images={"demo:v1": images.STUCK})
    machine = sim.machine()
    sim.advance(600)
    assert share_of_errors(sim) > 0.1
    sim.post(f"/v1/apps/demo/machines/{machine}/restart")
    assert share_of_errors(sim) < 0.01


def test_what_a_machine_ran_before_its_update_is_told_by_the_releases(sim: Simulation) -> None:
    release = {"app_name": "demo", "image": "registry.fly.io/demo:v1"}
    sim.post("/api/v1/releases", release)
    machine = sim.machine(metadata={"fly_process_group": "app"})
    sim.advance(300)
    sim.control(images={"demo:v2": images.ERRS})
    sim.post("/api/v1/releases", {**release, "image": "registry.fly.io/demo:v2"})
    config = {**sim.see(machine)["config"], "image": "registry.fly.io/demo:v2"}
    sim.post(f"/v1/apps/demo/machines/{machine}", {"config": config})
    sim.advance(300)
    by_status = {one["metric"]["status"]: one["values"] for one in ask(sim, ERRORS)}
    rates = {when - NOW: float(value) for when, value in by_status["500"]}
    assert rates[300] < 0.2
    assert rates[420] > 1


def test_a_machine_without_services_has_no_http_series(sim: Simulation) -> None:
    sim.machine(services=[])
    sim.advance(600)
    assert ask(sim, ERRORS) == []
    assert ask(sim, 'sum by (instance) (rate(fly_instance_net_sent_bytes{app="demo"}[1m]))')


def test_a_token_for_one_app_sees_the_series_of_that_app_only(sim: Simulation) -> None:
    sim.control(apps=["other"])
    for app in ("demo", "other"):
        sim.machine(app=app)
    sim.advance(60)
    made = sim.ask(
        "mutation createLimitedAccessToken",
        profile="deploy",
        profileParams={"app_id": "other"},
        expiry="1h0m0s",
    )
    token = made["data"]["createLimitedAccessToken"]["limitedAccessToken"]["tokenHeader"]
    query = {"query": "fly_instance_up", "start": str(NOW), "end": str(NOW), "step": "60"}
    seen = [
        {
            one["metric"]["app"]
            for one in sim.request("GET", PATH, query=query, token=each).body["data"]["result"]
        }
        for each in (token, "fo1_test")
    ]
    assert seen == [{"other"}, {"demo", "other"}]


def test_another_organization_is_not_the_tokens(sim: Simulation) -> None:
    answer = sim.request("GET", PATH.replace("personal", "other"), query={"query": "fly_instance_up"})
    assert answer.status == 401
    assert "organization" in answer.body["error"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"query": ""}, "names no series"),
        ({"query": "fly_instance_up +"}, "not simulated"),
        ({"start": "yesterday"}, "Unix timestamps"),
        ({"end": "0"}, "before start"),
        ({"step": "0"}, "step"),
        ({"step": "soon"}, "duration"),
        ({"step": "0.001"}, "11,000 points"),
    ],
    ids=lambda one: next(iter(one.items())).__repr__() if isinstance(one, dict) else "",
)
def test_what_prometheus_would_not_take_is_an_error_as_it_puts_it(
    sim: Simulation, query: dict[str, str], said: str
) -> None:
    whole = {"query": "fly_instance_up", "start": "1000", "end": "2000", "step": "60", **query}
    answer = sim.request("GET", PATH, query=whole)
    assert (answer.status, answer.body["status"], answer.body["errorType"]) == (400, "error", "bad_data")
    assert said in answer.body["error"]
