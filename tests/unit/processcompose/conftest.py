"""A copy of the repo's tenants that a test may break."""

import shutil
from pathlib import Path

import pytest

from tests.unit.processcompose.breaking import ROOT


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the repo's tenants, beside a default app."""
    shutil.copytree(ROOT / "processcompose", tmp_path / "processcompose")
    (tmp_path / "fly.toml").write_text('app = "infra"\nprimary_region = "syd"\n')
    return tmp_path
