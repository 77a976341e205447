"""Manifests are found, read into typed values, and edited without losing a comment."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.fly import manifest
from pkg.shell.errors import BadInput

ROOT = Path(__file__).parents[3]
TEXT = """# ours
app = "demo"  # the name
primary_region = "syd"

[deploy]
strategy = "rolling"

[processes]
web = ""
worker = "work"

[http_service]
internal_port = 8080
processes = ["web"]

[[http_service.checks]]
path = "/status"

[[http_service.checks]]
path = "/ready"

[[mounts]]
source = "data"
destination = "/data"
processes = ["web"]

[[files]]
guest_path = "/etc/key"
secret_name = "KEY"
"""


def write(folder: Path, text: str = TEXT) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "fly.toml"
    path.write_text(text)
    return path


def test_a_manifest_is_typed(tmp_path: Path) -> None:
    found = manifest.read(write(tmp_path))
    assert found.app == "demo"
    assert found.groups == ("web", "worker")
    assert [mount.source for mount in found.mounts_of("web")] == ["data"]
    assert found.mounts_of("worker") == []
    assert found.check_paths == ("/status", "/ready")
    assert found.has_checks
    assert found.secret_names == ("KEY",)
    assert found.path == tmp_path / "fly.toml"


def test_a_single_mount_may_be_a_table(tmp_path: Path) -> None:
    text = 'app = "a"\n[mounts]\nsource = "d"\ndestination = "/d"\n'
    found = manifest.read(write(tmp_path, text))
    assert [mount.source for mount in found.all_mounts] == ["d"]
    assert found.groups == ("app",)
    assert not found.has_checks


@pytest.mark.parametrize(
    "text", ["[checks.a]\ntype = 'tcp'\n", "[[services]]\ninternal_port = 1\n[[services.tcp_checks]]\n"]
)
def test_checks_may_be_anywhere(tmp_path: Path, text: str) -> None:
    assert manifest.read(write(tmp_path, f'app = "a"\n{text}')).has_checks


@pytest.mark.parametrize(("config", "where"), [("", "."), ("core", "core"), ("core/fly.toml", "core")])
def test_a_manifest_is_found_by_its_folder_or_its_path(tmp_path: Path, config: str, where: str) -> None:
    write(tmp_path)
    write(tmp_path / "core")
    assert manifest.find(tmp_path, config) == tmp_path / where / "fly.toml"


def test_a_missing_manifest_names_those_that_exist(tmp_path: Path) -> None:
    write(tmp_path / "core")
    with pytest.raises(BadInput) as caught:
        manifest.find(tmp_path, "nosuch")
    assert "nosuch" in caught.value.what
    assert "core" in caught.value.meaning


def test_all_manifests_are_found_the_roots_first(tmp_path: Path) -> None:
    for folder in ("b/notes", "core", ".fly/old", "tests/x", ""):
        write(tmp_path / folder)
    found = [manifest.shown(path, tmp_path) for path in manifest.find_all(tmp_path)]
    assert found == ["fly.toml", "core/fly.toml", "b/notes/fly.toml"]


def test_a_manifest_is_found_by_its_app(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path / "core", 'app = "other"\n')
    found = manifest.by_app(tmp_path, "other")
    assert found is not None
    assert found.path == tmp_path / "core" / "fly.toml"
    assert manifest.by_app(tmp_path, "third") is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("app = ", "no TOML"),
        ('primary_region = "syd"\n', "app"),
        ("app = 7\n", "$.app"),
        ('app = "a"\n[[services]]\n', "internal_port"),
        (f'app = "a"\nx = {"[" * 5000}', "nested too deep"),
    ],
)
def test_a_broken_manifest_names_the_file_and_the_place(tmp_path: Path, text: str, says: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        manifest.read(path)
    assert str(path) in caught.value.what
    assert says in caught.value.what


def test_a_manifest_that_is_gone_or_unreadable_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no manifest"):
        manifest.read(tmp_path / "fly.toml")
    (tmp_path / "fly.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="cannot be read") as caught:
        manifest.read(tmp_path / "fly.toml")
    assert caught.value.fix


def test_each_key_has_its_line() -> None:
    at = manifest.lines(TEXT)
    assert at["app"] == 2
    assert at["deploy"] == 5
    assert at["deploy.strategy"] == 6
    assert at["http_service.checks.0.path"] == 17
    assert at["http_service.checks.1.path"] == 20
    assert at["http_service.checks.path"] == 17


def test_values_are_found_at_dotted_keys() -> None:
    document = manifest.parse(TEXT, Path("fly.toml")).document
    assert manifest.value_at(document, "deploy.strategy") == "rolling"
    assert manifest.value_at(document, "http_service.checks.1.path") == "/ready"
    assert manifest.value_at(document, "http_service.checks.9.path") is None
    assert manifest.value_at(document, "no.such") is None


def test_an_edit_keeps_comments_and_order() -> None:
    edited = manifest.with_values(
        TEXT,
        {
            "primary_region": "iad",
            "http_service.checks.1.path": "/up",
            "env.PORT": "1",
            "deploy.strategy": None,
        },
    )
    assert '# ours\napp = "demo"  # the name\nprimary_region = "iad"\n' in edited
    assert 'path = "/up"' in edited
    assert "strategy" not in edited
    found = manifest.parse(edited, Path("fly.toml"))
    assert found.env == {"PORT": "1"}
    assert found.check_paths == ("/status", "/up")


@given(st.text(max_size=200))
def test_lines_never_break_on_any_text(text: str) -> None:
    assert all(1 <= line <= len(text.splitlines()) for line in manifest.lines(text).values())


@pytest.mark.parametrize("config", ["", "core"])
def test_the_repos_own_manifests_are_read(config: str) -> None:
    found = manifest.read(manifest.find(ROOT, config))
    assert found.deploy.strategy == "rolling"
    assert found.primary_region == "syd"
    assert {"/status", "/ready"} <= set(found.check_paths)
    assert bool(found.all_mounts) is (config == "core")


@pytest.mark.parametrize("name", ["infra", "infra-core", "a1"])
def test_a_name_of_an_app_stays_as_it_is(name: str) -> None:
    assert manifest.app_name(name) == name


@pytest.mark.parametrize("name", ["../../../victim", "Infra", "a b", "-a", "a/b", "x\n"])
def test_what_could_be_a_path_or_an_option_is_no_name_of_an_app(name: str) -> None:
    with pytest.raises(BadInput, match="no name of an app"):
        manifest.app_name(name)


@pytest.mark.parametrize("name", ["", " ", "In Fra", "../infra", "-a"])
def test_a_manifest_whose_app_is_no_name_is_refused_with_its_line(name: str) -> None:
    with pytest.raises(BadInput, match="no name of an app") as told:
        manifest.parse(f'# Ours.\napp = "{name}"\n', Path("core/fly.toml"))
    assert "core/fly.toml:2" in str(told.value)
