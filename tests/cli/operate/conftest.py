"""A repo on a simulated Fly with secrets.toml and the page of domains, copied for each test."""

import shutil
from pathlib import Path

import pytest

from tests.cli.fly.repo import ROOT, Repo

SECRETS = '[infra]\nSYNCED = "op://infra/core/synced"\n'


@pytest.fixture(scope="session")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    repo = Repo.new(tmp_path_factory.mktemp("operated"))
    (repo.root / "secrets.toml").write_text(SECRETS)
    (repo.root / "docs" / "infra").mkdir(parents=True)
    shutil.copy(ROOT / "docs/infra/domains.md", repo.root / "docs/infra/domains.md")
    return repo


@pytest.fixture
def repo(operated: Repo, tmp_path: Path) -> Repo:
    return operated.copy(tmp_path)
