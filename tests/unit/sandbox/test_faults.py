"""Faults of the sandbox: what is asked for is what the simulation is told."""

from pathlib import Path

import pytest

from pkg.sandbox import faults
from pkg.shell.errors import BadInput
from tests.unit.sandbox.simulation import Simulation


def test_a_fault_is_handed_to_the_simulation(tmp_path: Path) -> None:
    simulation = Simulation(tmp_path)
    fault = faults.fault("GET /v1/apps", status=429, times=2, after=False)
    faults.inject(simulation.workspace, "GET /v1/apps", fault)
    assert simulation.controls == [{"fail": {"GET /v1/apps": {"status": 429, "times": 2, "when": "before"}}}]


@pytest.mark.parametrize(
    ("pattern", "status", "times"), [("(", 503, 1), ("GET", 200, 1), ("GET", 600, 1), ("GET", 503, -1)]
)
def test_what_is_no_fault_is_refused(pattern: str, status: int, times: int) -> None:
    with pytest.raises(BadInput):
        faults.fault(pattern, status=status, times=times, after=False)
