"""A simulation that is short of room is given room; only a damaged one is made anew."""

import pytest

from pkg.fly.answers import failure
from pkg.fly.simulation import RESET, ROOM, next_step
from pkg.shell.runner import Result


@pytest.mark.parametrize(
    ("why", "advice"),
    [
        ("database or disk is full", ROOM),
        ("[Errno 28] No space left on device: '/x'", ROOM),
        ("disk I/O error", ROOM),
        ("database disk image is malformed", RESET),
        ("file is not a database", RESET),
    ],
)
def test_the_state_is_thrown_away_only_when_it_is_damaged(why: str, advice: str) -> None:
    assert next_step(f"flysim: the state cannot be used: /x/state.db: {why}") == advice
    said = f"Error: the simulation's state in /x cannot be used: /x/state.db: {why}\n"
    told = failure(Result(("flyctl", "status"), 1, "", said, 0.1), "reading the status")
    assert told.fix == advice
    assert ("damaged" in told.meaning) is (advice == RESET)
