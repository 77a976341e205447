"""A repo on a simulated Fly, made once for each worker and copied for each test."""

from pathlib import Path

import pytest

from tests.cli.fly.repo import Repo


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    return Repo.new(tmp_path_factory.mktemp("made"))


@pytest.fixture
def repo(made: Repo, tmp_path: Path) -> Repo:
    return made.copy(tmp_path)


@pytest.fixture(scope="session")
def made_before(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    return Repo.new(tmp_path_factory.mktemp("made-before"), ago=3600)


@pytest.fixture
def past(made_before: Repo, tmp_path: Path) -> Repo:
    """A repo whose apps run for an hour already, so that something was measured."""
    return made_before.copy(tmp_path)
