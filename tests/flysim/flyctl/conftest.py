"""A simulation for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flysim.flyctl.door import Door


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """The simulated flyctl over an empty app `demo`, with the manifest of two process groups."""
    opened = Door(tmp_path, "fly.toml")
    yield opened
    opened.close()


@pytest.fixture
def deployed(door: Door) -> Door:
    """The same, after a first deploy: two web machines, a worker and its standby."""
    door.ok("deploy", "-y")
    return door
