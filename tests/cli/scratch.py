"""A copy of the repo in which `inv` is run as a person runs it, on a simulation of its own."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests import warm

ROOT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns("__pycache__", ".*", "tests", "node_modules")


@dataclass(frozen=True)
class Answer:
    """How a run of inv ended."""

    code: int
    stdout: str
    stderr: str

    def __str__(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


@dataclass(frozen=True)
class Scratch:
    """A copy of the repo, committed."""

    folder: Path

    @property
    def state(self) -> Path:
        return self.folder / ".fly" / "sandbox"

    def inv(self, *words: str, **variables: str) -> Answer:
        """Run `inv`; a traceback fails the test."""
        done = warm.inv(words, cwd=self.folder, env=self._environment(variables), timeout=110)
        assert "Traceback" not in done.stderr, done.stderr
        return Answer(done.returncode, done.stdout, done.stderr)

    def sandbox(self, *words: str, **variables: str) -> Answer:
        """Run `inv sandbox …`."""
        return self.inv("sandbox", *words, **variables)

    def control(self, settings: str) -> None:
        """Change the simulation's settings."""
        answer = self.run(
            [str(self.folder / "pkg/flysim/bin/flysim"), "control", settings], FLYSIM_STATE=str(self.state)
        )
        assert answer.code == 0, answer

    def git(self, *words: str) -> str:
        answer = self.run(["git", "-c", "user.name=A", "-c", "user.email=a@example.com", *words])
        assert answer.code == 0, answer
        return answer.stdout

    def run(self, argv: list[str], **variables: str) -> Answer:
        ran = subprocess.run(
            argv,
            check=False,
            cwd=self.folder,
            env=self._environment(variables),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=110,
        )
        assert "Traceback" not in ran.stderr, ran.stderr
        return Answer(ran.returncode, ran.stdout, ran.stderr)

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        path = [str(Path(sys.executable).parent), variables.get("PATH", ""), "/usr/bin", "/bin"]
        common = {"HOME": str(self.folder / ".home"), "FLY_TICK": "0.1", "NO_COLOR": "1"}
        return {**common, **variables, "PATH": os.pathsep.join(path)}


def make(folder: Path) -> Scratch:
    """Copy the repo, commit it, and seed its simulation."""
    folder.mkdir()
    for name in ("core", "processcompose", "docs", "pkg/tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=NOT_COPIED)
    for one in (ROOT / "pkg").iterdir():
        if one.name != "tools":  # where tasks write: pins.toml
            (folder / "pkg" / one.name).symlink_to(one)
    for name in ("tasks.py", "fly.toml", ".gitignore"):
        shutil.copy(ROOT / name, folder)
    made = Scratch(folder)
    made.git("init", "--quiet", "--template=")
    made.git("add", "--all")
    made.git("commit", "--quiet", "--message=Start")
    made.git("repack", "-a", "-d", "--quiet")  # one file to copy instead of hundreds
    seeded = made.sandbox("fly.status", "--all")
    assert seeded.code == 0, seeded
    made.control('{"lag": 0, "settle": 0}')
    return made


def copy(made: Scratch, folder: Path) -> Scratch:
    """Copy a scratch, its simulation with it."""
    shutil.copytree(made.folder, folder, symlinks=True)
    return Scratch(folder)
