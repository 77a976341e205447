"""What `secrets import` makes of its stdin, losses and all: a wrapper must know what does not survive.

recorded: README ("`secrets import` corrupts silently"), operate.json#32, operate.json#33. The order of the
rules is derived from flyctl's public source, internal/command/secrets/parser.go.

- `PW=abc#def` loses what follows the hash; so does `'abc#def'`, and keeps its opening quote.
- An unterminated triple quote drops its secret and all that follow; so does a line of 64 KiB. Neither errs.
- A value that is one quote ends the program with a crash.
- A line without `=` is repeated in the error, whatever it holds.
"""

from __future__ import annotations

from pkg.flysim.flyctl.errors import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_LINE = 64 * 1024
TRIPLE = '"""'
CRASHED = 2


def read(text: str) -> dict[str, str]:
    """The secrets that a text gives.

    Raises:
        ValueError: a line is no NAME=VALUE pair.
        Failed: the real reader crashes here, and so does this one, with its exit code.
    """
    secrets: dict[str, str] = {}
    lines = iter(_lines(text))
    for line in lines:
        if line.startswith("#") or not line.strip():
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise ValueError(f"Secrets must be provided as NAME=VALUE pairs ({line} is invalid)")
        name, value = name.strip(), _without_comment(value.lstrip(" "))
        if not value.startswith(TRIPLE):
            secrets[name] = _unquoted(value)
        elif value.endswith(TRIPLE) and len(value) >= 2 * len(TRIPLE):
            secrets[name] = value[len(TRIPLE) : -len(TRIPLE)]
        else:
            rest = _until_triple(lines)
            if rest is not None:
                secrets[name] = f"{value.removeprefix(TRIPLE)}\n{rest}"
    return secrets


def _lines(text: str) -> list[str]:
    """The lines up to the first that is too long, without carriage returns."""
    kept = []
    for line in text.removesuffix("\n").split("\n") if text else []:
        if len(line.encode("utf-8", "surrogateescape")) >= LONGEST_LINE:
            break
        kept.append(line.removesuffix("\r"))
    return kept


def _without_comment(value: str) -> str:
    """A value without what follows a hash that an even number of double quotes precedes."""
    before, hash_, _ = value.partition("#")
    return before.rstrip(" ") if hash_ and before.count('"') % 2 == 0 else value


def _unquoted(value: str) -> str:
    for quote in ('"', "'"):
        if value == quote:
            raise Failed("runtime error: slice bounds out of range [1:0]", code=CRASHED)
        if value.startswith(quote) and value.endswith(quote):
            return value[1:-1]
    return value


def _until_triple(lines: Iterator[str]) -> str | None:
    """The lines up to one that ends with a triple quote; None when there is none."""
    found: list[str] = []
    for line in lines:
        if line.endswith(TRIPLE):
            return "".join(f"{each}\n" for each in found) + line.removesuffix(TRIPLE)
        found.append(line)
    return None
