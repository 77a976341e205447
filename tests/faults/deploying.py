"""A deploy in the test's own process, on a simulated Fly whose every request can be made to fail."""

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pkg.fly.cli.deploy import deploy
from pkg.flysim.platform import Platform, Response
from pkg.shell.runner import Result
from tests.fakes import ManualClock
from tests.faults.simulated import APP, Breaking, World

FIRST = f"registry.fly.io/{APP}:first@sha256:{'f' * 64}"
IMAGES = {
    "new": f"registry.fly.io/{APP}:new@sha256:{'a' * 64}",
    "sick": f"registry.fly.io/{APP}:sick@sha256:{'b' * 64}",
    "dies": f"registry.fly.io/{APP}:dies@sha256:{'d' * 64}",
}
PINS = '[flyctl]\nversion = "0.4.87"\n'
MANIFEST = f"""app = "{APP}"
primary_region = "syd"
[deploy]
strategy = "rolling"
[http_service]
internal_port = 8080
[[http_service.checks]]
interval = "10s"
timeout = "2s"
grace_period = "1s"
path = "/status"
[[http_service.checks]]
interval = "10s"
timeout = "2s"
grace_period = "1s"
path = "/ready"
[[mounts]]
source = "core_data"
destination = "/data"
"""


class Failing(Platform):
    """A Fly of which the n-th request fails, before or after its effect."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.lock = threading.Lock()
        self.asked = 0
        self.at = -1
        self.status = 500
        self.after = False
        self.failed = ""

    def fail_at(self, number: int, status: int = 500, *, after: bool = False) -> None:
        """Let the request of this number fail, counted from now on; -1 for none."""
        self.asked, self.at, self.status, self.after, self.failed = 0, number, status, after, ""

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object | None = None,
        token: str | None,
        nonce: str | None = None,
    ) -> Response:
        """Answer, or fail."""
        with self.lock:
            number, self.asked = self.asked, self.asked + 1
        if number != self.at:
            return super().request(method, path, query=query, body=body, token=token, nonce=nonce)
        if self.after:
            super().request(method, path, query=query, body=body, token=token, nonce=nonce)
        self.failed = f"{method} {path}"
        return Response(self.status, {"error": f"injected {self.status}"})


def _passes(machine: Mapping[str, Any]) -> bool:
    return all(check["status"] == "passing" for check in machine["checks"])


class Streaming(Breaking):
    """Streams as well: what flyctl writes then is for nobody."""

    def stream(
        self,
        argv: Sequence[str],
        *,
        changes: bool = False,
        timeout: float | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        to_stderr: bool = False,
    ) -> Result:
        result = self.capture(argv, changes=changes, timeout=timeout, env=env, cwd=cwd)
        return Result(result.argv, result.code, "", "", result.seconds)


class PlatformClock(ManualClock):
    """The simulation's own time, so that a lease ends here when it ends there."""

    def __init__(self, platform: Platform) -> None:
        super().__init__()
        self._platform = platform

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._platform.clock.now(), UTC)

    def monotonic(self) -> float:
        return self._platform.clock.now()

    def sleep(self, seconds: float) -> None:
        self._platform.clock.sleep(max(seconds, 0.001))


class DeployWorld(World):
    """An app on two machines, and images to deploy: `new` is healthy, `sick` never is, `dies` crashes."""

    def __init__(self, folder: Path, *, like: Path | None = None) -> None:
        super().__init__(folder, like=like)
        self.platform.close()
        self.platform: Failing = Failing(folder / "state")
        self.runner = Streaming(self.platform, folder)
        self.clock = PlatformClock(self.platform)
        if not like:
            for path, text in {"fly.toml": MANIFEST, "pkg/tools/pins.toml": PINS}.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text)
            self.fly("deploy", "-a", APP, "--image", FIRST, "-y", "--dns-checks=false")
        images = {IMAGES["sick"]: {"behaviour": "unhealthy"}, IMAGES["dies"]: {"behaviour": "crashes"}}
        self.platform.control({"images": images})

    def deploy(self, tag: str, **options: Any) -> int:
        """Publish an image and deploy it; return the exit code."""
        (self.root / "core" / "image.toml").write_text(
            f'[image]\napp = "{APP}"\nref = "{IMAGES[tag]}"\ncommit = "{"c" * 40}"\n'
            "published = 2026-11-24T08:00:00Z\n"
        )
        return self.run(deploy, wait_timeout=5, **options)

    def running(self) -> set[str]:
        """The tags that run; `tag!` where a check does not pass or a machine is not started."""
        return {
            machine["image_ref"]["tag"] + ("" if machine["state"] == "started" and _passes(machine) else "!")
            for machine in self.machines()
        }
