"""A soak of `flysim serve`: 16 clients, 20,000 requests of a working day; prints figures, and is no test.

    ./dev python -m tests.bench.soak_serve [REQUESTS [CLIENTS]]

Exits 1 when a request failed without a fault that was laid for it, or the server's memory grew by a quarter.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PROGRAM = Path(__file__).resolve().parents[2] / "pkg" / "flysim" / "bin" / "flysim"
HEADERS = {"Authorization": "Bearer fo1_soak"}
DEADLINE_SECONDS = 900
WARM_UP = 0.1
INJECTED = 503
MACHINES_EACH = 3


@dataclass
class Figures:
    """What the clients saw."""

    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    injected: int = 0
    memory: list[float] = field(default_factory=list)


class Client:
    """One person at work: an app of their own, with machines, leases, releases, secrets and waits."""

    def __init__(self, http: httpx.AsyncClient, app: str, figures: Figures) -> None:
        self._http = http
        self._app = app
        self._figures = figures
        self._draw = random.Random(app)
        self._image = f"registry.fly.io/{app}:v1"
        self._machines: list[str] = []
        self._asked = 0

    async def work(self, requests: int) -> None:
        """Make so many requests: mostly reads, with all kinds of changes between them."""
        steps = [self._list] * 7 + [self._show] * 5 + [self._query] * 4
        steps += [self._destroy, self._release, self._set_secret, self._restart]
        await self._ask("POST", "/v1/apps", {"name": self._app, "org_slug": "personal"})
        done = 1
        while done < requests:
            before = self._asked
            await (self._create() if len(self._machines) < MACHINES_EACH else self._draw.choice(steps)())
            done += self._asked - before

    @property
    def _all(self) -> str:
        return f"/v1/apps/{self._app}/machines"

    @property
    def _one(self) -> str:
        return f"{self._all}/{self._draw.choice(self._machines)}"

    async def _create(self) -> None:
        service = {"internal_port": 8080, "checks": [{"type": "http"}]}
        made = await self._ask("POST", self._all, {"config": {"image": self._image, "services": [service]}})
        if made:
            self._machines.append(made["id"])

    async def _destroy(self) -> None:
        machine = self._machines.pop(0)
        await self._ask("DELETE", f"{self._all}/{machine}?kill=true")

    async def _list(self) -> None:
        await self._ask("GET", self._all)

    async def _show(self) -> None:
        await self._ask("GET", self._one)

    async def _query(self) -> None:
        query = "query ($appName: String!) { appcompact:app(name: $appName) { id name } }"
        await self._ask("POST", "/graphql", {"query": query, "variables": {"appName": self._app}})

    async def _set_secret(self) -> None:
        await self._ask("POST", f"/v1/apps/{self._app}/secrets", {"values": {"A": str(time.monotonic())}})

    async def _restart(self) -> None:
        machine = self._one
        await self._ask("POST", f"{machine}/restart")
        await self._ask("GET", f"{machine}/wait?state=started&timeout=10")

    async def _release(self) -> None:
        """What a deploy does to one machine."""
        machine = self._one
        made = await self._ask(
            "POST", "/api/v1/releases", {"app_name": self._app, "image": self._image, "definition": {}}
        )
        lease = await self._ask("POST", f"{machine}/lease?ttl=13")
        nonce = {"fly-machine-lease-nonce": lease["data"]["nonce"]} if lease else {}
        await self._ask("POST", machine, {"config": {"image": self._image}}, headers=nonce)
        await self._ask("DELETE", f"{machine}/lease", headers=nonce)
        if made:
            await self._ask("PATCH", f"/api/v1/releases/{made['release']['id']}", {"status": "complete"})

    async def _ask(
        self, method: str, path: str, body: object = None, *, headers: dict[str, str] | None = None
    ) -> Any:
        self._asked += 1
        began = time.perf_counter()
        answer = await self._http.request(method, path, json=body, headers=headers)
        self._figures.milliseconds.append((time.perf_counter() - began) * 1000)
        self._figures.statuses[answer.status_code] += 1
        if answer.status_code < 400:
            return answer.json() if answer.content else None
        if answer.text == f'{{"error":"injected {INJECTED}"}}':
            self._figures.injected += 1
        else:
            self._figures.unexpected.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return None


def memory_mb(process: int) -> float:
    """The resident memory of a process, in MB; 0 where /proc is not there to ask."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


async def watch(process: int, figures: Figures) -> None:
    """Look at the server's memory once a second, until cancelled."""
    while True:
        figures.memory.append(memory_mb(process))
        await asyncio.sleep(1)


async def soak(address: str, requests: int, clients: int, process: int) -> Figures:
    """Let all clients work at once."""
    figures = Figures()
    watching = asyncio.create_task(watch(process, figures))
    limits = httpx.Limits(max_connections=clients)
    async with httpx.AsyncClient(
        base_url=address, headers=HEADERS, limits=limits, timeout=60, trust_env=False
    ) as http:
        people = [Client(http, f"soak-{number}-{requests}", figures) for number in range(clients)]
        await asyncio.wait_for(
            asyncio.gather(*(person.work(requests // clients) for person in people)), DEADLINE_SECONDS
        )
    watching.cancel()
    return figures


def control(environment: dict[str, str], settings: str) -> None:
    """Set settings from outside, as a person would."""
    subprocess.run(
        [sys.executable, PROGRAM, "control", settings], env=environment, check=True, stdout=subprocess.DEVNULL
    )


def main(requests: int = 20_000, clients: int = 16) -> int:
    """Serve, soak, print; the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "FLYSIM_STATE": folder}
        with subprocess.Popen(
            [sys.executable, PROGRAM, "serve"], env=environment, stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            try:
                address = server.stdout.readline().split()[-1]
                asyncio.run(soak(address, int(requests * WARM_UP), clients, server.pid))
                before = memory_mb(server.pid)
                control(environment, f'{{"fail": {{"GET .*/machines$": [{INJECTED}, 50]}}}}')
                began = time.monotonic()
                figures = asyncio.run(soak(address, requests, clients, server.pid))
                seconds = time.monotonic() - began
                after = memory_mb(server.pid)
            finally:
                server.terminate()
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1024**2
    cuts = statistics.quantiles(figures.milliseconds, n=100)
    made = len(figures.milliseconds)
    lines = [
        f"requests            {made} by {clients} clients in {seconds:.1f} s ({made / seconds:.0f} a second)",
        f"statuses            {dict(sorted(figures.statuses.items()))}",
        f"errors              {len(figures.unexpected)} unexpected, {figures.injected} injected",
        f"latency             p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, p99 {cuts[98]:.1f} ms",
        f"longest             {max(figures.milliseconds):.0f} ms",
        f"server's memory     {before:.1f} MB after the warm-up, {after:.1f} MB at the end; between:"
        + "".join(f" {figures.memory[len(figures.memory) * part // 4]:.1f}" for part in range(1, 4)),
        f"state               {size:.1f} MB on disk",
        *figures.unexpected[:5],
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    grew = before > 0 and after > before * 1.25
    return 1 if figures.unexpected or grew or figures.injected != 50 else 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:3])))
