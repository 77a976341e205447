"""A scratch copy of the repo with a simulation of its own, for the bench to run in."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent

BARE = """
import subprocess

from invoke import task


@task
def bare(c):
    subprocess.run(["flyctl", "status", "-a", "infra"], check=True)
"""


class Place:
    """A copy of what tasks need, a simulation, and the environments to run with.

    `bare` is what a person's own shell would have around the simulated flyctl; `inv` adds the sandbox.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder / "repo"
        self.root.mkdir()
        for name in ("pkg", "core", "processcompose", "fly.toml", "tasks.py"):
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, self.root / name)
        self.plain = folder / "plain"
        self.plain.mkdir()
        (self.plain / "tasks.py").write_text(BARE)
        self.state = self.root / ".fly" / "sandbox"
        path = f"{self.root / 'pkg/flysim/bin'}:{PROGRAMS}:{os.environ['PATH']}"
        home = {"HOME": str(folder), "LANG": "C.UTF-8"}
        self.bare = {**home, "PATH": path, "FLYSIM_STATE": str(self.state), "FLY_API_TOKEN": "fo1_bench"}
        self.inv = {**home, "PATH": path, "FLY_SANDBOX": str(self.state), "FLY_TICK": "1"}
        self.call("inv", "sandbox")  # also compiles the modules, as any first use does

    def call(self, *argv: str) -> None:
        """Run a command that must end with 0."""
        env = self.inv if argv[0] == "inv" else self.bare
        subprocess.run(argv, cwd=self.root, env=env, check=True, capture_output=True)

    def control(self, **settings: object) -> None:
        """Set the simulation."""
        self.call("flysim", "control", json.dumps(settings))

    def fleet(self, count: int) -> list[Path]:
        """Add manifests of apps with one machine each, and return their folders."""
        names = [f"fleet-{number:02}" for number in range(count)]
        self.control(apps=names, lag=0, settle=0)
        text = (self.root / "fly.toml").read_text()
        for name in names:
            folder = self.root / "fleet" / name
            folder.mkdir(parents=True)
            (folder / "fly.toml").write_text(text.replace('app = "infra"', f'app = "{name}"'))
            config = str(folder / "fly.toml")
            self.call(
                "flyctl", "deploy", "-c", config, "--image", "registry.fly.io/infra:first", "-y", "--ha=false"
            )
        return [self.root / "fleet" / name for name in names]
