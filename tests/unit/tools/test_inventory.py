"""Where the cache is, and where it may not be."""

from pathlib import Path

import platformdirs
import pytest

from pkg.shell.environment import Environment
from pkg.shell.errors import BadInput
from pkg.shell.redact import Redactor
from pkg.shell.workspace import Workspace
from pkg.tools import inventory
from pkg.tools.pins import FILE, PATH, load
from tests import fakes
from tests.fakes import FakeRunner, ManualClock, MemoryConsole


def workspace(root: Path, variables: dict[str, str], runner: FakeRunner | None = None) -> Workspace:
    redactor, clock = Redactor(), ManualClock()
    console = MemoryConsole(redactor)
    process = {"PATH": "", **variables}
    environment = Environment(root, process, console=console, redactor=redactor, clock=clock)
    return fakes.workspace(root, runner or FakeRunner(), console, clock, environment=environment)


def test_the_cache_is_the_users_own_and_the_links_are_the_checkouts(tmp_path: Path) -> None:
    found = inventory.store(workspace(tmp_path, {}))
    assert found.cache == platformdirs.user_cache_path("infra-tools").resolve()
    assert found.links == tmp_path / ".tools" / "bin"


def test_the_cache_can_be_elsewhere_and_a_relative_one_is_the_checkouts(tmp_path: Path) -> None:
    assert inventory.store(workspace(tmp_path, {"INFRA_TOOLS_CACHE": "c"})).cache == tmp_path / "c"
    elsewhere = str(tmp_path / "elsewhere")
    assert inventory.store(workspace(tmp_path / "root", {"INFRA_TOOLS_CACHE": elsewhere})).cache == Path(
        elsewhere
    )


@pytest.mark.parametrize(
    "variables",
    [
        {"INFRA_TOOLS_CACHE": "~/.fly"},
        {"INFRA_TOOLS_CACHE": "~/.fly/bin"},
        {"INFRA_TOOLS_CACHE": "fly/cache", "FLYCTL_INSTALL": "FOLDER/fly"},
    ],
)
def test_the_cache_is_never_where_flyctl_replaces_itself(tmp_path: Path, variables: dict[str, str]) -> None:
    told = {name: value.replace("FOLDER", str(tmp_path)) for name, value in variables.items()}
    with pytest.raises(BadInput, match="where flyctl replaces itself"):
        inventory.store(workspace(tmp_path, told))


def test_one_tool_is_looked_at_alone(tmp_path: Path, runner: FakeRunner) -> None:
    runner.answer("sysctl", "-n", "hw.optional.arm64", stdout="0", times=None)
    runner.answer("op", "--version", stdout=f"{load()['op'].version}", times=None)
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text(PATH.read_text())
    ws = workspace(tmp_path, {"INFRA_TOOLS_CACHE": "c"}, runner)
    assert not inventory.look(ws, "op").sound
    runner.programs["op"] = Path("/usr/bin/op")
    assert inventory.look(ws, "op").path == "/usr/bin/op"
    asked = len(runner.calls)
    assert inventory.look(ws, "ko").next == "inv tools.install ko"
    assert "op" not in {call.argv[0] for call in runner.calls[asked:]}
