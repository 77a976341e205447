"""flyctl is used only when it is the right one, with a token that flyctl itself could use."""

from pathlib import Path

import pytest

from pkg.fly import argv
from pkg.fly.connect import connect, tick, token_kind
from pkg.fly.leases import END, held, wait_until_free
from pkg.fly.models import Lease, LeaseData
from pkg.fly.pin import pinned
from pkg.shell.errors import BadInput, CommandMissing, Refused
from tests.unit.fly.world import APP, World

VERSION = {"Name": "flyctl", "Version": "0.4.87", "Environment": "production", "Architecture": "amd64"}


def world(folder: Path, env: dict[str, str] | None = None, **version: str) -> World:
    made = World(folder, env=env)
    (folder / "flyctl").write_text("a program")
    made.runner.answer(*argv.version(), json={**VERSION, **version})
    return made


def test_the_pinned_flyctl_is_taken_without_a_word_and_asked_once(tmp_path: Path) -> None:
    made = world(tmp_path)
    assert connect(made.ws).version_name == "0.4.87"
    assert connect(made.ws).version_name == "0.4.87"
    assert made.console.stderr == ""
    assert len(made.runner.calls) == 1


def test_another_version_is_noted_with_the_way_to_the_right_one(tmp_path: Path) -> None:
    made = world(tmp_path, Version="0.5.0")
    connect(made.ws)
    assert "flyctl is 0.5.0, this repo is made for 0.4.87" in made.console.stderr
    assert "tools.install-flyctl" in made.console.stderr


def test_a_simulated_flyctl_is_refused_outside_of_the_sandbox(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="simulated"):
        connect(world(tmp_path, Environment="simulated").ws)


def test_a_missing_flyctl_is_told(tmp_path: Path) -> None:
    made = World(tmp_path)
    del made.runner.programs["flyctl"]
    with pytest.raises(CommandMissing):
        connect(made.ws)


@pytest.mark.parametrize(
    "text", ["", "[flyctl]\n", "[flyctl", "flyctl = 3", "[flyctl]\nversion = '1\\n2'", None]
)
def test_pins_that_cannot_be_read_are_bad_input(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "pkg" / "tools" / "pins.toml"
    if text is not None:
        path.parent.mkdir(parents=True)
        path.write_text(text)
    with pytest.raises(BadInput, match="names no version") as caught:
        pinned(tmp_path)
    assert "Error" not in caught.value.what


@pytest.mark.parametrize(
    ("env", "kind"),
    [
        ({}, "none"),
        ({"FLY_API_TOKEN": "fo1_abc"}, "personal"),
        ({"FLY_API_TOKEN": "FlyV1 fm2_abc"}, "scoped"),
        ({"FLY_API_TOKEN": "fm2_abc"}, "scoped"),
        ({"FLY_API_TOKEN": "whatever"}, "unknown"),
        ({"FLY_API_TOKEN": "FlyV1 fm2_abc", "FLY_ACCESS_TOKEN": "fo1_abc"}, "personal"),
    ],
)
def test_the_kind_of_token_is_known_by_its_looks(tmp_path: Path, env: dict[str, str], kind: str) -> None:
    assert token_kind(World(tmp_path, env=env).ws) == kind


@pytest.mark.parametrize(("text", "seconds"), [("", 2.0), ("0.05", 0.05), ("10", 10.0)])
def test_the_tick_comes_from_the_environment(tmp_path: Path, text: str, seconds: float) -> None:
    assert tick(World(tmp_path, env={"FLY_TICK": text}).ws) == seconds


@pytest.mark.parametrize("text", ["0", "-1", "soon", "nan", "inf", "1e9"])
def test_a_tick_that_is_none_is_bad_input(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput, match="FLY_TICK"):
        tick(World(tmp_path, env={"FLY_TICK": text}).ws)


def test_only_leases_that_have_not_ended_count() -> None:
    leases = {
        "a": Lease("success", LeaseData("x", 10)),
        "b": Lease("success", LeaseData("x", 20)),
        "c": Lease(),
    }
    assert list(held(leases, 15)) == ["b"]


def test_a_lease_that_never_ends_is_given_up(tmp_path: Path) -> None:
    made = World(tmp_path)
    lease = {"m1": {"status": "success", "data": {"owner": "eve@example.com", "expires_at": 2**40}}}
    made.runner.answer(*argv.machine_leases(APP, ["m1"]), json=lease, times=None)
    said: list[str] = []
    free = wait_until_free(made.flyctl, APP, ["m1"], clock=made.clock, tick=10, say=said.append)
    assert not free
    assert made.clock.monotonic() >= END
    assert len(said) == 1
    assert "eve@example.com" in said[0]


def test_leases_that_cannot_be_asked_for_stop_nobody(tmp_path: Path) -> None:
    made = World(tmp_path)
    made.runner.answer(*argv.machine_leases(APP, ["m1"]), code=70, stderr="Error: not simulated")
    assert wait_until_free(made.flyctl, APP, ["m1"], clock=made.clock, tick=1, say=print)
