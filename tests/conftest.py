"""What every test may use."""

import gc
import signal
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

from pkg.shell.redact import Redactor
from tests.fakes import FakeRunner, ManualClock, MemoryConsole

# Two cores are shared by many workers: a slow example says nothing about our code.
settings.register_profile("repo", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repo")

# A shell lets what it runs in the background ignore Ctrl-C, nohup lets it ignore SIGHUP, and so would every
# program that a test starts.
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, handler)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def redactor() -> Redactor:
    return Redactor()


@pytest.fixture
def console(redactor: Redactor) -> MemoryConsole:
    return MemoryConsole(redactor)


@pytest.fixture
def runner() -> FakeRunner:
    return FakeRunner()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many recorded rows were replayed against the simulation, and how many differ."""
    rows: Counter[str] = Counter()
    differences = 0
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in report.user_properties:
                if name == "replayed":
                    rows[value[0]] += value[1]
                    differences += value[2]
    if rows:
        counted = ", ".join(f"{rows[name]} of {name}" for name in sorted(rows))
        terminalreporter.write_line(f"flysim: {counted} replayed; {differences} differences")


def pytest_collection_finish() -> None:
    """Leave what was collected out of garbage collection, which would walk through it again and again."""
    gc.freeze()
    gc.set_threshold(50_000)
