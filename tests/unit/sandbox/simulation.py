"""A workspace on a simulation that only records what it is told."""

import json
from collections.abc import Sequence
from pathlib import Path

from pkg.shell.environment import Environment
from pkg.shell.redact import Redactor
from pkg.shell.runner import Result
from pkg.shell.workspace import Workspace
from tests.fakes import FakeRunner, ManualClock, MemoryConsole


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
        runner, console, clock, redactor = Controls(), MemoryConsole(), ManualClock(), Redactor()
        variables = {"FLY_SANDBOX": str(state)}
        environment = Environment(state, variables, console=console, redactor=redactor, clock=clock)
        self.controls = runner.said
        self.workspace = Workspace(
            root=state / "no repo",
            environment=environment,
            runner=runner,
            console=console,
            clock=clock,
            redactor=redactor,
            passthrough=(),
            dry=False,
            sandbox=True,
            state=state,
        )
