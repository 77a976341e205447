"""A workspace on a simulation that only records what it is told."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pkg.shell.environment import Environment
from pkg.shell.runner import Result
from tests.fakes import FakeRunner, ManualClock, MemoryConsole, workspace


class Controls(FakeRunner):
    """Takes any `flysim control`, and keeps what it said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[object] = []

    def capture(self, argv: Sequence[str], **_: object) -> Result:
        assert tuple(argv[:2]) == ("flysim", "control")
        self.said.append(json.loads(argv[2]))
        return Result(tuple(argv), 0, "", "", 0.0)


class Simulation:
    """The workspace, and what its simulation was told."""

    def __init__(self, state: Path) -> None:
        runner, console, clock = Controls(), MemoryConsole(), ManualClock()
        variables = {"FLY_SANDBOX": str(state)}
        environment = Environment(state, variables, console=console, redactor=console.redactor, clock=clock)
        self.controls = runner.said
        made = workspace(state / "no repo", runner, console, clock, environment=environment, sandbox=True)
        self.workspace = replace(made, state=state)
