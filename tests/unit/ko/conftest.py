"""A repo with core, to publish from."""

from pathlib import Path

import pytest

from pkg.shell.workspace import Workspace
from tests.fakes import FakeRunner, ManualClock, MemoryConsole, workspace


@pytest.fixture
def ws(tmp_path: Path, runner: FakeRunner, clock: ManualClock, console: MemoryConsole) -> Workspace:
    (tmp_path / "fly.toml").write_text('app = "infra"\n')
    (tmp_path / "core").mkdir()
    return workspace(tmp_path, runner, console, clock)
