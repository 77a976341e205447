"""A lease says who may change a machine for a while."""

import pytest

from tests.flysim.simulation import Simulation

MACHINES = "/v1/apps/demo/machines"
CHANGES = [
    ("POST", "", {"config": {"image": "registry.fly.io/demo:v2"}}),
    ("POST", "/stop", {}),
    ("POST", "/restart", None),
    ("POST", "/suspend", None),
    ("POST", "/cordon", None),
    ("POST", "/lease", None),
    ("DELETE", "/lease", None),
    ("DELETE", "?kill", None),
]


def test_a_lease_has_a_nonce_an_owner_and_an_end(sim: Simulation) -> None:
    machine = sim.machine()
    lease = sim.post(f"{MACHINES}/{machine}/lease", ttl="120")
    assert lease["status"] == "success"
    assert lease["data"]["owner"] == "dev@example.com"
    assert lease["data"]["expires_at"] == 1795505690 + 120
    assert lease["data"]["version"] == sim.see(machine)["instance_id"]
    assert sim.get(f"{MACHINES}/{machine}/lease") == lease


@pytest.mark.parametrize(("method", "action", "body"), CHANGES)
def test_a_change_needs_the_nonce(sim: Simulation, method: str, action: str, body: object) -> None:
    machine = sim.machine()
    nonce = sim.post(f"{MACHINES}/{machine}/lease", ttl="60")["data"]["nonce"]
    query = {"kill": "true"} if action == "?kill" else None
    path = f"{MACHINES}/{machine}{action.partition('?')[0]}"
    before = sim.see(machine)
    for wrong in (None, "", "0000000000000000"):
        refused = sim.request(method, path, body, query=query, nonce=wrong)
        assert refused.status == 409
        assert (
            "lease currently held by dev@example.com, expires at 2026-11-24T07:35:50Z"
            in refused.body["error"]
        )
    assert sim.see(machine) == before
    assert sim.request(method, path, body, query=query, nonce=nonce).status == 200


def test_reading_needs_no_lease(sim: Simulation) -> None:
    machine = sim.machine()
    sim.control(leases={machine: {"owner": "ops@example.com", "ttl": 60}})
    assert sim.state(machine) == "started"
    assert sim.get(f"{MACHINES}/{machine}/lease")["data"]["owner"] == "ops@example.com"
    assert sim.post(f"{MACHINES}/{machine}/exec", {"cmd": "ls"})["exit_code"] == 0


def test_a_lease_ends_by_itself(sim: Simulation) -> None:
    machine = sim.machine()
    sim.control(leases={"demo": {"ttl": 13}})
    assert sim.request("POST", f"{MACHINES}/{machine}/stop").status == 409
    sim.advance(13)
    assert sim.request("GET", f"{MACHINES}/{machine}/lease").status == 404
    assert sim.request("POST", f"{MACHINES}/{machine}/stop").status == 200


def test_its_holder_may_keep_it_for_longer(sim: Simulation) -> None:
    machine = sim.machine()
    path = f"{MACHINES}/{machine}/lease"
    first = sim.post(path, ttl="13")["data"]
    sim.advance(10)
    kept = sim.request("POST", path, query={"ttl": "13"}, nonce=first["nonce"]).body["data"]
    assert kept["nonce"] == first["nonce"]
    assert kept["expires_at"] == first["expires_at"] + 10


def test_giving_back_what_nobody_holds_is_no_error(sim: Simulation) -> None:
    machine = sim.machine()
    assert sim.delete(f"{MACHINES}/{machine}/lease") == {"status": "success"}
    assert sim.request("GET", f"{MACHINES}/{machine}/lease").body == {"error": "lease not found"}


def test_control_gives_a_lease_to_somebody_for_all_machines_of_an_app_and_takes_it_away(
    sim: Simulation,
) -> None:
    machines = [sim.machine(), sim.machine()]
    sim.control(leases={"demo": {}})
    assert [sim.request("POST", f"{MACHINES}/{one}/stop").status for one in machines] == [409, 409]
    sim.control(leases={"demo": None})
    assert [sim.request("POST", f"{MACHINES}/{one}/stop").status for one in machines] == [200, 200]


def test_the_lease_of_a_destroyed_machine_is_gone(sim: Simulation) -> None:
    machine = sim.machine()
    nonce = sim.post(f"{MACHINES}/{machine}/lease", ttl="60")["data"]["nonce"]
    sim.request("DELETE", f"{MACHINES}/{machine}", query={"kill": "true"}, nonce=nonce)
    assert sim.request("GET", f"{MACHINES}/{machine}/lease").status == 404
    assert sim.request("DELETE", f"{MACHINES}/{machine}/lease", nonce=nonce).status == 200
