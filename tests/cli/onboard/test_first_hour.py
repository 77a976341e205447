"""Each step is red on the first day, and what it prints turns it green when it is typed as it is printed."""

from pathlib import Path

import pytest

from tests.cli.onboard.newcomer import FLYCTL, OP, OTHER_PYTHON, Newcomer, Step, arrive, go
from tests.cli.scratch import Scratch
from tests.unit.onboard.hire import DIRENV
from tests.unit.tools.loopback import serve
from tests.unit.tools.releases import Site

FIRST = {"git identity", "git hooks", "completion", "direnv", "flyctl", "ko", "litestream", "process-compose"}
PIN, INSTALL = "./dev inv tools.pin flyctl 0.4.87", "./dev inv tools.install flyctl"


@pytest.fixture
def newcomer(repo: Scratch, tmp_path: Path) -> Newcomer:
    return arrive(repo, tmp_path)


def named(steps: dict[str, Step], state: str) -> set[str]:
    return {name for name, step in steps.items() if step.state == state}


def test_what_is_printed_turns_each_step_green_in_the_order_in_which_it_is_printed(
    newcomer: Newcomer,
) -> None:
    newcomer.installs("go", go())
    # Seeing the tour takes longer than all the rest; that it turns its step green, its own test shows.
    (newcomer.root / ".fly" / "tour-passed").touch()
    pins = newcomer.root / "pkg" / "tools" / "pins.toml"
    lines = pins.read_text().splitlines(keepends=True)
    pins.write_text("".join(line for line in lines if not line.startswith("unconfirmed_sha256")))
    (newcomer.home / "reference").write_text("op://infra/fly/deploy-token")
    with serve() as server:
        site = Site(server, "0.4.87", FLYCTL)
        site.api["published_at"] = "2026-08-20T00:00:00Z"  # inv runs on the machine's own clock
        site.publish()
        newcomer.variables = {"INFRA_TOOLS_CACHE": str(newcomer.home / "cache"), **site.variables}

        elsewhere = newcomer.onboard("mv .venv made", with_=OTHER_PYTHON)
        assert [elsewhere[name].state for name in ("python", "uv")] == ["red", "red"]
        assert [elsewhere[name].fix for name in ("python", "uv")] == ["./dev inv onboard"] * 2

        first = newcomer.onboard("mv made .venv  # which ./dev would make, in half a minute")
        assert named(first, "green") == {"python", "environment", "uv", "manifests", "tour"}
        assert named(first, "red") == FIRST
        assert first["flyctl"].fix == PIN
        by_hand = {"direnv": DIRENV, "process-compose": "#!/bin/sh\necho v1.5.0\n", "op": OP}
        assert all(not first[name].command for name in by_hand.keys() & first.keys())
        for name, script in by_hand.items():
            newcomer.installs(name, script)

        second = newcomer.onboard(*(first[name].fix for name in FIRST - by_hand.keys()))
        assert FIRST - named(second, "green") == {"flyctl"}
        assert named(second, "red") == {"flyctl", "direnv hook", "direnv allowed"}
        assert second["flyctl"].fix == INSTALL

        third = newcomer.onboard(*(second[name].fix for name in named(second, "red")))
        assert named(third, "red") == {"1password"}
        fourth = newcomer.onboard(third["1password"].fix)
        assert named(fourth, "green") == fourth.keys()
    assert fourth["builder"].detail.endswith("built on Fly's builder, of the organization personal")
    assert fourth["git hooks"].detail == "installed"
