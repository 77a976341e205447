"""Volumes are made, forked, extended, attached and destroyed."""

import pytest

from tests.flysim.simulation import Simulation

VOLUMES = "/v1/apps/demo/volumes"
MACHINES = "/v1/apps/demo/machines"


def volume(sim: Simulation, **more: object) -> str:
    return str(sim.post(VOLUMES, {"name": "data", "region": "syd", "size_gb": 1, **more})["id"])


def test_a_volume_is_as_it_was_asked_for(sim: Simulation) -> None:
    made = sim.post(VOLUMES, {"name": "data", "region": "iad", "size_gb": 3, "snapshot_retention": 9})
    assert (made["name"], made["region"], made["size_gb"], made["snapshot_retention"]) == (
        "data",
        "iad",
        3,
        9,
    )
    assert made["state"] == "created"
    assert made["attached_machine_id"] is None
    assert sim.get(VOLUMES) == [made]
    assert sim.get(f"{VOLUMES}/{made['id']}") == made


def test_zero_and_null_mean_the_default(sim: Simulation) -> None:
    made = sim.post(VOLUMES, {"name": "data", "size_gb": 0, "snapshot_retention": None})
    assert (made["size_gb"], made["region"], made["snapshot_retention"]) == (1, "syd", 5)


def test_a_fork_has_its_sources_size_and_region(sim: Simulation) -> None:
    source = volume(sim, region="iad", size_gb=7)
    fork = sim.post(VOLUMES, {"name": "data", "region": "", "size_gb": None, "source_volume_id": source})
    assert (fork["size_gb"], fork["region"]) == (7, "iad")
    assert fork["id"] != source


def test_a_machine_that_mounts_a_volume_has_it_until_it_is_destroyed(sim: Simulation) -> None:
    data = volume(sim)
    machine = sim.machine(mounts=[{"path": "/data", "volume": data}])
    assert sim.get(f"{VOLUMES}/{data}")["attached_machine_id"] == machine
    sim.delete(f"{MACHINES}/{machine}", kill="true")
    assert sim.get(f"{VOLUMES}/{data}")["attached_machine_id"] is None


def test_a_machine_lets_go_of_a_volume_that_it_no_longer_mounts(sim: Simulation) -> None:
    first, second = volume(sim), volume(sim)
    machine = sim.machine(mounts=[{"volume": first}])
    config = {"image": "registry.fly.io/demo:v1", "mounts": [{"volume": second}]}
    sim.post(f"{MACHINES}/{machine}", {"config": config})
    assert [one["attached_machine_id"] for one in sim.get(VOLUMES)] == [None, machine]


@pytest.mark.parametrize("why", ["taken", "elsewhere", "unknown"])
def test_a_volume_that_cannot_be_mounted_stops_the_machine_from_being_made(sim: Simulation, why: str) -> None:
    data = volume(sim)
    if why == "taken":
        sim.machine(mounts=[{"volume": data}])
    count = sim.get("/v1/apps/demo")["machine_count"]
    mount = {"volume": "vol_nosuch" if why == "unknown" else data}
    config = {"image": "registry.fly.io/demo:v1", "mounts": [mount]}
    region = "iad" if why == "elsewhere" else "syd"
    answer = sim.request("POST", MACHINES, {"config": config, "region": region})
    assert answer.status in {404, 412}
    assert mount["volume"] in answer.body["error"]
    assert sim.get("/v1/apps/demo")["machine_count"] == count


def test_a_volume_gets_larger_but_never_smaller(sim: Simulation) -> None:
    data = volume(sim, size_gb=2)
    assert sim.put(f"{VOLUMES}/{data}/extend", {"size_gb": 3})["volume"]["size_gb"] == 3
    assert sim.put(f"{VOLUMES}/{data}/extend", {"size_gb": 3})["needs_restart"] is False
    for size in (1, 0, -1, 501, "4", 2.5, True):
        assert sim.request("PUT", f"{VOLUMES}/{data}/extend", {"size_gb": size}).status == 422
    assert sim.get(f"{VOLUMES}/{data}")["size_gb"] == 3


def test_a_destroyed_volume_is_gone(sim: Simulation) -> None:
    data = volume(sim)
    assert sim.delete(f"{VOLUMES}/{data}")["state"] == "pending_destroy"
    assert sim.get(VOLUMES) == []
    assert sim.request("GET", f"{VOLUMES}/{data}").body == {"error": f"not found: '{data}'"}


def test_a_snapshot_is_listed_once_it_was_made(sim: Simulation) -> None:
    data = volume(sim, size_gb=2)
    assert sim.get(f"{VOLUMES}/{data}/snapshots") == []
    assert sim.post(f"{VOLUMES}/{data}/snapshots") == []
    (snapshot,) = sim.get(f"{VOLUMES}/{data}/snapshots")
    assert snapshot["retention_days"] == 5
    restored = sim.post(VOLUMES, {"name": "data", "snapshot_id": snapshot["id"]})
    assert restored["state"] == "created"
    assert sim.request("POST", VOLUMES, {"name": "data", "snapshot_id": "vs_nosuch"}).status == 404


def test_how_snapshots_are_kept_can_be_changed(sim: Simulation) -> None:
    data = volume(sim)
    changed = sim.put(f"{VOLUMES}/{data}", {"snapshot_retention": 30, "auto_backup_enabled": False})
    assert (changed["snapshot_retention"], changed["auto_backup_enabled"]) == (30, False)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "with space"},
        {"name": "x" * 31},
        {"name": 7},
        {"name": "data", "region": "moon"},
        {"name": "data", "size_gb": -1},
        {"name": "data", "size_gb": 501},
        {"name": "data", "size_gb": "1"},
        {"name": "data", "source_volume_id": "vol_nosuch"},
        {"name": "data", "source_volume_id": 7},
    ],
)
def test_a_malformed_volume_is_refused(sim: Simulation, body: object) -> None:
    assert 400 <= sim.request("POST", VOLUMES, body).status < 500
    assert sim.get(VOLUMES) == []


def test_a_volume_of_another_app_is_not_found(sim: Simulation) -> None:
    sim.control(apps=["other"])
    data = volume(sim)
    assert sim.request("GET", f"/v1/apps/other/volumes/{data}").status == 404
