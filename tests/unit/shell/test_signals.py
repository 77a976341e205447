"""Signals end the work, at a moment when nothing is half started."""

import os
import signal
import threading
from pathlib import Path

import pytest

from pkg.shell.errors import Terminated
from pkg.shell.signals import owns_terminal, signals_end_work, signals_held


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_sigterm_and_sighup_end_the_work_as_ctrl_c_does(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt) as ended, signals_end_work():
        signal.raise_signal(number)
    assert isinstance(ended.value, Terminated)
    assert str(ended.value) == number.name


def test_what_was_set_for_a_signal_before_is_set_again_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with signals_end_work():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals_end_work(), signals_held():
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_held_signal_comes_at_the_end_of_the_block() -> None:
    done = []

    def work() -> None:
        with signals_held():
            signal.raise_signal(signal.SIGINT)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done


def test_a_held_signal_comes_also_when_the_block_fails() -> None:
    def work() -> None:
        with signals_held():
            signal.raise_signal(signal.SIGINT)
            raise ValueError

    with pytest.raises(KeyboardInterrupt):
        work()


def test_in_another_thread_nothing_is_held() -> None:
    handlers = []

    def look() -> None:
        with signals_held():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGINT)]


def test_what_is_missing_or_no_terminal_is_not_our_terminal(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not owns_terminal(str(tmp_path / "missing"))
    assert not owns_terminal(str(tmp_path / "file"))


def test_a_terminal_that_does_not_control_us_is_not_ours() -> None:
    controller, terminal = os.openpty()
    try:
        assert not owns_terminal(os.ttyname(terminal))
    finally:
        os.close(controller)
        os.close(terminal)
