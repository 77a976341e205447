"""The words after `--`, read by the rules of flyctl's own parser (pflag), so that no option goes unseen.

https://pkg.go.dev/github.com/spf13/pflag: `--x=v`, `--x v`, `-xv`, `-x=v`, and clusters as in `-yxv`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from pkg.shell.errors import BadInput


class Option(NamedTuple):
    """An option: its long name, how it was written, and its value; None for none in the same word."""

    name: str
    shown: str
    value: str | None


class Piece(NamedTuple):
    """One word, with the next one where that is its value; no options in it: an operand."""

    words: list[str]
    options: list[Option]


class Flags(msgspec.Struct, frozen=True):
    """The options of a command.

    Attributes:
        switches: those that never take the next word for their value.
        valued: those that do.
        short: the long name of each letter.
    """

    switches: frozenset[str]
    valued: frozenset[str]
    short: dict[str, str]

    def read(self, words: Sequence[str]) -> Iterator[Piece]:
        """Yield the words piece by piece; an option that is not known is yielded like a switch.

        Raises:
            BadInput: the value of an option is missing.
        """
        left = list(words)
        while left:
            word = left.pop(0)
            if word == "--":
                yield from (Piece([operand], []) for operand in (word, *left))
                return
            if len(word) < 2 or not word.startswith("-"):
                yield Piece([word], [])
                continue
            options = list(_long(word) if word.startswith("--") else self._cluster(word))
            name, shown, value = options[-1]
            wants = name in self.valued and value is None
            yield Piece([word, *left[:1]] if wants else [word], options)
            if wants and not left:
                raise BadInput(f"{shown} after `--` needs a value", fix=f"write `{shown} VALUE`")
            del left[:wants]

    def _cluster(self, word: str) -> Iterator[Option]:
        """Yield the options of a word like `-y`, `-yc` or `-ainfra`."""
        letters = word[1:]
        while letters:
            letter, rest = letters[0], letters[1:]
            name = self.short.get(letter, "")
            shown = f"-{letter}"
            if len(rest) > 1 and rest.startswith("="):
                yield Option(name, shown, rest[1:])
                return
            if name in self.valued:
                yield Option(name, shown, rest or None)
                return
            yield Option(name, shown, None)
            letters = rest


def names(text: str) -> frozenset[str]:
    """Return the names in a text."""
    return frozenset(text.split())


def _long(word: str) -> Iterator[Option]:
    name, equals, value = word[2:].partition("=")
    yield Option(name, f"--{name}", value if equals else None)
