"""Flag values as Go's pflag reads them, with the words of Go's errors.

recorded: grammar.jsonl (bool, int and duration errors). The rest follows the documented rules of
https://pkg.go.dev/strconv, https://pkg.go.dev/time#ParseDuration and https://pkg.go.dev/encoding/csv.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})
SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
    '"': '\\"',
}
INT64 = 1 << 63
DURATION = r"(?P<number>[0-9]*(?:\.[0-9]*)?)(?P<unit>[^0-9.]*)"
# The forms of an integer by their bases; an underscore may stand between digits, and after a prefix.
# Patterns are compiled where they are used: few runs read a number.
INTEGERS = (
    (16, "0x((?:_?[0-9a-f])+)"),
    (8, "0o((?:_?[0-7])+)"),
    (2, "0b((?:_?[01])+)"),
    (8, "0((?:_?[0-7])*)"),
    (10, "([1-9](?:_?[0-9])*)"),
)
DECIMAL = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?"
HEX = r"0x_?(?:(?:[0-9a-f]_?)+\.?(?:[0-9a-f]_?)*|\.(?:[0-9a-f]_?)+)p[+-]?[0-9]+"
FLOAT = f"[+-]?(?:inf|infinity|nan|{DECIMAL}|{HEX})"

Value = str | bool | int | float | list[str]


class BadValue(Exception):  # noqa: N818 -- what happened, in two words
    """A value that pflag refuses; the message is Go's."""


def go_quote(text: str) -> str:
    """Quote text as Go's %q does.

    Args:
        text: any text; bytes that are not UTF-8 are carried as surrogates, as Python's argv does.
    """
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in ESCAPES:
        return ESCAPES[char]
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if char.isprintable():
        return char
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def parse_bool(text: str) -> bool:
    """Read a bool as strconv.ParseBool does.

    Raises:
        BadValue: with Go's words.
    """
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    raise BadValue(f"strconv.ParseBool: parsing {go_quote(text)}: invalid syntax")


def parse_int(text: str) -> int:
    """Read a 64-bit integer as strconv.ParseInt(text, 0, 64) does: 0x, 0o, 0b, a leading 0, underscores.

    Raises:
        BadValue: with Go's words.
    """
    sign, digits = (text[0], text[1:]) if text[:1] in {"+", "-"} else ("", text)
    form = next(
        ((base, match) for base, form in INTEGERS if (match := re.fullmatch(form, digits.lower()))), None
    )
    if form is None:
        raise BadValue(f"strconv.ParseInt: parsing {go_quote(text)}: invalid syntax")
    base, match = form
    number = int(match[1].replace("_", "") or "0", base)
    number = -number if sign == "-" else number
    if not -INT64 <= number < INT64:
        raise BadValue(f"strconv.ParseInt: parsing {go_quote(text)}: value out of range")
    return number


def parse_float(text: str) -> float:
    """Read a float as strconv.ParseFloat(text, 64) does.

    Raises:
        BadValue: with Go's words.
    """
    if not re.fullmatch(FLOAT, text, re.IGNORECASE | re.ASCII):
        raise BadValue(f"strconv.ParseFloat: parsing {go_quote(text)}: invalid syntax")
    plain = text.replace("_", "").lower()
    try:
        number = float.fromhex(plain) if "0x" in plain else float(plain)
    except OverflowError:
        number = float("inf")
    if abs(number) == float("inf") and "inf" not in plain:
        raise BadValue(f"strconv.ParseFloat: parsing {go_quote(text)}: value out of range")
    return number


def parse_duration(text: str) -> float:
    """Read a duration as time.ParseDuration does.

    Returns:
        seconds.

    Raises:
        BadValue: with Go's words.
    """
    sign, rest = (text[0], text[1:]) if text[:1] in {"+", "-"} else ("", text)
    if rest == "0":
        return 0.0
    seconds = 0.0
    while rest or not seconds:
        part = re.match(DURATION, rest)
        if not part or not part["number"].strip("."):
            raise BadValue(f"time: invalid duration {go_quote(text)}")
        if not part["unit"]:
            raise BadValue(f"time: missing unit in duration {go_quote(text)}")
        if part["unit"] not in SECONDS:
            raise BadValue(f"time: unknown unit {go_quote(part['unit'])} in duration {go_quote(text)}")
        seconds += float(part["number"]) * SECONDS[part["unit"]]
        rest = rest[part.end() :]
        if not rest:
            break
    if seconds * 1e9 >= INT64:
        raise BadValue(f"time: invalid duration {go_quote(text)}")
    return -seconds if sign == "-" else seconds


def format_duration(seconds: float) -> str:
    """Write a duration as Go's Duration.String does: 5m0s, 1h30m0s, 1.5s, 20ms.

    Args:
        seconds: the duration, in seconds.
    """
    nanos = round(abs(seconds) * 1e9)
    sign = "-" if seconds < 0 else ""
    if nanos == 0:
        return "0s"
    for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
        if nanos < size * 1000:
            return f"{sign}{_decimal(nanos, size)}{unit}"
    minutes, rest = divmod(nanos, 60_000_000_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{_decimal(rest, 1_000_000_000)}s"
    if hours:
        text = f"{hours}h{minutes}m{text}"
    elif minutes:
        text = f"{minutes}m{text}"
    return sign + text


def _decimal(nanos: int, size: int) -> str:
    whole, rest = divmod(nanos, size)
    if not rest:
        return str(whole)
    return f"{whole}.{rest:0{len(str(size)) - 1}d}".rstrip("0")


def parse_csv(text: str) -> list[str]:
    """Read the first record of a CSV text as Go's encoding/csv does, which pflag's string slices use.

    Raises:
        BadValue: with Go's words.
    """
    if not text:
        return []
    lines = text.encode("utf-8", "surrogateescape").replace(b"\r\n", b"\n").splitlines(keepends=True)
    start = next((at for at, line in enumerate(lines) if line != b"\n"), None)
    if start is None:
        raise BadValue("EOF")
    return _Record(lines, start).fields()


class _Record:
    """One CSV record, read from the line where it starts; columns count bytes from 1, as Go's do."""

    def __init__(self, lines: list[bytes], start: int) -> None:
        self.lines = lines
        self.start = self.line = start
        self.rest = lines[start]
        self.column = 1

    def fields(self) -> list[str]:
        found = []
        while True:
            field, more = self._quoted() if self.rest.startswith(b'"') else self._plain()
            found.append(field.decode("utf-8", "surrogateescape"))
            if not more:
                return found

    def _plain(self) -> tuple[bytes, bool]:
        field, comma, rest = self.rest.partition(b",")
        field = field if comma else field.removesuffix(b"\n")
        if b'"' in field:
            self._fail(self.column + field.index(b'"'), 'bare " in non-quoted field')
        self.column += len(field) + 1
        self.rest = rest
        return field, bool(comma)

    def _quoted(self) -> tuple[bytes, bool]:
        self._skip(1)
        field = b""
        while True:
            before, quote, _ = self.rest.partition(b'"')
            field += before
            if not quote:
                self._next_line()
                continue
            self._skip(len(before) + 1)
            if self.rest.startswith(b'"'):
                field += b'"'
                self._skip(1)
            elif self.rest.startswith(b","):
                self._skip(1)
                return field, True
            elif self.rest in {b"", b"\n"}:
                return field, False
            else:
                self._fail(self.column - 1, 'extraneous or missing " in quoted-field')

    def _skip(self, count: int) -> None:
        self.rest = self.rest[count:]
        self.column += count

    def _next_line(self) -> None:
        self.column += len(self.rest)
        if self.line + 1 == len(self.lines):
            self._fail(self.column, 'extraneous or missing " in quoted-field')
        self.line += 1
        self.rest = self.lines[self.line]
        self.column = 1

    def _fail(self, column: int, why: str) -> NoReturn:
        record = f"record on line {self.start + 1}; " if self.line != self.start else ""
        raise BadValue(f"{record}parse error on line {self.line + 1}, column {column}: {why}")
