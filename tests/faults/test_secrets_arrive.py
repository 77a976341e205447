"""A thousand generated values, sent as we send them, read by a reader written apart from our model."""

import hashlib
import json
import random
from pathlib import Path

import pytest

from pkg.fly import secrets
from pkg.fly.client import Flyctl
from pkg.fly.secrets_wire import plan, refusal
from tests.faults.simulated import APP, World
from tests.unit.fly.test_secrets_wire import NASTY

pytestmark = pytest.mark.thorough

VALUES = 1000
AT_ONCE = 50


def digest(value: str) -> str:
    """What the simulated Fly keeps of a value (recorded: operate.json, secrets list)."""
    return hashlib.sha256(value.encode()).hexdigest()[:16]


def test_every_value_that_is_sent_is_at_fly_unchanged(tmp_path: Path) -> None:
    world = World(tmp_path)
    flyctl = Flyctl(world.runner, clock=world.clock, say=lambda _: None)
    chance = random.Random(7)
    values: dict[str, str] = {}
    while len(values) < VALUES:
        value = "".join(chance.choice(NASTY) for _ in range(chance.randint(1, 12)))
        if not refusal("VALUE", value):
            values[f"VALUE_{len(values)}"] = value
    names = list(values)
    for start in range(0, VALUES, AT_ONCE):
        some = {name: values[name] for name in names[start : start + AT_ONCE]}
        secrets.stage(flyctl, APP, plan(some), say=lambda _: None)
    there = {
        row["name"]: row["digest"] for row in json.loads(world.fly("secrets", "list", "-a", APP, "--json"))
    }
    assert {name: there[name] for name in names} == {name: digest(value) for name, value in values.items()}
    world.close()
