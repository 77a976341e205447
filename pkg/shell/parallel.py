"""Doing the same for many things at once, and stopping all of it together."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from pkg.shell.runner import Runner
from pkg.shell.signals import signals_held

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")
R = TypeVar("R")


def each(
    items: Iterable[T], work: Callable[[T], R], *, runner: Runner, at_once: int = 8, look: float = 0.1
) -> list[R]:
    """Return what the work returns for each item, in the order of the items.

    The first error, or a Ctrl-C, ends it all: what has not begun is dropped, what the runner runs is stopped.

    Args:
        items: what to work on.
        work: called for each item, in several threads.
        runner: the one that the work starts programs with.
        at_once: how many at most.
        look: seconds between two looks at what goes on.
    """
    from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

    with ThreadPoolExecutor(at_once) as pool:
        futures: list[Future[R]] = []
        try:
            with signals_held():  # a thread that is half begun would be forgotten
                futures += [pool.submit(work, item) for item in items]
            # In pieces, since Python sees a signal that comes at the wrong moment only when a wait ends.
            while wait(futures, timeout=look, return_when=FIRST_EXCEPTION).not_done:
                _raise_first(futures)
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            # Again and again: a thread may start a program at this very moment.
            while wait(futures, timeout=look).not_done:
                runner.stop()
            raise


def both(one: Callable[[], T], other: Callable[[], R], *, runner: Runner) -> tuple[T, R]:
    """Return what two calls return that are made at once; the first error ends both, as `each` does."""
    questions: tuple[Callable[[], Any], ...] = (one, other)
    first, second = each(questions, lambda question: question(), runner=runner)
    return first, second


def _raise_first(futures: "Iterable[Future[R]]") -> None:
    for future in futures:
        if future.done():
            future.result()
