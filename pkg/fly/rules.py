"""What may follow `--` at a command of flyctl, read as flyctl reads it: no option goes past a task."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from pkg.fly.pflag import Flags, Piece
from pkg.shell.errors import BadInput
from pkg.shell.redact import MASK

ACCESS_TOKEN = "access-token"  # noqa: S105 - the name of an option
NOT_STARTED = "nothing was started"


class Refusal(NamedTuple):
    """Why an option is not for whoever types: what it would do, what that means, and what to do instead."""

    what: str
    meaning: str
    fix: str


class Rules(msgspec.Struct, frozen=True):
    """What one command of flyctl takes, and what of it is not for whoever types.

    Attributes:
        command: flyctl's command.
        flags: its options.
        refused: by its long name each option that is not for whoever types.
        operand: returns the error for an operand.
        unknown: what it means that an option is not known.
    """

    command: str
    flags: Flags
    refused: dict[str, Refusal]
    operand: Callable[[str], BadInput]
    unknown: str = f"{NOT_STARTED}; whether the next word is its value is not known either"

    def read(self, words: Sequence[str]) -> Iterator[Piece]:
        """Yield the words piece by piece, as flyctl reads them.

        Args:
            words: what followed `--`, word for word.

        Raises:
            BadInput: there is an operand, an unknown option, or one that is not for whoever types.
        """
        for piece in self.flags.read(words):
            if not piece.options:
                raise self.operand(piece.words[0])
            for name, shown, _ in piece.options:
                self._allow(name, shown)
            _refuse_mask(piece.words)
            yield piece

    def check(self, words: Sequence[str]) -> frozenset[str]:
        """Return the long names of the options among the words.

        Args:
            words: what followed `--`, word for word.

        Raises:
            BadInput: as for `read`.
        """
        return frozenset(option.name for piece in self.read(words) for option in piece.options)

    def _allow(self, name: str, shown: str) -> None:
        if name == ACCESS_TOKEN:
            raise token_refused(shown)
        if refusal := self.refused.get(name):
            raise BadInput(f"{shown} after `--` {refusal.what}", meaning=refusal.meaning, fix=refusal.fix)
        if name not in self.flags.switches | self.flags.valued:
            raise BadInput(
                f"{shown} after `--` is no option of `flyctl {self.command}` that is known here",
                meaning=self.unknown,
                fix=f"see `flyctl {self.command} --help` for its options",
            )


def _refuse_mask(words: Sequence[str]) -> None:
    """Refuse a value that was hidden where the words were copied from.

    Raises:
        BadInput: the machines would get the mask for a value.
    """
    if words[-1] == MASK or words[-1].endswith(f"={MASK}"):
        raise BadInput(
            f"`{' '.join(words)}` after `--`: {MASK} stands for a value that is not kept anywhere",
            meaning=NOT_STARTED,
            fix="write the value itself; a secret belongs into `inv fly.secrets.set`",
        )


def token_refused(shown: str) -> BadInput:
    """Return the error for a token among the arguments; the token itself is not in it."""
    return BadInput(
        f"{shown} after `--` would show the token to every process here",
        meaning="arguments are no secret, and are kept in the shell's history",
        fix="leave it out; put its op:// reference into .envrc as FLY_API_TOKEN, or export FLY_API_TOKEN",
    )
