"""A repo and a simulated Fly in the test's own process: tasks run on it, and break where a test says."""

import io
import json
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import invoke

from pkg.flysim.flyctl.main import main as simulated_flyctl
from pkg.flysim.platform import Platform
from pkg.shell.environment import Environment, load_environment
from pkg.shell.errors import Interrupted, TimedOut
from pkg.shell.redact import Redactor
from pkg.shell.runner import Result
from pkg.shell.workspace import Workspace
from tests.fakes import FakeRunner, ManualClock, MemoryConsole, workspace

APP = "infra-core"
IMAGE = f"registry.fly.io/infra-core:first@sha256:{'f' * 64}"
MANIFEST = """app = "infra-core"
primary_region = "syd"
[deploy]
strategy = "rolling"
[env]
PORT = "8080"
[http_service]
internal_port = 8080
[[http_service.checks]]
interval = "10s"
timeout = "2s"
grace_period = "1s"
path = "/status"
[[mounts]]
source = "core_data"
destination = "/data"
"""
RECORD = f"""[image]
app = "infra-core"
ref = "{IMAGE}"
commit = "{"c" * 40}"
published = 2026-11-24T08:00:00Z
"""
PINS = '[flyctl]\nversion = "0.4.87"\n'
SECRETS = """[infra-core]
SYNCED = "op://infra/core/synced"
ALSO_SYNCED = "op://infra/core/also"
"""


class Killed(BaseException):
    """SIGKILL: nothing of ours may catch it."""


class Breaking(FakeRunner):
    """Runs the simulated flyctl without a process, and breaks at one of its calls.

    Args:
        platform: the simulated Fly.
        folder: the working directory.
        strike: called around the n-th call of a kind, `change` or `json`; see `World.strike`.
    """

    def __init__(self, platform: Platform, folder: Path) -> None:
        super().__init__(programs={"flyctl": Path(simulated_flyctl.__code__.co_filename)})
        self.platform = platform
        self.folder = folder
        self.seen: Counter[str] = Counter()
        self.at: tuple[str, int] | None = None
        self.how: Callable[[Callable[[], Result]], Result] | None = None
        self.lock = threading.Lock()

    def capture(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float | None = None,
        changes: bool = False,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        terminal: bool = False,
    ) -> Result:
        if argv[0] != "flyctl":
            return super().capture(argv, stdin=stdin, timeout=timeout, changes=changes)
        kinds = [*(["change"] if changes else []), *(["json"] if "--json" in argv else [])]
        with self.lock:
            struck = any(self.at == (kind, self.seen[kind]) for kind in kinds)
            self.seen.update(kinds)
        if struck and self.how:
            return self.how(lambda: self._flyctl(argv, stdin))
        return self._flyctl(argv, stdin)

    def _flyctl(self, argv: Sequence[str], stdin: str | None) -> Result:
        out, err = io.StringIO(), io.StringIO()
        fed = io.TextIOWrapper(
            io.BytesIO((stdin or "").encode()), encoding="utf-8", errors="surrogateescape", newline=""
        )
        code = simulated_flyctl(
            list(argv[1:]),
            {"FLYSIM_STATE": str(self.folder), "FLY_API_TOKEN": "fo1_simulated"},
            fed,
            out,
            err,
            cwd=str(self.folder),
            platform=self.platform,
        )
        return Result(tuple(argv), code, out.getvalue(), err.getvalue(), 0.0)


class World:
    """A repo with one app on a simulated Fly: two machines with a volume each, and another, free one.

    Args:
        folder: where it is.
        like: the folder of another one, to begin as that one is now.
    """

    def __init__(self, folder: Path, *, like: Path | None = None) -> None:
        self.root = folder
        if like:
            shutil.copytree(like, folder, dirs_exist_ok=True)
        for path, text in {
            "fly.toml": MANIFEST,
            "core/image.toml": RECORD,
            "secrets.toml": SECRETS,
            "pkg/tools/pins.toml": PINS,
            "docs/infra/domains.md": DOMAINS,
        }.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        self.platform = Platform(folder / "state")
        self.platform.control({"clock": {"mode": "virtual"}, "apps": [APP]})
        self.runner = Breaking(self.platform, folder)
        self.clock = ManualClock()
        self.clock.at_sleep = self._let_time_pass
        self.console = MemoryConsole(Redactor())
        self.struck = False
        if not like:
            self._begin()

    def _let_time_pass(self) -> None:
        self.platform.control({"clock": {"advance": max(self.clock.sleeps[-1], 0.001)}})

    def _begin(self) -> None:
        for _ in range(2):
            self.fly("volumes", "create", "core_data", "-a", APP, "-r", "syd", "-s", "1", "-y")
        self.fly("deploy", "-a", APP, "--image", IMAGE, "-y", "--dns-checks=false")
        self.fly("machine", "clone", self.machines()[0]["id"], "-a", APP, "--name", "second")
        self.fly("secrets", "set", "OLD=one", "GONE=two", "-a", APP)
        self.fly("certs", "add", "old.example.com", "-a", APP)
        self.runner.seen.clear()

    def fly(self, *argv: str, stdin: str = "") -> str:
        """Run the simulated flyctl, which must succeed."""
        result = self.runner._flyctl(["flyctl", *argv], stdin)
        assert result.code == 0, (argv, result.stderr)
        return result.stdout

    def workspace(self, *, stdin: Sequence[str] = ()) -> Workspace:
        """A workspace as a new process has it: nothing but the state folder and Fly is remembered."""
        self.console = MemoryConsole(Redactor(), answers=stdin)
        return workspace(
            self.root,
            self.runner,
            self.console,
            self.clock,
            environment=_environment(self.root, self.console),
            sandbox=True,
        )

    def run(self, task: Any, *args: str, stdin: Sequence[str] = (), **options: Any) -> int:
        """Run a task's body as `inv` does; return its exit code."""
        context = invoke.Context()
        object.__setattr__(context, "_workspace", self.workspace(stdin=stdin))
        try:
            task(context, *args, **options)
        except invoke.Exit as end:
            return int(end.code)
        return 0

    @contextmanager
    def strike(self, kind: str, number: int, how: Callable[[Callable[[], Result]], Result]) -> Iterator[None]:
        """Break the n-th call of a kind: `how` gets what would run it."""
        self.runner.seen.clear()
        self.runner.at, self.runner.how = (kind, number), how
        try:
            yield
        finally:
            self.runner.at = self.runner.how = None

    def machines(self) -> list[dict[str, Any]]:
        """The app's machines as flyctl lists them."""
        found: list[dict[str, Any]] = json.loads(self.fly("machine", "list", "-a", APP, "--json"))
        return found

    def facts(self) -> dict[str, Any]:
        """All that matters of the simulated Fly, without ids and times."""
        machines = self.machines()
        volumes = json.loads(self.fly("volumes", "list", "-a", APP, "--json"))
        certs = json.loads(self.fly("certs", "list", "-a", APP, "--json"))
        tokens = self.fly("tokens", "list", "-a", APP)
        return {
            "machines": Counter(
                (
                    machine["state"],
                    machine["config"].get("metadata", {}).get("owner", ""),
                    machine["image_ref"]["tag"],
                    len(machine["config"].get("mounts", [])),
                    tuple(check["status"] for check in machine["checks"]),
                )
                for machine in machines
            ),
            "volumes": Counter(
                (volume["name"], volume["size_gb"], volume["region"], bool(volume["attached_machine_id"]))
                for volume in volumes
            ),
            "secrets": json.loads(self.fly("secrets", "list", "-a", APP, "--json")),
            "certificates": sorted(one["hostname"] for one in certs),
            "live tokens": sum(
                line.split("│")[4].strip() == "" and "deploy" in line
                for line in tokens.splitlines()
                if "│" in line
            ),
            "page": (self.root / ".fly" / "domains.md").exists(),
        }

    def close(self) -> None:
        """Close the simulation."""
        self.platform.close()


DOMAINS = """# Domains

<!-- domains: begin, written by `inv fly.certs.docs` -->
<!-- domains: end -->
"""


def _environment(root: Path, console: MemoryConsole) -> Environment:
    return load_environment(root, {"USER": "ann", "PATH": ""}, console=console)


def times_out(act: Callable[[], Result], *, after: bool) -> Result:
    """flyctl hangs, before or after the effect, and the runner ends it."""
    if after:
        act()
    raise TimedOut("flyctl did not end within 90 s and was stopped")


def is_killed(act: Callable[[], Result], *, after: bool) -> Result:
    """Our process is killed while flyctl runs, before or after the effect."""
    if after:
        act()
    raise Killed


def is_interrupted(act: Callable[[], Result], *, after: bool) -> Result:
    """Ctrl-C, before or after the effect: what the runner raises then."""
    if after:
        act()
    raise Interrupted("interrupted; flyctl ended with exit code 127")


def is_cut(act: Callable[[], Result]) -> Result:
    """flyctl's answer is cut short."""
    result = act()
    return Result(result.argv, result.code, result.stdout[: len(result.stdout) // 2], result.stderr, 0.0)
