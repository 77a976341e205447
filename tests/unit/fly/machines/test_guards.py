"""What goes with a machine, told before it is destroyed."""

from typing import Any

import msgspec

from pkg.fly.machines.guards import losses
from pkg.fly.models import Machine, Volume
from tests.unit.fly import shapes

MOUNT = {"mounts": [{"path": "/data", "volume": "vol_1", "name": "data"}]}


def machines(*found: dict[str, Any]) -> list[Machine]:
    return msgspec.convert(list(found), list[Machine])


VOLUMES = msgspec.convert([shapes.volume(attached="a")], list[Volume])


def test_the_volume_the_traffic_and_being_the_last_are_told() -> None:
    [loss] = losses(["a"], machines(shapes.machine("a", config=MOUNT)), VOLUMES)
    text = "\n".join(loss.lines)
    assert loss.last
    assert "last machine of app" in text
    assert "traffic on 443" in text
    assert "vol_1 (data, 1 GB in syd) stays" in text


def test_another_of_its_group_is_enough_unless_it_goes_too() -> None:
    two = machines(shapes.machine("a"), shapes.machine("b"))
    [alone] = losses(["a"], two, [])
    both = losses(["a", "b"], two, [])
    assert not alone.last
    assert [loss.last for loss in both] == [True, True]


def test_another_group_is_no_replacement() -> None:
    [loss] = losses(["a"], machines(shapes.machine("a"), shapes.machine("b", group="worker")), [])
    assert loss.last


def test_a_machine_that_was_made_by_hand_is_nobodys_last() -> None:
    [loss] = losses(["a"], machines(shapes.machine("a", group="", expected=0)), [])
    assert not loss.last
    assert "made by hand" in loss.lines[0]


def test_a_stopped_machine_gets_no_traffic() -> None:
    [loss] = losses(["a"], machines(shapes.machine("a", state="stopped"), shapes.machine("b")), [])
    assert "traffic" not in "\n".join(loss.lines)
