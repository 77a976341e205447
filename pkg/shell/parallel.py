"""Doing the same for many things at once, and stopping all of it together."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from pkg.shell.runner import Runner

T = TypeVar("T")
R = TypeVar("R")
_PAUSE = 0.05  # seconds between two looks at what is still to be stopped


def each(items: Iterable[T], work: Callable[[T], R], *, runner: Runner, at_once: int = 8) -> list[R]:
    """Return what the work returns for each item, in the order of the items.

    The first error, or a Ctrl-C, ends it all: what has not begun is dropped, what the runner runs is stopped.

    Args:
        items: what to work on.
        work: called for each item, in several threads.
        runner: the one that the work starts programs with.
        at_once: how many at most.
    """
    from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

    with ThreadPoolExecutor(at_once) as pool:
        futures: list[Future[R]] = []
        try:
            for item in items:
                futures.append(pool.submit(work, item))  # noqa: PERF401 - what was begun must be known when one fails
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            # Again and again: a thread may start a program at this very moment.
            while wait(futures, timeout=_PAUSE).not_done:
                runner.stop()
            raise
