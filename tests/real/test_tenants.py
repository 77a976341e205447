"""The tenants' own commands, run as process-compose would: they start, answer, replicate and come back."""

import json
import shutil
import socket
import sqlite3
import sys
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import pytest

from pkg.processcompose import local
from pkg.processcompose.tenant import Tenant, read
from tests.real.conftest import Started, answers, environment, inv, missing, need, run, running, wait_for


class Machine:
    """A tenant's processes in the order of their dependencies, each in a shell, as process-compose does."""

    def __init__(self, checkout: Path, name: str, path: str) -> None:
        self.tenant: Tenant
        self.tenant, findings = read(checkout, name)
        assert findings == []
        self.cwd = checkout / self.tenant.folder
        self.folder = checkout / ".fly/tenants" / name
        self.env = local.environment(self.tenant, self.folder)
        local.describe(self.folder, self.env)
        self.variables = environment(**self.env, PATH=path)
        self.started: list[Started] = []

    @property
    def database(self) -> Path:
        return Path(self.env["DATABASE"])

    def boot(self, stack: ExitStack) -> None:
        """Start everything; a process that others wait for is waited for."""
        done: set[str] = set()
        left = dict(self.tenant.processes)
        while left:
            ready = [name for name, process in left.items() if set(process.depends_on) <= done]
            assert ready, f"nothing can start: {left}"
            for name in ready:
                self._start(name, stack)
                done.add(name)
                del left[name]

    def _start(self, name: str, stack: ExitStack) -> None:
        process = self.tenant.processes[name]
        argv = ["sh", "-c", process.command]
        if process.availability.restart == "no":
            ended = run(argv, cwd=self.cwd, env=self.variables)
            assert ended.returncode == 0, ended.stderr
            return
        log = self.folder / f"{name}.log"
        self.started.append(stack.enter_context(running(argv, log, env=self.variables, cwd=self.cwd)))
        for _, probe in process.probes():
            assert probe.http_get
            url = f"http://{probe.http_get.host}:{probe.http_get.port}{probe.http_get.path}"
            wait_for(partial(answers, url), url, log)

    def halt(self) -> None:
        """Stop everything, the last started first; each must end by itself."""
        while self.started:
            assert self.started.pop().end() == 0

    def lose_the_volume(self) -> None:
        for path in self.folder.iterdir():
            if path.name.startswith((self.database.name, f".{self.database.name}")):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture
def machine(checkout: Path, built: Callable[[str], str]) -> Callable[[str], Machine]:
    for program in ("python3", "sqlite3"):
        need(program)
    for port in (8080, 8081):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                missing(
                    f"port {port}", "stop what listens there: the tenants' ports are those of their manifests"
                )
    path = f"{Path(built('litestream')).parent}:{environment()['PATH']}"
    return lambda name: Machine(checkout, name, path)


def prove(checkout: Path, name: str, machine: Machine) -> dict[str, object]:
    done = inv(
        checkout,
        "fly.litestream",
        "-c",
        f"processcompose/{name}",
        "--local",
        "--json",
        PATH=machine.variables["PATH"],
    )
    assert done.returncode == 0, done.stderr
    (proof,) = json.loads(done.stdout)
    assert isinstance(proof, dict)
    return proof


def test_notes_run_replicate_and_outlive_their_volume(
    machine: Callable[[str], Machine], checkout: Path
) -> None:
    notes = machine("notes")
    with ExitStack() as stack:
        notes.boot(stack)
        with urllib.request.urlopen("http://127.0.0.1:8080/", data=b"text=keep+%3Cme%3E") as page:
            assert b"<li>keep &lt;me&gt;" in page.read()
        proof = prove(checkout, "notes", notes)
        assert proof["sentinel"] is True
        assert proof["database"] == str(notes.database)
        notes.halt()
        notes.lose_the_volume()
        assert not notes.database.exists()
        notes.boot(stack)
        with urllib.request.urlopen("http://127.0.0.1:8080/") as page:
            assert b"<li>keep &lt;me&gt;" in page.read()
        # What came back is replicated in turn.
        prove(checkout, "notes", notes)
        notes.halt()


def test_the_relay_keeps_jobs_and_works_them_off_behind_its_proxy(
    machine: Callable[[str], Machine], checkout: Path
) -> None:
    need("caddy")
    relay = machine("relay")
    with ExitStack() as stack:
        relay.boot(stack)
        for body in (b"one", b"two"):
            with urllib.request.urlopen("http://127.0.0.1:8080/jobs", data=body) as answer:
                assert answer.status == 202
        wait_for(lambda: all(job["digest"] for job in jobs()), "the work")
        assert prove(checkout, "relay", relay)["sentinel"] is True
        relay.halt()
    with closing(sqlite3.connect(relay.database)) as kept:
        assert kept.execute("select count(*) from jobs where digest is not null").fetchone() == (2,)


def jobs() -> list[dict[str, object]]:
    with urllib.request.urlopen("http://127.0.0.1:8080/jobs") as answer:
        found = json.load(answer)["jobs"]
    assert isinstance(found, list)
    return found


def test_process_compose_itself_starts_a_tenant(checkout: Path, built: Callable[[str], str]) -> None:
    """Not failed in CI: no registry that is reached there has process-compose."""
    if shutil.which("process-compose") is None:
        pytest.skip("process-compose is missing: https://f1bonacc1.github.io/process-compose/installation/")
    path = f"{Path(built('litestream')).parent}:{environment()['PATH']}"
    log = checkout / "up.log"
    argv = [sys.executable, "-m", "invoke", "tenants.up", "notes"]
    with running(argv, log, env=environment(PATH=path), cwd=checkout) as started:
        wait_for(lambda: answers("http://127.0.0.1:8080/ready"), "/ready", log, seconds=60)
        assert started.end() in (0, 130, 143)
