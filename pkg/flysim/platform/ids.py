"""Ids, nonces, digests and names: hashes of a seed, a kind and a counter kept in the state.

The same seed and the same requests give the same bytes. Without a seed they are those of the recordings'
control plane, whose third number made the machine `153812ae5fea0b`.
"""

from __future__ import annotations

from pkg.flysim.platform.store import Session


def digest(text: str) -> str:
    """SHA-256 of a text, in hex (64 digits)."""
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()


class Ids:
    """The generator of one transaction."""

    __slots__ = ("_seed", "_session")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seed = str(session.settings.get("seed", ""))

    def number(self) -> int:
        """The next number; what belongs together is made from one."""
        return self._session.next_number()

    def of(self, kind: str, number: int, length: int) -> str:
        """The first `length` hex digits that a kind and a number give."""
        return digest(f"{self._seed}{kind}{number}")[:length]

    def new(self, kind: str, length: int) -> str:
        """`length` hex digits that nothing else got."""
        return self.of(kind, self.number(), length)

    def fraction(self, kind: str) -> float:
        """A number from 0 to 1, as random as the seed."""
        return int(self.new(kind, 8), 16) / 0xFFFFFFFF
