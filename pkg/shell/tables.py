"""Tables as text: plain for programs, drawn for a terminal; no word in them is ever cut or folded."""

import io
from collections.abc import Sequence

Rows = Sequence[Sequence[str]]
_GAP = 2  # blanks between two columns


def plain_table(columns: Sequence[str], rows: Rows, *, title: str = "") -> str:
    """Return a table as aligned text that `awk` and `grep` can work with, ending in a newline."""
    widths = [max(len(cell) for cell in cells) for cells in zip(columns, *rows, strict=True)]
    lines = [title] if title else []
    lines.extend(
        (" " * _GAP).join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (columns, *rows)
    )
    return "\n".join(lines) + "\n"


def terminal_table(columns: Sequence[str], rows: Rows, *, title: str, width: int) -> str:
    """Return a table drawn for a terminal: a row on a line, or wrapped between words.

    Where the longest words do not fit side by side, each row is a block, a cell on a line.

    Args:
        columns: the heads of the columns.
        rows: a cell for each column.
        title: a line above it.
        width: how many columns the terminal has.
    """
    widths = _widths(columns, rows, width - _GAP * (len(columns) - 1))
    return _drawn(columns, rows, widths, title) if widths else _blocks(columns, rows, title)


def _widths(columns: Sequence[str], rows: Rows, room: int) -> list[int]:
    """Return a width for each column, in which its longest word fits; none when there is no room for that."""
    from rich.cells import cell_len

    whole = [[cell_len(cell) for cell in cells] for cells in zip(columns, *rows, strict=True)]
    words = [
        [cell_len(word) for cell in cells for word in cell.split()]
        for cells in zip(columns, *rows, strict=True)
    ]
    least = [max(each, default=1) for each in words]
    spare = room - sum(least)
    if spare < 0:
        return []
    widths = []
    for needed, wanted in zip(least, map(max, whole), strict=True):
        more = max(min(wanted - needed, spare), 0)
        spare -= more
        widths.append(needed + more)
    return widths


def _drawn(columns: Sequence[str], rows: Rows, widths: Sequence[int], title: str) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD,
        title=title or None,
        title_justify="left",
        header_style="bold",
        show_edge=False,
        pad_edge=False,
        padding=(0, _GAP - 1, 0, 0),  # and the border between two columns
    )
    for column, width in zip(columns, widths, strict=True):
        table.add_column(Text(column), width=width)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    text = io.StringIO()
    Console(file=text, force_terminal=True, width=sum(widths) + _GAP * (len(widths) - 1)).print(table)
    return text.getvalue()


def _blocks(columns: Sequence[str], rows: Rows, title: str) -> str:
    head = max(map(len, columns))
    blocks = [
        "".join(
            f"{column:<{head}}  {cell}".rstrip() + "\n" for column, cell in zip(columns, row, strict=True)
        )
        for row in rows
    ]
    return "\n".join([f"{title}\n", *blocks] if title else blocks)
