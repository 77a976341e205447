"""A program that installs, and dies by SIGKILL at the step that it is told: python kill_at.py '{...}'.

It runs what `inv tools.install-flyctl` runs, with an observer of its own.
"""

import os
import signal
import sys
from pathlib import Path

import msgspec

from pkg.shell.clock import SystemClock
from pkg.shell.console import Console
from pkg.shell.redact import Redactor
from pkg.tools import install
from pkg.tools.pins import Confirmed
from pkg.tools.platforms import Platform
from pkg.tools.steps import Step
from pkg.tools.store import Store


class Job(msgspec.Struct):
    """What to install, where, and at which step to die, if at any."""

    folder: str
    version: str
    archive: Confirmed
    die_at: Step | None = None


def main(job: Job) -> None:
    def step(name: Step) -> None:
        if name == job.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    console = Console.of_process(Redactor(), {})
    folder = Path(job.folder)
    store = Store(folder / "cache", folder / "links", SystemClock(), console.say, step)
    goal = install.wanted("flyctl", job.version, Platform("linux", "x86_64"), job.archive)
    install.install(goal, job.archive, store=store, console=console, variables={})


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Job))
