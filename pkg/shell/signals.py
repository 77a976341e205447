"""Signals: which of them end the work, and how none falls between a child's start and its care."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

from pkg.shell.errors import Terminated

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def signals_end_work() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the work as Ctrl-C does, unless they are ignored, as under `nohup`.

    Raises:
        Terminated: in the main thread, when one of them comes.
    """

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        raise Terminated(signal.Signals(number).name)

    numbers = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) != signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def signals_held() -> Iterator[None]:
    """Keep the signals that end the work until the end of the block, so that none falls into it.

    Only the main thread is ever interrupted; elsewhere this does nothing.
    """
    came: list[int] = []
    before = {}
    if threading.current_thread() is threading.main_thread():
        handlers = {number: signal.getsignal(number) for number in _ENDING}
        before = {number: handler for number, handler in handlers.items() if callable(handler)}
        for number in before:
            signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for held in came:
            signal.raise_signal(held)


def end_with_reader() -> None:
    """Let the process end in silence when nobody reads its stdout any more: for what only shows something."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def owns_terminal(device: str = "/dev/tty") -> bool:
    """Return whether a Ctrl-C at the terminal goes to our process group, and so to our children as well."""
    try:
        terminal = os.open(device, os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
