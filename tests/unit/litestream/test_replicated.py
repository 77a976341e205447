"""What a manifest replicates."""

from pathlib import Path

import pytest

from pkg.fly import manifest as manifests
from pkg.fly.manifest import Manifest
from pkg.litestream import replicated
from pkg.shell.errors import BadInput

ROOT = Path(__file__).resolve().parents[3]
MANIFEST = '[env]\nDATABASE = "/data/a.db"\n[[mounts]]\nsource = "a_data"\ndestination = "/data"\n'
FILE = (
    "socket:\n  enabled: true\n  path: /s.sock\ndbs:\n  - path: ${DATABASE}\n    replica: {url: $REPLICA}\n"
)


def manifest(folder: Path, litestream: str | None = FILE, text: str = MANIFEST) -> Manifest:
    if litestream is not None:
        (folder / "litestream.yml").write_text(litestream)
    return manifests.parse(f'app = "a"\n{text}', folder / "fly.toml")


@pytest.mark.parametrize("name", ["notes", "relay"])
def test_the_repos_tenants_are_replicated(name: str) -> None:
    read = manifests.read(ROOT / "processcompose" / name / "fly.toml")
    found = replicated.of_manifest(read)
    assert found is not None
    assert replicated.on_volume(found, read) == (f"/data/{name}.db",)
    assert found.socket == "/data/litestream.sock"


def test_a_manifest_without_litestream_replicates_nothing(tmp_path: Path) -> None:
    assert replicated.of_manifest(manifest(tmp_path, None)) is None
    assert replicated.of_manifest(manifests.read(ROOT / "core/fly.toml")) is None


def test_only_what_lies_on_a_volume_outlives_a_deploy(tmp_path: Path) -> None:
    read = manifest(tmp_path, FILE + "  - path: /var/b.db\n  - path: /database/c.db\n")
    found = replicated.of_manifest(read)
    assert found is not None
    assert found.databases == ("/data/a.db", "/var/b.db", "/database/c.db")
    assert replicated.on_volume(found, read) == ("/data/a.db",)


def test_the_variables_of_a_local_run_replace_the_manifests(tmp_path: Path) -> None:
    found = replicated.of_manifest(manifest(tmp_path), {"DATABASE": "/home/me/a.db"})
    assert found is not None
    assert found.databases == ("/home/me/a.db",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (FILE.replace("enabled: true", "enabled: false"), "has no control socket"),
        ("dbs: []\n", "has no control socket"),
        (FILE.replace("DATABASE", "OTHER"), "needs OTHER, which is not set"),
        ("dbs: {path: a}\n", "is no configuration of Litestream"),
        ("dbs: [\n", "is no configuration of Litestream"),
        ("- a\n", "is no configuration of Litestream"),
    ],
)
def test_what_cannot_be_checked_is_bad_input(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=says):
        replicated.of_manifest(manifest(tmp_path, text))
