"""A new hire's machine: a checkout of its own, a HOME, and programs that behave as told."""

import shutil
import subprocess
from pathlib import Path

from pkg.shell.environment import Environment
from pkg.shell.redact import Redactor
from pkg.shell.runner import ProcessRunner
from pkg.shell.workspace import Workspace
from tests.fakes import ManualClock, MemoryConsole, workspace

ROOT = Path(__file__).parents[3]

# direnv as far as the checks and the environment ask it: its state is two files.
DIRENV = """#!/bin/sh
case $1 in
status) echo "Found RC allowed $(cat "$HOME/allowed" 2>/dev/null || echo 1)" ;;
allow) echo 0 >"$HOME/allowed" ;;
export) [ -f "$HOME/allowed" ] && echo "{\\"FLY_API_TOKEN\\": \\"$(cat "$HOME/reference")\\"}" || exit 1 ;;
esac
"""

# op refuses whatever it does not know, as it does when nobody is signed in.
OP = """#!/bin/sh
[ "$1" = --version ] && echo 2.30.0 && exit
[ -f "$HOME/signed-in" ] || { echo "[ERROR] you are not currently signed in" >&2; exit 1; }
case $1 in
whoami) echo ok ;;
inject) sed "s|op://infra/fly/deploy-token|$(cat "$HOME/value")|; s|{{ *||; s| *}}||" ;;
*) echo "op: not known: $*" >&2; exit 1 ;;
esac
"""

FLYCTL = """#!/bin/sh
case "$1 $2" in
"version --json") echo '{"Version": "0.4.87", "Environment": "production"}' ;;
"auth whoami") [ "$FLY_API_TOKEN" ] && echo '{"email": "dev@example.com"}' && exit
    echo "Error: no access token available. Please login with 'flyctl auth login'" >&2; exit 1 ;;
*) echo "flyctl: not known: $*" >&2; exit 1 ;;
esac
"""


class Hire:
    """A machine on the first day: git and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.root = folder / "a checkout"
        self.programs = folder / "programs"
        self.variables_too: dict[str, str] = {}
        for each in (self.home, self.root, self.programs):
            each.mkdir()
        for name in ("git", "sh", "cat", "sed", "mkdir"):
            (self.programs / name).symlink_to(shutil.which(name) or name)
        (self.root / "pkg").symlink_to(ROOT / "pkg")
        for name in (".envrc", "fly.toml"):
            shutil.copy(ROOT / name, self.root / name)
        shutil.copytree(ROOT / "core", self.root / "core", ignore=shutil.ignore_patterns("*.go"))
        (self.root / "dev").write_text('#!/bin/sh\nexec "$@"\n')  # what it would make stands in `programs`
        (self.root / "dev").chmod(0o755)
        self.type("git init -q .")

    @property
    def variables(self) -> dict[str, str]:
        """The process environment of the next command."""
        return {
            "PATH": str(self.programs),
            "HOME": str(self.home),
            "SHELL": "/bin/bash",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CEILING_DIRECTORIES": str(self.root.parent),
            **self.variables_too,
        }

    def has(self, name: str, script: str) -> None:
        """Put a program on PATH."""
        path = self.programs / name
        path.write_text(script)
        path.chmod(0o755)

    def keeps(self, name: str, text: str) -> None:
        """Write a file in HOME."""
        (self.home / name).write_text(text)

    def type(self, line: str) -> None:
        """Type a line into a shell, in the checkout."""
        subprocess.run(["sh", "-c", line], cwd=self.root, env=self.variables, check=True, capture_output=True)

    @property
    def workspace(self) -> Workspace:
        """A workspace as the next `inv` would open it."""
        redactor, clock = Redactor(), ManualClock()
        console = MemoryConsole(redactor)
        environment = Environment(self.root, self.variables, console=console, redactor=redactor, clock=clock)
        runner = ProcessRunner(
            env=environment.child, cwd=self.root, console=console, redactor=redactor, clock=clock
        )
        return workspace(self.root, runner, console, clock, environment=environment)
