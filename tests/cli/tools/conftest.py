"""A project of its own with the tasks `tools.*`, a cache, and a server that has the pinned flyctl."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import tomlkit

from pkg.tools.pins import FILE, PATH
from pkg.tools.platforms import PLATFORMS, here
from tests import warm
from tests.fakes import FakeRunner
from tests.unit.tools.archives import confirmed
from tests.unit.tools.loopback import Server, serve
from tests.unit.tools.releases import DOWNLOADS, Site, archive, asset_name, binary

ROOT = Path(__file__).parents[3]
TASKS = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from invoke import Collection
from pkg.shell.cli import checked
from pkg.tools import cli
ns = checked(Collection(cli.collection()), lambda: Collection(cli.collection()))
"""


@dataclass
class Answer:
    """How a run of inv ended."""

    code: int
    stdout: str
    stderr: str


@dataclass
class Project:
    """A folder with a tasks.py and pins, in which `inv` is run as a person runs it."""

    folder: Path
    server: Server
    variables: dict[str, str] = field(default_factory=dict)

    def inv(self, *words: str, **variables: str) -> Answer:
        path = os.pathsep.join([str(self.folder / "bin"), "/usr/bin", "/bin"])
        env = {"PATH": path, "HOME": str(self.folder), "PYTHONPATH": "", **self.variables, **variables}
        ran = warm.inv(words, cwd=self.folder, env=env)
        assert "Traceback" not in ran.stderr, ran.stderr
        return Answer(ran.returncode, ran.stdout, ran.stderr)

    def program(self, name: str, script: str) -> None:
        """Put a program on PATH."""
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    @property
    def pins(self) -> Path:
        return self.folder / FILE

    def confirm(self, version: str) -> None:
        """Pin a version of flyctl with what the server has."""
        document = tomlkit.parse(PATH.read_text())
        flyctl = document["flyctl"]
        flyctl["version"] = version
        for platform in PLATFORMS:
            place = flyctl["platforms"][platform.key]
            url = f"https://github.com{DOWNLOADS}/v{version}/{asset_name(version, platform)}"
            whole = confirmed(url, archive(version, platform), binary(version, platform))
            place.update(url=url, size=whole.size, sha256=whole.sha256, binary_sha256=whole.binary_sha256)
            place.pop("unconfirmed_sha256", None)
        self.pins.write_text(tomlkit.dumps(document))

    @property
    def link(self) -> Path:
        return self.folder / ".tools" / "bin" / "flyctl"

    def flyctl(self) -> str:
        """Run the linked flyctl, and return what it says."""
        return subprocess.run([self.link], check=True, capture_output=True, text=True).stdout.strip()

    def cached(self, version: str) -> Path:
        key = here(FakeRunner()).key
        return self.folder / "cache" / "flyctl" / f"{version}-{key}" / "flyctl"


@pytest.fixture
def server() -> Iterator[Server]:
    with serve() as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, server: Server) -> Project:
    (tmp_path / "tasks.py").write_text(TASKS)
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text(PATH.read_text())
    variables = {"INFRA_TOOLS_CACHE": str(tmp_path / "cache"), **Site(server, "0.4.87").variables}
    Site(server, "0.4.86")
    return Project(tmp_path, server, variables)
