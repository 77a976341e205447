"""The recordings against a real flyctl: does what they say still hold? Run by `nox -s contract`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.contract import comparing
from tests.contract.conftest import NOTHING
from tests.flysim.flyctl.replaying import RECORDINGS, Replay, facts

pytestmark = [pytest.mark.contract, pytest.mark.timeout(900)]


@pytest.fixture
def flyctl() -> Path:
    """The real flyctl; without one there is nothing to compare."""
    found = comparing.find(os.environ["PATH"])
    if found is None:
        pytest.skip(NOTHING)
    return found


def test_it_is_the_version_that_was_recorded(flyctl: Path) -> None:
    assert comparing.version_differences(flyctl) == []


def test_it_parses_every_recorded_argv_as_recorded(flyctl: Path, tmp_path: Path) -> None:
    found = comparing.grammar_differences(flyctl, comparing.grammar_rows(), tmp_path)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", RECORDINGS)
def test_it_answers_every_recorded_row_as_recorded_when_the_simulation_is_its_platform(
    flyctl: Path, tmp_path: Path, name: str
) -> None:
    with comparing.served(flyctl, tmp_path, facts(name)["manifest"]) as door:
        found = list(Replay(name, door).differences())
    assert not found, "\n".join(found)
