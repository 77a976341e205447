"""One at a time; whoever waits is told for whom, and never waits for the dead."""

from pathlib import Path

import pytest

from pkg.shell.errors import TimedOut
from pkg.tools.lock import PATIENCE, held
from tests.fakes import ManualClock


def test_a_waiter_is_told_once_for_whom_it_waits_and_goes_on_when_they_are_done(
    tmp_path: Path, clock: ManualClock
) -> None:
    said: list[str] = []
    first = held(tmp_path / "deep" / "a.lock", me="process 1", clock=clock, say=said.append)
    first.__enter__()

    def release() -> None:
        if len(clock.sleeps) == 3:
            first.__exit__(None, None, None)

    clock.at_sleep = release
    with held(tmp_path / "deep" / "a.lock", me="process 2", clock=clock, say=said.append):
        assert (tmp_path / "deep" / "a.holder").read_text() == "process 2"
    assert said == ["waiting for process 1, which installs the same"]
    assert len(clock.sleeps) == 3
    assert not (tmp_path / "deep" / "a.holder").exists()


@pytest.mark.parametrize("holder", ["", None])
def test_a_holder_who_has_not_said_its_name_is_another_process(
    tmp_path: Path, clock: ManualClock, holder: str | None
) -> None:
    said: list[str] = []
    with held(tmp_path / "a.lock", me="process 1", clock=clock, say=said.append):
        if holder is None:
            (tmp_path / "a.holder").unlink()
        else:
            (tmp_path / "a.holder").write_text(holder)
        clock.at_sleep = lambda: clock.advance(PATIENCE)
        with (
            pytest.raises(TimedOut, match="a is still being installed by another process after 15 minutes"),
            held(tmp_path / "a.lock", me="process 2", clock=clock, say=said.append),
        ):
            pass
    assert said == ["waiting for another process, which installs the same"]


def test_the_name_of_a_dead_holder_blocks_nobody(tmp_path: Path, clock: ManualClock) -> None:
    (tmp_path / "a.lock").touch()
    (tmp_path / "a.holder").write_text("process 1, which was killed")
    with held(tmp_path / "a.lock", me="process 2", clock=clock, say=pytest.fail):
        pass
    assert clock.sleeps == []


def test_the_lock_is_given_back_when_the_work_fails(tmp_path: Path, clock: ManualClock) -> None:
    for _ in range(2):
        with (
            pytest.raises(ZeroDivisionError),
            held(tmp_path / "a.lock", me="1", clock=clock, say=pytest.fail),
        ):
            raise ZeroDivisionError
