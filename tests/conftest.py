"""What every test may use."""

import pytest
from hypothesis import HealthCheck, settings

from pkg.shell.redact import Redactor
from tests.fakes import FakeRunner, ManualClock, MemoryConsole

# Two cores are shared by many workers: a slow example says nothing about our code.
settings.register_profile("repo", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repo")


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
