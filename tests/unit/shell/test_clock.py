"""The system's clock, and the one that tests move."""

import time
from datetime import UTC, datetime, timedelta

from pkg.shell.clock import SystemClock
from tests.fakes import START, ManualClock


def test_the_system_clock_tells_an_aware_time_in_utc() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=5)


def test_the_system_clock_waits_and_not_for_a_negative_time() -> None:
    clock = SystemClock()
    begun = clock.monotonic()
    clock.sleep(-1)
    clock.sleep(0)
    clock.sleep(0.01)
    assert 0.01 <= clock.monotonic() - begun <= time.monotonic()


def test_a_manual_clock_moves_when_somebody_sleeps() -> None:
    clock = ManualClock()
    clock.at_sleep = lambda: clock.advance(0.5)
    clock.sleep(2)
    clock.advance(1)
    assert clock.now() == START + timedelta(seconds=3.5)
    assert (clock.monotonic(), clock.sleeps) == (3.5, [2])
