"""A real flyctl against what was recorded of one, with the simulation as its platform."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pkg.flysim.flyctl.surface import load
from pkg.flysim.platform import Platform
from tests.flysim.flyctl.door import MANIFESTS, TOKEN, Ran

BIN = Path(__file__).parents[2] / "pkg" / "flysim" / "bin"
GRAMMAR = Path(__file__).parents[1] / "flysim" / "facts" / "grammar.jsonl"
NO_TOKEN = "Error: no access token available. Please login with 'flyctl auth login'"
SIMULATED = "simulated"
STILL_RUNNING_SECONDS = 3.0
ATTEMPT_SECONDS = 180.0


def find(path: str) -> Path | None:
    """The real flyctl on a PATH; a simulated one is none.

    Args:
        path: the value of PATH.
    """
    others = [folder for folder in path.split(os.pathsep) if folder and Path(folder).resolve() != BIN]
    found = shutil.which("flyctl", path=os.pathsep.join(others))
    return Path(found) if found and version(Path(found))["Environment"] != SIMULATED else None


def version(program: Path) -> dict[str, str]:
    """What a flyctl says of itself."""
    ran = subprocess.run(
        [program, "version", "--json"], capture_output=True, text=True, check=True, timeout=30
    )
    return dict(json.loads(ran.stdout))


class RealDoor:
    """A real flyctl in a folder of its own, talking to a simulation that is served on loopback."""

    def __init__(
        self, program: Path, folder: Path, platform: Platform, exports: dict[str, str], manifest: str
    ) -> None:
        self.program = program
        self.platform = platform
        self.cwd = folder / "work"
        self.cwd.mkdir()
        for each in MANIFESTS.glob("*.toml"):
            shutil.copy(each, self.cwd / each.name)
        shutil.copy(MANIFESTS / manifest, self.cwd / "fly.toml")
        home = folder / "home"
        home.mkdir()
        self.env = {
            **exports,
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "FLY_API_TOKEN": TOKEN,
            "FLY_SEND_METRICS": "0",
        }

    def run(self, *argv: str, stdin: str = "") -> Ran:
        """Run it to its end."""
        ran = subprocess.run(
            [self.program, *argv],
            cwd=self.cwd,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=ATTEMPT_SECONDS,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def ok(self, *argv: str, stdin: str = "") -> str:
        """Run it, and expect that it succeeds."""
        ran = self.run(*argv, stdin=stdin)
        assert ran.rc == 0, ran
        return ran.out

    def interrupted(self, *argv: str, after: int) -> Ran:
        """Run it, and press Ctrl-C when it has run for so many seconds."""
        process = subprocess.Popen(
            [self.program, *argv],
            cwd=self.cwd,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            out, err = process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=ATTEMPT_SECONDS)
        return Ran(process.returncode, out, err)

    def control(self, **settings: object) -> None:
        """Change settings of the simulation."""
        self.platform.control(settings)

    def machines(self) -> list[dict[str, Any]]:
        """The app's machines, from the platform itself."""
        return list(self.platform.request("GET", "/v1/apps/demo/machines", token=TOKEN).body)

    def volumes(self) -> list[dict[str, Any]]:
        """The app's volumes, from the platform itself."""
        return list(self.platform.request("GET", "/v1/apps/demo/volumes", token=TOKEN).body)


@contextmanager
def served(program: Path, folder: Path, manifest: str) -> Iterator[RealDoor]:
    """A simulation on loopback with the app `demo`, and a flyctl that talks to it."""
    state = folder / "state"
    platform = Platform(state)
    platform.control({"apps": ["demo"]})
    server = subprocess.Popen(
        [sys.executable, BIN / "flysim", "serve", "--port", "0"],
        env={**os.environ, "FLYSIM_STATE": str(state)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield RealDoor(program, folder, platform, _exports(server), manifest)
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)
        platform.close()


def _exports(server: subprocess.Popen[str]) -> dict[str, str]:
    """The variables that the server prints once it listens: the last one ends the list."""
    assert server.stdout is not None
    exports: dict[str, str] = {}
    for line in server.stdout:
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").strip().partition("=")
            exports[name] = value
        if "FLY_NO_UPDATE_CHECK" in exports:
            return exports
    raise AssertionError("flysim serve ended without listening")


def grammar_rows() -> list[dict[str, Any]]:
    """The recorded argv lists."""
    return [json.loads(line) for line in GRAMMAR.read_text().splitlines()]


def grammar_differences(program: Path, rows: list[dict[str, Any]], folder: Path) -> list[str]:
    """How a flyctl parses argv lists otherwise than recorded, without a token and without a network."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "FLY_NO_UPDATE_CHECK": "1",
        "FLY_SEND_METRICS": "0",
    }

    def compare(row: dict[str, Any]) -> list[str]:
        ran = subprocess.run(
            [program, *row["argv"]],
            cwd=folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        error = next(iter(ran.stderr.splitlines()), "")
        kind = "needs-auth" if error == NO_TOKEN else "usage-error" if ran.returncode else "help"
        usage = "Usage:" in ran.stdout or "--help" in ran.stdout
        got = {"argv": row["argv"], "rc": ran.returncode, "error": error, "usage": usage, "kind": kind}
        return [
            f"{row['argv']}: {key}: recorded {row[key]!r}, got {got[key]!r}"
            for key in row
            if row[key] != got[key]
        ]

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return [each for found in pool.map(compare, rows) for each in found]


def version_differences(program: Path) -> list[str]:
    """Whether a flyctl is another version than the one that was recorded."""
    got = version(program)["Version"]
    return [] if got == load().version else [f"version: recorded {load().version}, got {got}"]
