"""The options and operands of a task: as Invoke's own, except that a value that is none is bad input."""

import itertools
import math
import shlex
from collections.abc import Sequence

from invoke.parser import Argument

from pkg.shell.errors import BadInput

NUMBERS = {int: "a whole number", float: "a number"}


# Options that many tasks have: they get their letter before others that begin with it.
SHARED = frozenset({"app", "config", "json", "yes", "wait-timeout"})
HELP_LETTER = "h"


class Option(Argument):
    """An argument whose value must be one: Invoke takes an empty text, and a bare flag where it repeats.

    Args:
        like: Invoke's own.
        names: how it is given.
    """

    def __init__(self, like: Argument, names: Sequence[str]) -> None:
        super().__init__(
            names=tuple(names),
            kind=like.kind,
            default=like.default,
            help=like.help,
            positional=like.positional,
            optional=like.optional,
            incrementable=like.incrementable,
            attr_name=like.attr_name,
        )
        if self.kind is list:
            self.raw_value = None  # so Invoke notices that the flag was given and its value was not

    def __repr__(self) -> str:
        return self.typed

    @property
    def typed(self) -> str:
        """The argument as a person types it."""
        name = str(self.names[0])
        return f"--{name.strip('_').replace('_', '-')}" if len(name) > 1 else f"-{name}"

    def set_value(self, value: object, cast: bool = True) -> None:
        """Take a value.

        Raises:
            BadInput: it is empty or cannot be shown, or is no number where one is wanted.
        """
        if self.positional:
            require_text(str(self.names[0]).upper(), value, operand=True)
        else:
            require_text(self.typed, value)
        if cast and self.kind in NUMBERS and not is_number(self.kind, str(value)):
            raise BadInput(f"{self.typed} takes {NUMBERS[self.kind]}, not {shlex.quote(str(value))}")
        super().set_value(value, cast)


def options(arguments: Sequence[Argument]) -> list[Argument]:
    """Return the arguments of a task as ours.

    The short name of an option is its first letter or none, and an operand has none: Invoke goes by order, so
    one option would be called differently from task to task.

    Args:
        arguments: Invoke's own, in order.
    """
    letters: dict[str, str] = {HELP_LETTER: ""}
    for each in sorted(arguments, key=lambda one: _long(one) not in SHARED):
        if not each.positional:
            letters.setdefault(_long(each)[0], _long(each))
    return [Option(each, _names(each, letters)) for each in arguments]


def _names(argument: Argument, letters: dict[str, str]) -> list[str]:
    long = _long(argument)
    short = [long[0]] if letters.get(long[0]) == long and len(long) > 1 else []
    return [str(argument.names[0]), *short]


def _long(argument: Argument) -> str:
    return str(argument.names[0]).strip("_").replace("_", "-")


class Operands(Argument):
    """Any number of operands as one argument, a list.

    Invoke gives an operand to an argument that has no value yet, and wants each to have one in the end; so
    this one has no value until it has got as many as there are.
    """

    many = True

    def __init__(self, like: Argument, count: int) -> None:
        super().__init__(
            names=like.names, kind=list, default=[], help=like.help, positional=True, attr_name=like.attr_name
        )
        self._count = count
        self._operands: list[str] = []

    @property
    def value(self) -> list[str] | None:
        """The operands, or None while some are to come."""
        return self._operands if len(self._operands) >= self._count else None

    @value.setter
    def value(self, operand: str) -> None:
        require_text(f"one of the {self.name}", operand, operand=True)
        self._operands = [*self._operands, operand]


def require_text(what: str, value: object, *, operand: bool = False) -> None:
    """Refuse an empty value, and one that breaks out of its line where it is told or kept.

    Args:
        what: what it was given to.
        value: what was typed.
        operand: whether there is no default; an empty option would be taken for one, which nobody types.

    Raises:
        BadInput: it is empty, or has a character that cannot be shown.
    """
    if not isinstance(value, str):
        return
    if not value.strip():
        variable = "a variable that it comes from may not be set"
        default = "" if operand else ": an empty value would be taken for the default"
        raise BadInput(
            f"{what} is empty",
            meaning=f"nothing was started{default}",
            fix=f"give it a value; {variable}" if operand else f"leave it out for the default; {variable}",
        )
    if odd := next((character for character in value if not character.isprintable()), ""):
        raise BadInput(
            f"{what} has a character that no line can show: {odd!r}",
            meaning="nothing was started: what is typed is told and kept in one line",
            fix="leave that character out",
        )


def is_number(kind: type, text: str) -> bool:
    """Return whether a text is a number as people write one: not 1_000, not nan."""
    try:
        return text.isascii() and "_" not in text and math.isfinite(kind(text))
    except (ValueError, OverflowError):
        return False


def count_operands(argv: Sequence[str], task_name: str) -> int:
    """Return how many operands follow a task's name in a command line of `inv`."""
    words = list(argv[1 : argv.index("--")] if "--" in argv else argv[1:])
    while words:
        if words.pop(0).rpartition(".")[2] == task_name:
            return sum(1 for _ in itertools.takewhile(lambda word: not word.startswith("-"), words))
    return 0
