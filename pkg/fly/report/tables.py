"""Tables that can be read on a phone, and by who does not see them."""

from collections.abc import Sequence

from pkg.fly.report.markup import Markup, element

Cell = str | Markup


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Markup:
    """Return a table; the first cell of a row names it.

    On a phone each row is shown as a card, with the column's name before each value. The roles keep it a
    table for a screen reader even then.

    Args:
        caption: what it shows.
        heads: the columns.
        rows: a cell for each column.
    """
    head = element("tr", *(element("th", one, scope="col", role="columnheader") for one in heads), role="row")
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", head, role="rowgroup"),
            element("tbody", *(_row(heads, row) for row in rows), role="rowgroup"),
            role="table",
        ),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def _row(heads: Sequence[str], row: Sequence[Cell]) -> Markup:
    first, *rest = zip(heads, row, strict=True)
    return element(
        "tr",
        element("th", _inside(first[1]), scope="row", role="rowheader", data_label=first[0]),
        *(element("td", _inside(cell), role="cell", data_label=head) for head, cell in rest),
        role="row",
    )


def _inside(cell: Cell) -> Markup:
    """Return what stands in a cell as one element, so that its name can stand before it."""
    return element("span", cell)
