"""Checks say what the image, the machine's state and control make of them."""

import pytest

from tests.flysim.simulation import Simulation

MACHINES = "/v1/apps/demo/machines"


def test_each_check_of_the_configuration_is_there_by_name(sim: Simulation) -> None:
    services = [
        {"internal_port": 8080, "checks": [{"type": "http"}, {"type": "tcp"}]},
        {"internal_port": 9090, "checks": [{"type": "tcp"}]},
        {"internal_port": 7070},
    ]
    machine = sim.machine(services=services, checks={"alive": {"type": "tcp", "port": 1}})
    assert [check["name"] for check in sim.see(machine)["checks"]] == [
        "alive",
        "servicecheck-00-http-8080",
        "servicecheck-01-tcp-8080",
        "servicecheck-02-tcp-9090",
    ]


def test_a_machine_without_checks_shows_none(sim: Simulation) -> None:
    assert sim.see(sim.machine("bad", services=[]))["checks"] == []


@pytest.mark.parametrize(("tag", "status"), [("v1", "passing"), ("bad", "critical")])
def test_a_machine_that_runs_passes_as_its_image_is(sim: Simulation, tag: str, status: str) -> None:
    check = sim.see(sim.machine(tag))["checks"][0]
    assert (check["status"], check["output"]) == (status, "")
    assert check["updated_at"] == "2026-11-24T07:34:50Z"


@pytest.mark.parametrize("action", ["stop", "suspend"])
def test_a_machine_that_does_not_run_refuses_connections(sim: Simulation, action: str) -> None:
    machine = sim.machine()
    sim.post(f"{MACHINES}/{machine}/{action}")
    check = sim.see(machine)["checks"][0]
    assert (check["status"], check["output"]) == ("warning", "connect: connection refused")


def test_a_slow_image_passes_twenty_seconds_after_each_start(sim: Simulation) -> None:
    sim.control(images={"demo:v1": "slow"})
    machine = sim.machine()
    sim.advance(19)
    assert sim.check(machine) == "critical"
    sim.advance(1)
    assert sim.check(machine) == "passing"
    sim.post(f"{MACHINES}/{machine}/restart")
    assert sim.check(machine) == "critical"


def test_a_stuck_image_passes_once_it_was_restarted_but_not_after_the_next_deploy(sim: Simulation) -> None:
    sim.control(images={"demo:v1": "stuck"})
    machine = sim.machine()
    assert sim.check(machine) == "critical"
    sim.post(f"{MACHINES}/{machine}/restart")
    assert sim.check(machine) == "passing"
    sim.post(f"{MACHINES}/{machine}", {"config": sim.see(machine)["config"]})
    assert sim.check(machine) == "critical"


@pytest.mark.parametrize("status", ["warning", "critical"])
def test_control_may_set_all_checks(sim: Simulation, status: str) -> None:
    machine = sim.machine()
    sim.control(checks=status)
    assert sim.check(machine) == status
    sim.control(checks="passing")
    assert sim.check(machine) == "passing"


def test_passing_by_control_does_not_heal_a_bad_image(sim: Simulation) -> None:
    sim.control(checks="passing")
    assert sim.check(sim.machine("bad")) == "critical"


def test_control_may_set_the_checks_of_one_machine(sim: Simulation) -> None:
    one, other = sim.machine(), sim.machine()
    sim.control(checks={one: "critical"})
    assert (sim.check(one), sim.check(other)) == ("critical", "passing")
    sim.control(checks={one: "critical", "*": "warning"})
    assert (sim.check(one), sim.check(other)) == ("critical", "warning")


def test_flapping_checks_change_every_five_seconds(sim: Simulation) -> None:
    machine = sim.machine()
    sim.control(checks="flapping")
    seen = []
    for _ in range(6):
        seen.append(sim.check(machine))
        sim.advance(2.5)
    assert seen in (
        ["passing"] * 2 + ["critical"] * 2 + ["passing"] * 2,
        ["critical"] * 2 + ["passing"] * 2 + ["critical"] * 2,
    )
