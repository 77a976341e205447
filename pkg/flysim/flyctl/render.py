"""What commands print: JSON as Go writes it, tables as flyctl draws them, times as people read them.

recorded: the `json`, `tables` and table texts of daily.json, operate.json and deploys.json.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HTML = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
BAR = " │ "
MINUTE, HOUR, DAY = 60, 3600, 86400
MONTH, YEAR = 30 * DAY, 365 * DAY
# The upper end of each way to name an age, its words, and the unit it counts in; Go's go-humanize has the
# same steps.
AGES = (
    (1, "now", 1),
    (2, "1 second {}", 1),
    (MINUTE, "%d seconds {}", 1),
    (2 * MINUTE, "1 minute {}", 1),
    (HOUR, "%d minutes {}", MINUTE),
    (2 * HOUR, "1 hour {}", 1),
    (DAY, "%d hours {}", HOUR),
    (2 * DAY, "1 day {}", 1),
    (7 * DAY, "%d days {}", DAY),
    (14 * DAY, "1 week {}", 1),
    (MONTH, "%d weeks {}", 7 * DAY),
    (2 * MONTH, "1 month {}", 1),
    (YEAR, "%d months {}", MONTH),
    (2 * YEAR, "1 year {}", 1),
)


def go_json(value: object, *, indent: int | None = 4) -> str:
    """JSON as Go's encoder writes it, HTML's characters escaped; compact without an indent."""
    separators = None if indent else (",", ":")
    text = json.dumps(value, indent=indent, ensure_ascii=False, separators=separators)
    for char, escape in HTML.items():
        if char in text:
            text = text.replace(char, escape)
    return text


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "", ruled: bool = False
) -> str:
    """A table: a title of its own line, the columns, the rows, an empty line.

    Args:
        columns: the headings; none for a list without one.
        rows: one text for each column.
        title: a line above.
        ruled: a line under the headings, and no empty line at the end, as `checks list` has it.
    """
    lines = [list(columns)] if columns else []
    lines += [list(row) for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    text = [
        " " + BAR.join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)) + " "
        for line in lines
    ]
    if ruled:
        text.insert(1, "┼".join("─" * (width + 2) for width in widths))
    head = [title] if title else []
    return "\n".join([*head, *text, *([] if ruled else [""])]) + "\n"


def pairs(rows: Iterable[tuple[str, str]], *, title: str = "") -> str:
    """A table of names and values."""
    return table((), rows, title=title)


def duration(seconds: float) -> str:
    """A short age as `volumes list` names it: `just now`, `2m0s ago`."""
    return ago(seconds)


def ago(seconds: float) -> str:
    """How long ago, as go-humanize says it: `3 minutes ago`; a negative age is still to come."""
    when, seconds = ("ago", seconds) if seconds >= 0 else ("from now", -seconds)
    whole = int(seconds)
    for end, words, unit in AGES:
        if whole < end:
            text = words % (whole // unit) if "%d" in words else words
            return text.format(when)
    return f"{whole // YEAR} years {when}"
