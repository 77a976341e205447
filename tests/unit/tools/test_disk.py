"""Errors of the file system, told so that one can act on them."""

import errno
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


def test_on_windows_nothing_is_waited_for(tmp_path: Path) -> None:
    settle(tmp_path / "none", system="nt")


def test_the_place_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="it failed: ") as failure, explained("it failed", tmp_path):
        (tmp_path / "none" / "a").touch()
    assert str(tmp_path / "none") in failure.value.what


def test_another_cache_is_advised_only_where_the_cache_is_what_fails(tmp_path: Path) -> None:
    for place, advised in ((tmp_path / "cache" / "a", True), (tmp_path / "links" / "a", False)):
        with pytest.raises(Failure) as failure, explained("it failed", tmp_path / "cache"):
            raise PermissionError(errno.EACCES, "Permission denied", str(place))
        assert f"{place} may not be written" in failure.value.what
        assert ("INFRA_TOOLS_CACHE" in failure.value.fix) is advised


def test_a_full_disk_is_told_as_such_with_the_folder_to_make_room_in(tmp_path: Path) -> None:
    with (
        pytest.raises(Failure, match="it failed: the disk is full") as failure,
        explained("it failed", tmp_path),
    ):
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "a"))
    assert failure.value.fix.startswith(f"make room for {tmp_path} and run it again")


def test_of_a_rename_the_place_that_stands_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "b").mkdir()
    with pytest.raises(Failure) as failure, explained("it failed", tmp_path):
        (tmp_path / "a").replace(tmp_path / "b")
    assert failure.value.what.startswith(f"it failed: {tmp_path / 'b'}: ")


def test_an_error_without_words_or_a_place_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="it failed: ") as failure, explained("it failed", tmp_path):
        raise OSError("a is no plain file")
    assert failure.value.what == f"it failed: {tmp_path}: a is no plain file"
