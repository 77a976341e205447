"""Machines are made, listed, changed and destroyed as Fly's Machines API does it."""

import pytest

from tests.flysim.simulation import Simulation

MACHINES = "/v1/apps/demo/machines"


def test_the_recordings_requests_give_the_recordings_ids(sim: Simulation) -> None:
    volume = sim.post("/v1/apps/demo/volumes", {"name": "data", "region": "syd", "size_gb": 1})
    release = sim.post("/api/v1/releases", {"app_name": "demo", "image": "registry.fly.io/demo:v1"})
    machine = sim.see(sim.machine())
    assert volume["id"] == "vol_3bfc269594ef6492"
    assert release["release"]["id"] == "db77fd01af957221"
    assert machine["id"] == "153812ae5fea0b"
    assert machine["instance_id"] == "9A83C6CB1126D93DE4A30715B2"
    assert machine["version"] == "E0D2747B9AB7ABB6EB65E0373F"
    assert [event["id"] for event in machine["events"]] == [
        "B82E000CBEF9D5A19B63C28407",
        "ED8C033FE2B4CF0AAA5C47F03C",
    ]
    assert machine["image_ref"]["digest"].startswith("sha256:bad8651d74dd98721f30c0bb128d806d")


def test_a_machine_keeps_its_configuration_as_it_was_sent(sim: Simulation) -> None:
    config = {"image": "registry.fly.io/demo:v1", "guest": {"cpus": 2}, "anything": [1, None, {"x": "ä"}]}
    made = sim.post(MACHINES, {"config": config, "region": "iad"})
    assert made["config"] == config
    assert sim.see(made["id"]) == made
    assert made["region"] == "iad"


def test_an_update_gives_a_new_instance_of_the_same_machine(sim: Simulation) -> None:
    machine = sim.machine()
    before = sim.see(machine)
    sim.post(f"{MACHINES}/{machine}", {"config": {"image": "registry.fly.io/demo:v2"}, "name": "web"})
    after = sim.see(machine)
    assert after["instance_id"] != before["instance_id"]
    assert after["version"] == before["version"]
    assert after["name"] == "web"
    assert after["image_ref"]["tag"] == "v2"
    assert after["created_at"] == before["created_at"]
    assert [event["type"] for event in after["events"]][:2] == ["start", "replacing"]


def test_an_update_of_a_stopped_machine_with_skip_launch_leaves_it_stopped(sim: Simulation) -> None:
    machine = sim.machine()
    sim.post(f"{MACHINES}/{machine}/stop")
    config = {"image": "registry.fly.io/demo:v2"}
    sim.post(f"{MACHINES}/{machine}", {"config": config, "skip_launch": True})
    assert sim.state(machine) == "stopped"
    assert sim.see(machine)["image_ref"]["tag"] == "v2"


def test_machines_are_listed_oldest_first_and_destroyed_ones_only_on_request(sim: Simulation) -> None:
    first, second, third = sim.machine(), sim.machine(), sim.machine()
    sim.delete(f"{MACHINES}/{second}", kill="true")
    assert [one["id"] for one in sim.get(MACHINES)] == [first, third]
    assert [one["id"] for one in sim.get(MACHINES, include_deleted="true")] == [first, second, third]
    assert sim.state(second) == "destroyed"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "stopped"}, ["worker"]),
        ({"state": "started,stopped"}, ["web", "worker"]),
        ({"region": "iad"}, ["worker"]),
        ({"metadata.fly_process_group": "web"}, ["web"]),
        ({"metadata.nothing": "web"}, []),
        ({"unknown": "ignored"}, ["web", "worker"]),
    ],
)
def test_a_list_may_be_narrowed(sim: Simulation, query: dict[str, str], found: list[str]) -> None:
    sim.machine(metadata={"fly_process_group": "web"})
    worker = sim.machine(region="iad", metadata={"fly_process_group": "worker"})
    sim.post(f"{MACHINES}/{worker}/stop")
    listed = sim.get(MACHINES, **query)
    assert [one["config"]["metadata"]["fly_process_group"] for one in listed] == found


def test_a_machine_that_runs_is_not_destroyed_without_force(sim: Simulation) -> None:
    machine = sim.machine()
    assert sim.request("DELETE", f"{MACHINES}/{machine}").status == 412
    assert sim.state(machine) == "started"
    assert sim.delete(f"{MACHINES}/{machine}", force="true") == {"ok": True}
    assert sim.delete(f"{MACHINES}/{machine}") == {"ok": True}


@pytest.mark.parametrize("machine", ["nosuch", "00000000000000", "%00", "a%2Fb"])
def test_an_unknown_machine_is_not_found(sim: Simulation, machine: str) -> None:
    answer = sim.request("GET", f"{MACHINES}/{machine}")
    assert (answer.status, answer.body) == (404, {"error": "machine not found"})


def test_a_machine_of_another_app_is_not_found(sim: Simulation) -> None:
    sim.control(apps=["other"])
    machine = sim.machine()
    assert sim.request("GET", f"/v1/apps/other/machines/{machine}").status == 404


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        {"config": None},
        {"config": []},
        {"config": {}},
        {"config": {"image": ""}},
        {"config": {"image": 7}},
        {"config": {"image": "registry.fly.io/demo:v1", "services": {}}},
        {"config": {"image": "registry.fly.io/demo:v1", "services": [1]}},
        {"config": {"image": "registry.fly.io/demo:v1", "services": [{"checks": [1]}]}},
        {"config": {"image": "registry.fly.io/demo:v1", "mounts": ["data"]}},
        {"config": {"image": "registry.fly.io/demo:v1", "metadata": []}},
        {"config": {"image": "registry.fly.io/demo:v1", "checks": []}},
        {"config": {"image": "registry.fly.io/demo:v1", "restart": "always"}},
        {"config": {"image": "registry.fly.io/demo:v1", "restart": {"max_retries": 10**9}}},
        {"config": {"image": "registry.fly.io/demo:v1"}, "region": "moon"},
        {"config": {"image": "registry.fly.io/demo:v1"}, "region": 7},
    ],
)
def test_a_malformed_machine_is_refused_and_nothing_is_made(sim: Simulation, body: object) -> None:
    answer = sim.request("POST", MACHINES, body)
    assert 400 <= answer.status < 500
    assert answer.body["error"]
    assert sim.get(MACHINES) == []


@pytest.mark.parametrize(
    "image", ["registry.fly.io/demo:missing", "registry.fly.io/demo:missing-2", ":", "@x"]
)
def test_no_machine_is_made_of_an_image_that_does_not_exist(sim: Simulation, image: str) -> None:
    answer = sim.request("POST", MACHINES, {"config": {"image": image}})
    assert answer.status == 404
    assert image in answer.body["error"]
    assert sim.get("/v1/apps/demo")["machine_count"] == 0


def test_two_live_machines_never_share_a_name(sim: Simulation) -> None:
    body = {"config": {"image": "registry.fly.io/demo:v1"}, "name": "web"}
    first = sim.post(MACHINES, body)["id"]
    assert sim.request("POST", MACHINES, body).status == 409
    sim.delete(f"{MACHINES}/{first}", kill="true")
    assert sim.post(MACHINES, body)["name"] == "web"


def test_the_state_keeps_a_hundred_destroyed_machines(sim: Simulation) -> None:
    for _ in range(102):
        sim.delete(f"{MACHINES}/{sim.machine()}", kill="true")
    assert sim.get("/v1/apps/demo")["machine_count"] == 100
