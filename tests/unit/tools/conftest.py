"""A server, a store, and a small flyctl in archives that tests make themselves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pkg.tools.store import Store
from tests.fakes import ManualClock, MemoryConsole
from tests.unit.tools.loopback import Server, serve


@pytest.fixture
def server() -> Iterator[Server]:
    with serve() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock, console: MemoryConsole) -> Store:
    return Store(tmp_path / "cache", tmp_path / "links", clock, console.say)


@pytest.fixture
def unused_tcp_port() -> int:
    """Return a port on which nobody listens."""
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
