from pathlib import Path

import pytest

from tests.docs.scratch import Scratch, shared


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Scratch:
    return shared(tmp_path_factory.getbasetemp(), worker_id)


@pytest.fixture
def scratch(template: Scratch, tmp_path: Path) -> Scratch:
    """A copy of its own, which a test may change."""
    return template.copy_to(tmp_path)
