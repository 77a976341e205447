"""A tenant that runs here has its volume in a folder."""

import shutil
from pathlib import Path

import pytest

from pkg.processcompose import local
from pkg.processcompose.tenant import read
from pkg.shell.errors import BadInput

ROOT = Path(__file__).resolve().parents[3]


def test_what_lives_on_the_volume_moves_into_the_folder(tmp_path: Path) -> None:
    argv, cwd, env = local.up(ROOT, "notes", tmp_path)
    assert argv == ["process-compose", "up", "--config", "process-compose.yaml"]
    assert cwd == ROOT / "processcompose/notes"
    assert env == {
        "DATABASE": str(tmp_path / "notes.db"),
        "LITESTREAM_SOCKET": str(tmp_path / "litestream.sock"),
        "REPLICA_URL": f"file://{tmp_path}/replica",
        "PC_NO_SERVER": "1",
    }


def test_an_unknown_tenant_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="use one of: notes, relay"):
        local.up(ROOT, "note", tmp_path)


def test_a_tenant_whose_files_are_wrong_is_not_started(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "processcompose", tmp_path / "processcompose")
    path = tmp_path / "processcompose/notes/process-compose.yaml"
    path.write_text(path.read_text().replace("path: /ready", "url: /ready"))
    with pytest.raises(BadInput, match=r"process-compose\.yaml:\d+: http_get has no `url`"):
        local.up(tmp_path, "notes", tmp_path)


def test_a_manifest_that_cannot_be_read_has_no_environment(tmp_path: Path) -> None:
    (tmp_path / "processcompose/new").mkdir(parents=True)
    tenant, _ = read(tmp_path, "new")
    with pytest.raises(BadInput, match=r"tenants\.check --name new"):
        local.environment(tenant, tmp_path)
