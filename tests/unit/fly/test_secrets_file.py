"""secrets.toml holds references, never a value."""

import stat
from pathlib import Path

import pytest

from pkg.fly import secrets_file
from pkg.shell.errors import BadInput

ROOT = Path(__file__).parents[3]


def written(folder: Path, text: str) -> Path:
    (folder / "secrets.toml").write_text(text)
    return folder


def test_references_are_read_per_app(tmp_path: Path) -> None:
    root = written(tmp_path, '[demo]\nA = "op://vault/item/field"\nB = "op://vault/my item/section/field"\n')
    assert secrets_file.read(root) == {
        "demo": {"A": "op://vault/item/field", "B": "op://vault/my item/section/field"}
    }


def test_without_the_file_there_are_no_secrets(tmp_path: Path) -> None:
    assert secrets_file.read(tmp_path) == {}


@pytest.mark.parametrize(
    "text",
    [
        '[demo]\nA = "hunter2-hunter2"\n',
        '[demo]\nA = "op://vault"\n',
        '[demo]\nA = "op://vault/item/fie{{ld"\n',
        "[demo]\nA = 5\n",
        '[demo]\n"A B" = "op://vault/item/field"\n',
        'demo = "hunter2-hunter2"\n',
        "[demo]\nA = hunter2-hunter2\n",
        '[demo]\nA = "hunter2-hunter2\n',
    ],
)
def test_anything_else_is_refused_and_never_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput, match=r"secrets\.toml") as error:
        secrets_file.read(written(tmp_path, text))
    assert "hunter2" not in str(error.value)
    assert error.value.__cause__ is None


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="no TOML"):
        secrets_file.read(tmp_path)


def test_an_app_without_references_is_told_how_to_name_some(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="names no secret of demo") as error:
        secrets_file.references(tmp_path, "demo")
    assert "[demo]" in str(error.value)


def test_the_repos_own_file_is_sound() -> None:
    for app, references in secrets_file.read(ROOT).items():
        assert references, app


def test_made_up_values_differ_and_are_long_enough_to_be_hidden() -> None:
    one, other = secrets_file.made_up("op://a/b/c"), secrets_file.made_up("op://a/b/d")
    assert one != other
    assert len(one) > 20


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    root = written(tmp_path, "")
    (root / "secrets.toml").unlink()
    (root / "secrets.toml").mkdir()
    assert stat.S_ISDIR((root / "secrets.toml").stat().st_mode)
    with pytest.raises(BadInput, match="cannot be read"):
        secrets_file.read(root)
