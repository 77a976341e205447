"""The same seed and the same requests give the same bytes; another seed gives others."""

import json
from pathlib import Path

import pytest

from tests.flysim.simulation import Simulation, simulation


def day(sim: Simulation) -> str:
    """Everything that was answered on a day with something of all kinds."""
    machines = "/v1/apps/demo/machines"
    answers = [
        sim.control(lag=[0.5, 2], images={"demo:v2": "crashes"}),
        sim.post("/v1/apps/demo/volumes", {"name": "data"}),
        sim.post("/v1/apps/demo/ip_assignments", {"type": "v4"}),
        sim.post("/api/v1/releases", {"app_name": "demo", "image": "registry.fly.io/demo:v1"}),
        sim.see(machine := sim.machine()),
        sim.post(f"{machines}/{machine}/lease", ttl="1"),
    ]
    sim.advance(3)
    answers += [
        sim.post(f"{machines}/{machine}", {"config": {"image": "registry.fly.io/demo:v2"}}),
        sim.post("/v1/apps/demo/secrets", {"values": {"A": "1"}}),
        sim.post("/v1/apps/demo/certificates/acme", {"hostname": "www.example.com"}),
        sim.ask(
            "mutation createLimitedAccessToken", name="ci", profileParams={"app_id": "demo"}, expiry="1h"
        ),
    ]
    sim.advance(30)
    answers += [sim.get(machines), sim.ask("query app", appName="demo"), sim.control()]
    return json.dumps(answers)


@pytest.mark.parametrize("seed", ["", 7, "seven"])
def test_a_seed_gives_the_same_bytes_twice(tmp_path: Path, seed: int | str) -> None:
    days = []
    for name in ("one", "two"):
        with simulation(tmp_path / name) as sim:
            sim.control(seed=seed)
            days.append(day(sim))
    assert days[0] == days[1]


def test_another_seed_gives_other_ids(tmp_path: Path) -> None:
    found = []
    for seed in (1, 2):
        with simulation(tmp_path / str(seed)) as sim:
            sim.control(seed=seed)
            found.append(sim.see(sim.machine()))
    for key in ("id", "instance_id", "version"):
        assert found[0][key] != found[1][key]
    assert found[0]["image_ref"] == found[1]["image_ref"]


def test_no_two_machines_share_an_id(sim: Simulation) -> None:
    made = [sim.machine() for _ in range(50)]
    assert len(set(made)) == 50
    assert all(len(machine) == 14 and int(machine, 16) >= 0 for machine in made)
