"""Lengths of time as people type them: 90s, 5m, 1h30m, 2d."""

import re

from pkg.shell.errors import BadInput

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile("".join(rf"(?:(\d{{1,6}}){unit})?" for unit in _UNITS))


def seconds(text: str, option: str) -> float:
    """Return the seconds of a length of time.

    Args:
        text: as `90s`, `5m`, `1h30m` or `2d`.
        option: the option that it was given to, for the error.

    Raises:
        BadInput: it is no such length, or nothing.
    """
    match = _DURATION.fullmatch(text.strip().lower())
    total = (
        sum(int(part or 0) * size for part, size in zip(match.groups(), _UNITS.values(), strict=True))
        if match
        else 0
    )
    if not total:
        raise BadInput(
            f"{option} {text!r} is no length of time", fix=f"write it as {option} 90s, 5m, 1h30m or 2d"
        )
    return float(total)


def shown(seconds_: float) -> str:
    """Return a length of time in its two largest units, for people: 1h30m, 5m, 45s."""
    left, parts = round(seconds_), []
    for unit, size in _UNITS.items():
        if count := left // size:
            parts.append(f"{count}{unit}")
        left %= size
    return "".join(parts[:2]) or "0s"
