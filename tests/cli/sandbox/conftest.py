"""A copy of the repo with a seeded simulation, made once; each test gets a copy of that."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.scratch import Scratch, shared


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Scratch:
    return shared(tmp_path_factory.getbasetemp(), worker_id)


@pytest.fixture
def scratch(made: Scratch, tmp_path: Path) -> Iterator[Scratch]:
    yield made.copy_to(tmp_path)
    shutil.rmtree(tmp_path, ignore_errors=True)
