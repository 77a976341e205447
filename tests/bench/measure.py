"""Interleaved runs and their medians: commands are compared within one run, never across runs."""

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One line of the bench: what was measured, against what bar.

    `value` and `bar` share a unit; `met` says whether the bar holds.
    """

    what: str
    value: float
    bar: float
    unit: str
    detail: str

    @property
    def met(self) -> bool:
        """Whether the figure is within its bar."""
        return self.value <= self.bar

    def row(self) -> dict[str, object]:
        """The figure as a JSON-able mapping."""
        return asdict(self) | {"met": self.met}


def timed(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> float:
    """Seconds that a command took, which must end with 0."""
    began = time.perf_counter()
    done = subprocess.run(argv, env=dict(env), cwd=cwd, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"bench: {' '.join(argv)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return seconds


def interleaved(runs: int, *what: Callable[[], float]) -> list[float]:
    """The median seconds of each of `what`, run in turn `runs` times, after one unmeasured round."""
    for measure in what:
        measure()
    rounds = [[measure() for measure in what] for _ in range(runs)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def machine() -> str:
    """The machine in a line: cores, memory, system, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}"
    )
