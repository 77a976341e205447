"""Lines of logs, chosen on our side: flyctl knows neither a time to begin at nor a word to look for."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from pkg.fly.models import LogLine
from pkg.fly.moments import moment
from pkg.shell.decoding import from_json
from pkg.shell.errors import BadInput

_AGO = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Choice(msgspec.Struct, frozen=True):
    """Which lines are wanted.

    Attributes:
        since: the moment to begin at; None for all.
        pattern: what the message must hold; None for anything.
        region: where it must be from; empty for anywhere.
    """

    since: datetime | None = None
    pattern: re.Pattern[str] | None = None
    region: str = ""

    def wants(self, line: LogLine) -> bool:
        """Return whether a line is wanted."""
        if self.since and moment(line.timestamp) < self.since:
            return False
        if self.region and line.region != self.region:
            return False
        return not self.pattern or bool(self.pattern.search(line.message))


def choice(*, since: str, grep: str, region: str, now: datetime) -> Choice:
    """Return which lines are wanted.

    Args:
        since: as in `10m`, `2h`, or a moment; empty for all.
        grep: a regular expression; empty for anything.
        region: empty for anywhere.
        now: the present moment.

    Raises:
        BadInput: one of them is none.
    """
    try:
        pattern = re.compile(grep) if grep else None
    except re.error as error:
        raise BadInput(f"--grep {grep!r} is no regular expression: {error}", fix="quote it") from error
    return Choice(_moment(since, now) if since else None, pattern, region)


def _moment(text: str, now: datetime) -> datetime:
    match = _AGO.fullmatch(text)
    if match:
        try:
            return now - timedelta(**{_UNITS[match[2]]: int(match[1])})
        except OverflowError:
            raise BadInput(f"--since {text!r} is too long ago") from None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"--since {text!r} is no time", fix="write it as 10m, 2h, 1d or 2026-11-24T08:00:00Z"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=now.tzinfo)


class Reader:
    """Puts flyctl's JSON together, which comes over several lines each (recorded: operate.json).

    Args:
        take: gets each whole line of logs; False when no more are wanted.
    """

    def __init__(self, take: Callable[[LogLine, str], bool]) -> None:
        self._take = take
        self._parts: list[str] = []

    @property
    def rest(self) -> str:
        """What came last and is no line of logs: help, for instance."""
        return "\n".join(self._parts)

    def feed(self, text: str) -> bool:
        """Take a line of flyctl's output; return whether more are wanted. What is no JSON is passed over."""
        if text == "{":
            self._parts = []
        self._parts.append(text)
        if text.rstrip()[-1:] != "}":
            return True
        whole = "\n".join(self._parts)
        try:
            line = from_json(whole, LogLine)
        except msgspec.DecodeError:
            return True  # the end of an inner object
        self._parts = []
        return self._take(line, whole)


def shown(line: LogLine) -> str:
    """Return a line as flyctl shows it (recorded: operate.json)."""
    instance = f"[{line.instance}]" if line.instance else ""
    source = f"{line.meta.event.provider}{instance}"
    return f"{line.timestamp} {source} {line.region} [{line.level}]{line.message}"
