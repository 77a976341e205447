import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from tests.docs.scratch import Scratch, make


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Scratch:
    """A seeded copy of the repo that no test writes to; parallel workers share one."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "docs-template"
    with FileLock(f"{folder}.lock"):
        if not (folder / "made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (folder / "made").touch()
    return Scratch(folder / "repo", folder / "state")


@pytest.fixture
def scratch(template: Scratch, tmp_path: Path) -> Scratch:
    """A copy of its own, which a test may change."""
    return template.copy_to(tmp_path)
