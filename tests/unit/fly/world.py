"""A repo, a fake runner and an app on Fly, for tests of plans and deploys that need no process."""

import hashlib
from pathlib import Path
from typing import Any

from pkg.fly import argv
from pkg.fly.client import Flyctl
from pkg.fly.journal import Entry, Journal
from pkg.fly.manifest import Manifest, read
from pkg.shell.environment import load_environment
from pkg.shell.redact import Redactor
from tests.fakes import FakeRunner, ManualClock, MemoryConsole, workspace
from tests.unit.fly import shapes

APP = "demo"
MANIFEST = """app = "demo"
primary_region = "syd"
[deploy]
strategy = "rolling"
[http_service]
internal_port = 8080
[[http_service.checks]]
path = "/status"
[[http_service.checks]]
path = "/ready"
"""
V1 = f"registry.fly.io/demo:v1@{shapes.DIGEST['v1']}"
V2 = f"registry.fly.io/demo:v2@{shapes.DIGEST['v2']}"
PINS = '[flyctl]\nversion = "0.4.87"\n'
LIST = argv.machine_list(APP)
HEAD = "c" * 40


def record(ref: str = V2, *, dirty: bool = False) -> str:
    return f"""[image]
app = "demo"
ref = "{ref}"
commit = "{HEAD}"
published = 2026-11-24T08:00:00Z
dirty = {str(dirty).lower()}
"""


def sha(text: str = MANIFEST) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class World:
    """A repo in a folder; flyctl answers what `fly` and the test have announced."""

    def __init__(self, folder: Path, *, dry: bool = False, env: dict[str, str] | None = None) -> None:
        self.runner = FakeRunner(dry=dry, programs={"flyctl": folder / "flyctl", "git": folder / "git"})
        self.clock = ManualClock()
        self.redactor = Redactor()
        self.console = MemoryConsole(self.redactor)
        root = folder / "repo"
        for path, text in {
            "fly.toml": MANIFEST,
            "core/image.toml": record(),
            "pkg/tools/pins.toml": PINS,
        }.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        self.ws = workspace(
            root,
            self.runner,
            self.console,
            self.clock,
            environment=load_environment(root, {"USER": "ann", **(env or {})}, console=self.console),
            dry=dry,
        )
        self.flyctl = Flyctl(self.runner, clock=self.clock, say=self.console.say, version="0.4.87")
        self.runner.answer("git", "rev-parse", "HEAD", stdout=f"{HEAD}\n", times=None)

    @property
    def manifest(self) -> Manifest:
        return read(self.ws.root / "fly.toml")

    @property
    def journal(self) -> list[Entry]:
        return Journal(self.ws.state / "journal.jsonl", self.redactor).read()

    def write(self, path: str, text: str) -> None:
        (self.ws.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.ws.root / path).write_text(text)

    def fly(
        self,
        machines: list[dict[str, Any]],
        *,
        image: str = V2,
        found: bool = True,
        releases: list[dict[str, Any]] | None = None,
        volumes: list[dict[str, Any]] | None = None,
        secrets: list[dict[str, Any]] | None = None,
        leases: dict[str, Any] | None = None,
        later: dict[str, Any] | None = None,
        valid: bool = True,
    ) -> None:
        """Announce all that a plan asks for, any number of times; `later` are the leases after the plan."""
        answer = self.runner.answer
        answer(*argv.status(APP), json=shapes.status(machines), times=None)
        answer(
            *argv.releases(APP), json=[shapes.release(1, "v1")] if releases is None else releases, times=None
        )
        answer(*argv.volumes_list(APP), json=volumes or [], times=None)
        answer(*argv.secrets_list(APP), json=secrets or [], times=None)
        answer(*argv.certs_list(APP), json=[], times=None)
        ids = [machine["id"] for machine in machines]
        answer(*argv.machine_leases(APP, ids), json=leases or {}, times=None if later is None else 1)
        answer(*argv.machine_leases(APP, ids), json=later or {}, times=None)
        bad = {} if valid else {"code": 1, "stderr": "Error: app configuration is not valid"}
        answer(*argv.config_validate(APP, "fly.toml"), times=None, **bad)  # type: ignore[arg-type]  # by name
        gone = {} if found else {"code": 1, "stderr": f'Error: could not find image "{image}"'}
        answer(*argv.build_only(APP, "fly.toml", image), times=None, **gone)  # type: ignore[arg-type]  # by name

    def sees(self, *machines: dict[str, Any], times: int | None = 1) -> None:
        """Announce what the next look at the machines shows."""
        self.runner.answer(*LIST, json=list(machines), times=times)
