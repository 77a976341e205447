from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flysim.simulation import Simulation, simulation


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Simulation]:
    with simulation(tmp_path / "state") as made:
        yield made
