"""The page's file is written whole, or what was there before stays."""

from pathlib import Path

import pytest

from pkg.fly.report.file import place, write
from pkg.fly.report.page import page
from pkg.shell.errors import BadInput, Failure
from tests.unit.fly.report.given import report
from tests.unit.fly.world import World


def test_its_place_is_the_state_folder_or_what_is_named(tmp_path: Path) -> None:
    ws = World(tmp_path / "a").ws
    assert place(ws, "") == ws.state / "report.html"
    assert place(ws, str(tmp_path)) == tmp_path / "report.html"
    assert place(ws, str(tmp_path / "x.html")) == tmp_path / "x.html"


def test_an_older_report_gives_way(tmp_path: Path) -> None:
    older = tmp_path / "x.html"
    older.write_text(page(report()))
    assert place(World(tmp_path / "a").ws, str(older)) == older


@pytest.mark.parametrize("text", ["", "# Notes\n", "<!DOCTYPE html>\n<p>inv fly.report</p>\n"])
def test_a_file_that_is_no_report_is_left_alone(tmp_path: Path, text: str) -> None:
    other = tmp_path / "notes.md"
    other.write_text(text)
    with pytest.raises(BadInput, match="is no report of ours"):
        place(World(tmp_path / "a").ws, str(other))


def test_no_folder_is_made_where_somebody_mistyped_one(tmp_path: Path) -> None:
    for output in (tmp_path / "mising" / "x.html", Path("/dev/null/x.html")):
        with pytest.raises(BadInput, match=f"there is no folder {output.parent}"):
            place(World(tmp_path / "a").ws, str(output))


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no report of ours"):
        place(World(tmp_path / "a").ws, "/dev/null")


def test_it_is_written_with_its_folder_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "new" / "page.html", "é")
    assert (tmp_path / "new" / "page.html").read_text(encoding="utf-8") == "é"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["page.html"]


def test_one_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()
    with pytest.raises(Failure, match="cannot be written") as caught:
        write(tmp_path / "page.html", "x")
    assert "--output" in caught.value.fix
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
