"""A table can be read at any width: no id, path or name in it is ever cut or folded."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.shell.tables import plain_table, terminal_table

COLUMNS = ["MACHINE", "IMAGE", "HEALTH"]
IMAGE = "infra:0123456789ab-20261124T080000@a7937b64"
ROW = ["29c1b289e75221", IMAGE, "unhealthy: servicecheck-00-http-8080 is critical: connection refused"]
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
words = st.text("abcdefgh/:-", min_size=1, max_size=40)
cells = st.lists(words, max_size=5).map(" ".join)
tables = st.integers(1, 5).flatmap(
    lambda count: st.lists(st.lists(cells, min_size=count, max_size=count), min_size=1, max_size=4)
)


def drawn(columns: list[str], rows: list[list[str]], width: int, title: str = "") -> str:
    return ESCAPES.sub("", terminal_table(columns, rows, title=title, width=width))


def test_what_fits_is_a_row_on_a_line() -> None:
    lines = drawn(COLUMNS, [["m1", "infra:v1", "healthy"]], 80).splitlines()
    assert any(line.split() == ["m1", "infra:v1", "healthy"] for line in lines)


def test_what_is_too_wide_is_wrapped_between_words_only() -> None:
    text = drawn(COLUMNS, [ROW], 100)
    assert all(len(line) <= 100 for line in text.splitlines())
    assert {word for cell in ROW for word in cell.split()} <= set(text.split())


def test_where_the_words_do_not_fit_side_by_side_each_row_is_a_block() -> None:
    text = drawn(COLUMNS, [ROW, ["m2", "infra:v1", "healthy"]], 60, title="Machines")
    assert text == (
        "Machines\n\n"
        f"MACHINE  29c1b289e75221\nIMAGE    {IMAGE}\nHEALTH   {ROW[2]}\n"
        "\nMACHINE  m2\nIMAGE    infra:v1\nHEALTH   healthy\n"
    )


def test_wide_characters_count_as_what_they_take() -> None:
    text = drawn(["A", "B"], [["\N{CJK UNIFIED IDEOGRAPH-6F22}" * 10, "x" * 10]], 36)
    assert "\N{CJK UNIFIED IDEOGRAPH-6F22}" * 10 in text


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@given(rows=tables)
def test_every_word_is_there_in_one_piece_at_any_width(width: int, rows: list[list[str]]) -> None:
    columns = [f"C{number}" for number in range(len(rows[0]))]
    found = set(drawn(columns, rows, width).split())
    assert {word for row in rows for cell in row for word in cell.split()} <= found


@given(rows=tables)
def test_a_plain_table_has_a_line_for_each_row(rows: list[list[str]]) -> None:
    columns = [f"C{number}" for number in range(len(rows[0]))]
    assert len(plain_table(columns, rows).splitlines()) == len(rows) + 1
