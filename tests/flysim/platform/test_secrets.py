"""Secrets: names and digests; values are kept nowhere."""

import pytest

from tests.flysim.simulation import Simulation

SECRETS = "/v1/apps/demo/secrets"


def test_a_secret_is_listed_by_name_with_the_recorded_digest(sim: Simulation) -> None:
    answer = sim.post(SECRETS, {"values": {"B": "2", "A": "1"}})
    assert answer["version"] == 1
    assert [(one["name"], one["digest"]) for one in answer["secrets"]] == [
        ("A", "6b86b273ff34fce1"),
        ("B", "d4735e3a265e16ee"),
    ]
    assert sim.get(SECRETS, version="1") == {"secrets": answer["secrets"]}


def test_null_removes_a_secret_and_every_change_is_a_version(sim: Simulation) -> None:
    sim.post(SECRETS, {"values": {"A": "1", "B": "2"}})
    answer = sim.post(SECRETS, {"values": {"A": None, "NONE": None}})
    assert answer["version"] == 2
    assert [one["name"] for one in answer["secrets"]] == ["B"]


def test_a_secret_that_is_set_again_remembers_since_when_it_is_there(sim: Simulation) -> None:
    first = sim.post(SECRETS, {"values": {"A": "1"}})["secrets"][0]
    sim.advance(60)
    again = sim.post(SECRETS, {"values": {"A": "other"}})["secrets"][0]
    assert again["created_at"] == first["created_at"]
    assert again["updated_at"] == "2026-11-24T07:35:50Z"
    assert again["digest"] != first["digest"]


@pytest.mark.parametrize("body", [None, {}, {"values": {}}, {"values": []}, {"values": {"A": 1}}])
def test_malformed_values_are_refused_whole(sim: Simulation, body: object) -> None:
    assert sim.request("POST", SECRETS, body).status == 422
    mixed = {"values": {"GOOD": "1", "BAD": 2}}
    assert sim.request("POST", SECRETS, mixed).status == 422
    assert sim.get(SECRETS) == {"secrets": []}


def test_no_value_is_in_the_state(sim: Simulation) -> None:
    sim.post(SECRETS, {"values": {"PASSWORD": "correct-horse-battery-staple"}})
    stored = b"".join(path.read_bytes() for path in sim.folder.iterdir())
    assert b"PASSWORD" in stored
    assert b"correct-horse" not in stored
