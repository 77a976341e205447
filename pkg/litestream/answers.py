"""What Litestream answers, as typed values."""

import re
from datetime import datetime
from typing import TypeVar

import msgspec

from pkg.litestream.failures import Damaged, LitestreamTooOld, Unproven, why
from pkg.litestream.place import Answer
from pkg.shell.decoding import from_json

T = TypeVar("T")

# The first with everything that the check asks of it.
OLDEST = (0, 5, 12)


class Managed(msgspec.Struct, frozen=True):
    """A database that the daemon knows."""

    path: str
    status: str = ""
    last_sync_at: datetime | None = None


class Listed(msgspec.Struct, frozen=True):
    """`list -json`."""

    databases: list[Managed]


class Synced(msgspec.Struct, frozen=True):
    """`sync -wait -json`; positions are decimal here."""

    txid: int
    replica_txid: int


class Restored(msgspec.Struct, frozen=True):
    """`restore -json`; the position is hexadecimal here."""

    txid: str
    integrity_check: str

    @property
    def position(self) -> int:
        """The position as a number; 0 when it is not told."""
        return int(self.txid, 16) if re.fullmatch(r"[0-9a-fA-F]{1,16}", self.txid) else 0


def require(answer: Answer, doing: str, damage: type[Unproven] = Damaged) -> None:
    """Go on only when a command succeeded.

    Args:
        answer: how it ended.
        doing: what it was for.
        damage: what a damaged database means at this step.

    Raises:
        Unproven: it did not; the class tells why.
    """
    if answer.code:
        raise why(answer, damage)(f"{doing} failed", answer)


def decode(answer: Answer, kind: type[T], doing: str, damage: type[Unproven] = Damaged) -> T:
    """Return an answer's JSON as a typed value; the arguments are those of `require`, and the value's type.

    Raises:
        Unproven: the command failed, or answered something else.
    """
    require(answer, doing, damage)
    # Log lines go to stdout too unless litestream.yml says otherwise, and come before it (seen of 0.5.18).
    start = re.search(r"^[\[{]", answer.stdout, re.MULTILINE)
    try:
        return from_json(answer.stdout[start.start() if start else 0 :], kind)
    except msgspec.MsgspecError as error:
        raise Unproven(f"{doing}: the answer is not understood: {error}", answer) from error


def version(answer: Answer) -> str:
    """Return Litestream's version.

    Raises:
        LitestreamTooOld: it is older than the check needs, or says something else than a version.
        Unproven: there is none.
    """
    require(answer, "asking Litestream for its version")
    text = answer.stdout.strip()
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    if not found or tuple(map(int, found.groups())) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise LitestreamTooOld(
            f"Litestream is {text.splitlines()[0] if text else 'silent'}, not {oldest} or later", answer
        )
    return found[0]
