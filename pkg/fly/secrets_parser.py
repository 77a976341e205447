"""flyctl's reader of `secrets import`, modelled, to know beforehand what it would make of a value.

It corrupts in silence (recorded: operate.json and the facts beside it): `A=abc#def` becomes `abc`,
`'abc#def'` becomes `'abc`, an unterminated `\"\"\"` loses its secret and all that follow, as does a line of
64 KiB, and a lone quote crashes it. Its public source has had several versions, which differ in quotes and
in `#` (https://github.com/superfly/flyctl, internal/command/secrets/parser.go). No value is trusted to one of
them: what all of them give back unchanged is safe.
"""

from collections.abc import Iterator
from enum import Flag, auto

# A line of so many bytes, and all after it, is dropped without a word (bufio.MaxScanTokenSize).
LINE_LIMIT = 64 * 1024
QUOTES = '"""'


class Dialect(Flag):
    """What a version of the reader does beside the first one."""

    PLAIN = 0
    HASH = auto()  # cuts a value at `#`, unless an odd number of `"` stands before it
    SINGLE = auto()  # takes away single quotes
    CLOSED = auto()  # takes `\"\"\"…\"\"\"` on one line for a whole value


# The versions: the first one, 0.4.87's as it was observed, and the newest known.
DIALECTS = (Dialect.PLAIN, Dialect.HASH, Dialect.HASH | Dialect.SINGLE | Dialect.CLOSED)


class Unreadable(ValueError):  # noqa: N818 - reads as what happened
    """The reader would stop with an error, or crash; the message holds nothing of the values."""


def read(text: str, dialect: Dialect) -> dict[str, str]:
    """Return the secrets that the reader would find in a text.

    Args:
        text: what would be sent to `secrets import`.
        dialect: the reader's version.

    Raises:
        Unreadable: it would stop with an error, or crash.
    """
    secrets: dict[str, str] = {}
    name, value = "", None  # value: that of an open `\"\"\"`
    for line in _lines(text):
        if value is not None:
            if not line.endswith(QUOTES):
                value += f"{line}\n"
                continue
            secrets[name] = value + line.removesuffix(QUOTES)
            value = None
        elif line.strip() and not line.startswith("#"):
            name, found = _assignment(line, dialect)
            if _opens(found, dialect):
                value = f"{found.removeprefix(QUOTES)}\n"
            else:
                secrets[name] = _unquoted(found, dialect)
    return secrets


def survives(text: str, secrets: dict[str, str]) -> bool:
    """Return whether every version of the reader finds exactly these secrets in a text."""
    try:
        return all(read(text, dialect) == secrets for dialect in DIALECTS)
    except Unreadable:
        return False


def _lines(text: str) -> Iterator[str]:
    """Yield lines as Go's scanner does: without a carriage return at the end; a line too long ends it."""
    for line in text.removesuffix("\n").split("\n"):
        if len(line.encode()) >= LINE_LIMIT:
            return
        yield line.removesuffix("\r")


def _assignment(line: str, dialect: Dialect) -> tuple[str, str]:
    name, equals, value = line.partition("=")
    if not equals:
        raise Unreadable("a line without `=`: flyctl would print it in its error")
    value = value.lstrip(" ")
    before, hash_sign, _ = value.partition("#")
    if Dialect.HASH in dialect and hash_sign and before.count('"') % 2 == 0:
        value = before.rstrip(" ")
    return name.strip(), value


def _opens(value: str, dialect: Dialect) -> bool:
    closed = value.endswith(QUOTES) and len(value) >= 2 * len(QUOTES)
    return value.startswith(QUOTES) and not (Dialect.CLOSED in dialect and closed)


def _unquoted(value: str, dialect: Dialect) -> str:
    if value.startswith(QUOTES):
        return value[len(QUOTES) : -len(QUOTES)]
    quotes = '"' + ("'" if Dialect.SINGLE in dialect else "")
    if value and value[0] in quotes and value.endswith(value[0]):
        if len(value) == 1:
            raise Unreadable("a lone quote: flyctl would crash")
        return value[1:-1]
    return value
