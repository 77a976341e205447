"""A file of secrets is read whole or not at all, and never shown."""

from pathlib import Path

import pytest

from pkg.fly.dotenv import read, text_of
from pkg.shell.errors import BadInput


def test_quotes_hashes_and_lines_are_read_as_dotenv_does() -> None:
    text = "# remark\nA=plain\nexport B='lit#eral'\nC=\"two\nlines\"\nD=pa$$word${X}\n"
    assert read(text, "f") == {"A": "plain", "B": "lit#eral", "C": "two\nlines", "D": "pa$$word${X}"}


@pytest.mark.parametrize("text", ["hunter2 no assignment\n", "A=1\nhunter2\n", "A='hunter2\n", "=hunter2\n"])
def test_a_line_that_is_no_assignment_is_named_by_its_number_only(text: str) -> None:
    with pytest.raises(BadInput, match="line") as error:
        read(text, "f")
    assert "hunter2" not in str(error.value)


def test_a_name_that_comes_twice_is_refused() -> None:
    with pytest.raises(BadInput, match="A comes twice"):
        read("A=1\nA=2\n", "f")


@pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n"])
def test_a_file_without_a_secret_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no NAME=value"):
        read(text, "f")


def test_stdin_and_files(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"A=1\r\n")
    assert text_of(tmp_path, "f", lambda: "no") == "A=1\r\n"
    assert text_of(tmp_path, "-", lambda: "B=2") == "B=2"
    with pytest.raises(BadInput, match="cannot be read"):
        text_of(tmp_path, "missing", lambda: "")
    (tmp_path / "g").write_bytes(b"\xff")
    with pytest.raises(BadInput, match="UTF-8"):
        text_of(tmp_path, "g", lambda: "")
