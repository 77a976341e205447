"""A copy of the repo for each test, with a simulation that is seeded once."""

from pathlib import Path

import pytest

from tests.cli import scratch
from tests.cli.scratch import Scratch


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return scratch.make(tmp_path_factory.mktemp("seeded") / "repo")


@pytest.fixture
def repo(seeded: Scratch, tmp_path: Path) -> Scratch:
    return scratch.copy(seeded, tmp_path / "repo")
