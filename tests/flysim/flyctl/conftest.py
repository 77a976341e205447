"""A simulation for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.flysim.flyctl.door import Door


class Replayed(Protocol):
    """Says how many rows of a recording a test replayed, and how many of them differ."""

    def __call__(self, recording: str, *, rows: int, differences: int) -> None: ...


@pytest.fixture
def replayed(record_property: Callable[[str, object], None]) -> Replayed:
    """Counts for the summary at the end of the run, which tests/conftest.py prints."""

    def count(recording: str, *, rows: int, differences: int) -> None:
        record_property("replayed", (recording, rows, differences))

    return count


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
