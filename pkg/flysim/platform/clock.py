"""The simulation's time: the system's, or a virtual one that stands still until it is moved."""

from __future__ import annotations

import time

from pkg.flysim.platform.store import Session, Store

# 1970-01-01T00:00:00Z to 9998-12-31T23:59:59Z: what the simulation adds to the time, such as a sleep or a
# certificate's days, has a year of room before a year has five digits.
FIRST = 0
LAST = 253_370_764_799


def now(session: Session) -> float:
    """The time of a transaction, in seconds since 1970."""
    clock = session.settings.get("clock", {})
    if clock.get("mode") == "virtual":
        return float(clock["now"])
    return time.time() + float(clock.get("offset", 0))


def advance(session: Session, seconds: float) -> None:
    """Move the clock forward."""
    clock = dict(session.settings.get("clock", {"mode": "real"}))
    key = "now" if clock.get("mode") == "virtual" else "offset"
    clock[key] = float(clock.get(key, 0)) + seconds
    session.set(clock=clock)


def rfc3339(seconds: float) -> str:
    """A time as Fly writes it: 2026-11-24T07:34:52Z."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def parse_rfc3339(text: str) -> float:
    """Seconds since 1970 of such a time; ValueError when it is none."""
    from datetime import UTC, datetime

    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()


class Clock:
    """The clock as the doors use it, outside any transaction."""

    __slots__ = ("_store",)

    def __init__(self, store: Store) -> None:
        self._store = store

    def now(self) -> float:
        """The time in seconds since 1970."""
        with self._store.read() as session:
            return now(session)

    def sleep(self, seconds: float) -> None:
        """Wait; a virtual clock is moved instead, and nobody waits."""
        if seconds <= 0:
            return
        with self._store.read() as session:
            virtual = session.settings.get("clock", {}).get("mode") == "virtual"
        if not virtual:
            time.sleep(seconds)
            return
        with self._store.change() as session:
            if session.settings.get("clock", {}).get("mode") == "virtual":
                advance(session, seconds)
