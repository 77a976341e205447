"""Every row of the recordings, in order, against the simulation: none may differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkg.flysim.flyctl.surface import load
from tests.flysim.flyctl.conftest import Replayed
from tests.flysim.flyctl.door import Door
from tests.flysim.flyctl.replaying import RECORDINGS, Replay, facts


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_row_of_a_recording_is_answered_as_the_real_one_answered_it(
    name: str, tmp_path: Path, replayed: Replayed
) -> None:
    door = Door(tmp_path, facts(name)["manifest"])
    replay = Replay(name, door)
    found = list(replay.differences())
    door.close()
    replayed(f"{name}.json", rows=sum("setup" not in row for row in replay.rows), differences=len(found))
    assert found == []


@pytest.mark.parametrize("name", RECORDINGS)
def test_recordings_are_of_the_version_that_the_surface_is_of(name: str) -> None:
    assert facts(name)["flyctl_version"] == load().version
