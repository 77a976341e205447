"""Faults strike the requests they match, as often as they were laid, before or after the effect."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flysim.simulation import Simulation

MACHINES = "/v1/apps/demo/machines"
ROOT = Path(__file__).resolve().parents[3]


def test_a_fault_strikes_as_often_as_it_was_laid(sim: Simulation) -> None:
    sim.control(fail={"GET /v1/apps/demo/machines$": [503, 2]})
    answers = [sim.request("GET", MACHINES) for _ in range(3)]
    assert [answer.status for answer in answers] == [503, 503, 200]
    assert answers[0].body == {"error": "injected 503"}


def test_it_leaves_other_requests_alone(sim: Simulation) -> None:
    machine = sim.machine()
    sim.control(fail={"GET /v1/apps/demo/machines$": [500, 1]})
    assert sim.state(machine) == "started"
    assert sim.request("POST", f"{MACHINES}/{machine}/stop").status == 200
    assert sim.request("GET", MACHINES).status == 500


@pytest.mark.parametrize("pattern", ["^query appcompact:app$", "POST /graphql", "graphql"])
def test_a_graphql_operation_has_a_name_to_match(sim: Simulation, pattern: str) -> None:
    sim.control(fail={pattern: [429, 1]})
    body = {"operation": "query appcompact:app", "variables": {"appName": "demo"}}
    assert sim.request("POST", "/graphql", body).status == 429
    assert sim.request("POST", "/graphql", body).status == 200


def test_a_pattern_may_match_the_query_too(sim: Simulation) -> None:
    sim.control(fail={r"secrets\?version=2": [500, 9]})
    assert sim.request("GET", "/v1/apps/demo/secrets", query={"version": "1"}).status == 200
    assert sim.request("GET", "/v1/apps/demo/secrets", query={"version": "2"}).status == 500


@pytest.mark.parametrize(("when", "state"), [("before", "started"), ("after", "stopped")])
def test_it_strikes_before_or_after_the_effect(sim: Simulation, when: str, state: str) -> None:
    machine = sim.machine()
    sim.control(fail={"/stop$": {"status": 500, "when": when}})
    assert sim.request("POST", f"{MACHINES}/{machine}/stop").status == 500
    assert sim.state(machine) == state


def test_laying_faults_anew_takes_away_the_old_ones(sim: Simulation) -> None:
    sim.control(fail={".*": [401, 99]})
    assert sim.request("GET", MACHINES).status == 401
    sim.control(fail={"x": [1, 0]})
    assert sim.request("GET", MACHINES).status == 200
    assert "fail" not in sim.control()


def test_a_wait_and_an_unknown_request_can_fail_too(sim: Simulation) -> None:
    machine = sim.machine()
    sim.control(fail={"/wait": [500, 1], "/nosuch": [502, 1]})
    assert sim.request("GET", f"{MACHINES}/{machine}/wait", query={"timeout": "1"}).status == 500
    assert sim.request("GET", "/nosuch").status == 502
    assert sim.request("GET", "/nosuch").status == 501


def test_an_answer_may_be_cut_short(sim: Simulation) -> None:
    sim.control(truncate={"GET /v1/apps/demo$": 1, "flyctl status": 1})
    assert sim.request("GET", "/v1/apps/demo").truncated is True
    assert sim.request("GET", "/v1/apps/demo").truncated is False
    assert [sim.platform.truncates("flyctl status --json") for _ in range(2)] == [True, False]


DYING = """
import json, sys
sys.path.insert(0, {root!r})
from pkg.flysim.platform import Platform
platform = Platform({state!r})
print(platform.request("POST", "/v1/apps/demo/machines/{machine}/stop", token="x").status, flush=True)
platform.step("deploy.leases")
print("lived", flush=True)
"""


def dying(sim: Simulation, machine: str) -> subprocess.CompletedProcess[str]:
    code = DYING.format(root=str(ROOT), state=str(sim.folder), machine=machine)
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30
    )


@pytest.mark.parametrize(
    ("step", "state", "printed"),
    [
        ("before POST /v1/.*/stop", "started", ""),
        ("after POST /v1/.*/stop", "stopped", ""),
        (r"deploy\.leases", "stopped", "200\n"),
    ],
)
def test_a_process_dies_at_the_step_that_was_named_once(
    sim: Simulation, step: str, state: str, printed: str
) -> None:
    machine = sim.machine()
    sim.control(die={"step": step})
    died = dying(sim, machine)
    assert (died.returncode, died.stdout) == (-signal.SIGKILL, printed)
    assert sim.state(machine) == state
    assert dying(sim, machine).stdout == "200\nlived\n"


def test_the_settings_show_what_is_left_of_a_fault(sim: Simulation) -> None:
    sim.control(fail={"GET": [500, 3]})
    sim.request("GET", MACHINES)
    assert sim.control()["fail"] == [{"pattern": "GET", "status": 500, "times": 2, "when": "before"}]
    assert json.dumps(sim.control())
