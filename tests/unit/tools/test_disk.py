"""Errors of the file system, told so that one can act on them."""

from pathlib import Path

import pytest

from pkg.shell.errors import Failure
from pkg.tools.disk import explained, settle, sha256


def test_a_files_digest_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_files_and_folders_can_be_waited_for(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    settle(tmp_path / "a")
    settle(tmp_path)


def test_the_place_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="it failed: ") as failure, explained("it failed", tmp_path):
        (tmp_path / "none" / "a").touch()
    assert str(tmp_path / "none") in failure.value.what


def test_an_error_without_words_or_a_place_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="it failed: ") as failure, explained("it failed", tmp_path):
        raise OSError("a is no plain file")
    assert failure.value.what == f"it failed: {tmp_path}: a is no plain file"
