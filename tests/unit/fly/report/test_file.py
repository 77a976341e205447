"""The page's file is written whole, or what was there before stays."""

from pathlib import Path

import pytest

from pkg.fly.report.file import place, write
from pkg.shell.errors import Failure
from tests.unit.fly.world import World


def test_its_place_is_the_state_folder_or_what_is_named(tmp_path: Path) -> None:
    ws = World(tmp_path / "a").ws
    assert place(ws, "") == ws.state / "report.html"
    assert place(ws, str(tmp_path)) == tmp_path / "report.html"
    assert place(ws, str(tmp_path / "x.html")) == tmp_path / "x.html"


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
