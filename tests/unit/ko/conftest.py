"""A repo with core, to publish from."""

from pathlib import Path

import pytest

from pkg.shell.environment import load_environment
from pkg.shell.workspace import Workspace
from tests.fakes import FakeRunner, ManualClock, MemoryConsole


@pytest.fixture
def ws(tmp_path: Path, runner: FakeRunner, clock: ManualClock, console: MemoryConsole) -> Workspace:
    (tmp_path / "fly.toml").write_text('app = "infra"\n')
    (tmp_path / "core").mkdir()
    environment = load_environment(tmp_path, {}, console=console, redactor=console.redactor, clock=clock)
    return Workspace(
        root=tmp_path,
        environment=environment,
        runner=runner,
        console=console,
        clock=clock,
        redactor=console.redactor,
        passthrough=(),
        dry=False,
        sandbox=False,
        state=tmp_path / ".fly",
    )
