"""A command as people see it, and as it is kept: without the values that some of flyctl's options carry."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import NamedTuple

from pkg.shell.redact import MASK, looks_secret

# Options of flyctl whose value may be a secret (`surface.json`); of `NAME=value` the name is shown.
PAIRS = frozenset({"env", "build-secret", "build-arg", "file-literal"})
WHOLE = frozenset({"access-token", "bearer-token", "password", "private-key", "shadow-secret-key"})
SECRET = WHOLE | {"build-secret"}
_SHORT = {"e": "env", "t": "access-token"}
# The option at the end of a cluster of switches, as in `-ye`.
_CLUSTER = re.compile(r"-[hjqy]*([et])=?")
# Characters of JSON in a command that are still read, as a machine's whole configuration is not.
_LONGEST = 80
_PROGRAMS = frozenset({"flyctl", "fly"})


class _Value(NamedTuple):
    at: int  # the word that it is in
    before: str  # what stands before it in that word
    option: str
    text: str

    @property
    def masked(self) -> str:
        name, equals, _ = self.text.partition("=")
        return f"{name}={MASK}" if equals and self.option in PAIRS else MASK


def masked(argv: Sequence[str]) -> list[str]:
    """Return a command whose values that may be secret are masked.

    Args:
        argv: a command of flyctl, or of `inv` with flyctl's options after `--`; any other stays as it is.
    """
    words = list(argv)
    for value in _values(words, _begin(words)):
        words[value.at] = value.before + value.masked
    return words


def brief(argv: Sequence[str]) -> list[str]:
    """Return a command as the words of an error show it: masked, and without long JSON, which hides the rest.

    Args:
        argv: a command, as `masked` takes it.
    """
    return ["{…}" if word.startswith("{") and len(word) > _LONGEST else word for word in masked(argv)]


def secrets(argv: Sequence[str]) -> list[str]:
    """Return the values in a command that are secrets: by their option, their name or their looks."""
    found = []
    for value in _values(argv, _begin(argv)):
        name, equals, text = value.text.partition("=")
        if not equals or value.option in WHOLE:
            name, text = "", value.text
        if value.option in SECRET or looks_secret(name, text):
            found.append(text)
    return found


def options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield those of flyctl's options in some words whose value may be a secret, each with its value."""
    yield from ((value.option, value.text) for value in _values(words, 0))


def _begin(argv: Sequence[str]) -> int:
    """Return where the words begin that flyctl reads."""
    program = PurePath(argv[0]).name if argv else ""
    if program == "inv":
        return argv.index("--") + 1 if "--" in argv else len(argv)
    return 1 if program in _PROGRAMS else len(argv)


def _values(words: Sequence[str], begin: int) -> Iterator[_Value]:
    """Yield the values, as flyctl finds them: in the option's word, or else in the next."""
    at = begin
    while at < len(words):
        before, option, text = _option(words[at])
        if option and text is None:
            at += 1
            before, text = "", words[at] if at < len(words) else None
        if option and text is not None:
            yield _Value(at, before, option, text)
        at += 1


def _option(word: str) -> tuple[str, str, str | None]:
    """Return what stands before the value, the option's long name, and its value; empty for another word."""
    if word.startswith("--"):
        name, equals, text = word.partition("=")
        found = name[2:] if name[2:] in PAIRS | WHOLE else ""
        return name + equals, found, text if equals else None
    if match := _CLUSTER.match(word):
        before = match.group()
        return before, _SHORT[match.group(1)], word[len(before) :] or None
    return word, "", None
