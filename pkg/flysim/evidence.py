"""What each behaviour of the simulation rests on: a recording of the real flyctl, or an assumption."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType

# The typing module costs 3 ms at every start of the simulated flyctl.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    Function = TypeVar("Function", bound=Callable[..., object])


class Evidence:
    """The ground of one behaviour.

    `rows` name recorded rows as "daily.json#16" (rows count from 0) or "http.jsonl#25" (lines count from 1);
    without rows the behaviour is assumed, and `why` says what the assumption rests on. Used as a decorator it
    marks a function.
    """

    __slots__ = ("rows", "why")

    def __init__(self, rows: tuple[str, ...] = (), why: str = "") -> None:
        self.rows = rows
        self.why = why

    @property
    def kind(self) -> str:
        """Return the word "recorded" or "assumed"."""
        return "recorded" if self.rows else "assumed"

    def __call__(self, function: Function) -> Function:
        """Mark a function with this evidence; `marked` finds it again."""
        function.__dict__["evidence"] = self
        return function


def recorded(*rows: str, why: str = "") -> Evidence:
    """Evidence of recorded rows: `recorded("daily.json#16", "http.jsonl#25")`."""
    if not rows:
        raise ValueError("recorded() needs at least one row; an assumption is assumed(why)")
    return Evidence(rows, why)


def assumed(why: str) -> Evidence:
    """Evidence that is none: say what the assumption rests on."""
    return Evidence((), why)


def marked(module: ModuleType) -> Iterator[tuple[str, str, Evidence]]:
    """Each marked function and method of a module, in order: its name, first docstring line and evidence."""
    for name, value in vars(module).items():
        if getattr(value, "__module__", "") != module.__name__:
            continue
        if isinstance(value, type):
            for method_name, method in vars(value).items():
                yield from _marked(f"{name}.{method_name}", method)
        else:
            yield from _marked(name, value)


def _marked(name: str, value: object) -> Iterator[tuple[str, str, Evidence]]:
    evidence = getattr(value, "__dict__", {}).get("evidence")
    if isinstance(evidence, Evidence):
        lines = (value.__doc__ or "").strip().splitlines()
        yield name, lines[0] if lines else "", evidence
