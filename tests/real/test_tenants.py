"""The tenants' own commands, run as process-compose would: they start, answer, replicate and come back."""

import json
import shutil
import sqlite3
import sys
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from pkg.processcompose import local
from pkg.processcompose.tenant import read
from tests.real.conftest import answers, environment, inv, need, running, wait_for
from tests.real.machine import Machine


class Here(Machine):
    """A tenant that runs on this machine, its volume a folder of the checkout, as `inv tenants.up` has it."""

    def __init__(self, checkout: Path, name: str, path: str) -> None:
        tenant, findings = read(checkout, name)
        assert findings == []
        self.folder = checkout / ".fly/tenants" / name
        own = local.environment(tenant, self.folder)
        local.describe(self.folder, own)
        self.database = Path(own["DATABASE"])
        super().__init__(tenant, self.folder, cwd=checkout / tenant.folder, env=environment(**own, PATH=path))

    def lose_the_volume(self) -> None:
        for path in self.folder.iterdir():
            if path.name.startswith((self.database.name, f".{self.database.name}")):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture
def machine(checkout: Path, built: Callable[[str], str], ports: None) -> Callable[[str], Here]:
    for program in ("python3", "sqlite3"):
        need(program)
    path = f"{Path(built('litestream')).parent}:{environment()['PATH']}"
    return lambda name: Here(checkout, name, path)


def prove(checkout: Path, name: str, machine: Here) -> dict[str, object]:
    done = inv(
        checkout,
        "fly.litestream",
        "-c",
        f"processcompose/{name}",
        "--local",
        "--json",
        PATH=machine.env["PATH"],
    )
    assert done.returncode == 0, done.stderr
    (proof,) = json.loads(done.stdout)
    assert isinstance(proof, dict)
    return proof


def test_notes_run_replicate_and_outlive_their_volume(machine: Callable[[str], Here], checkout: Path) -> None:
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
    machine: Callable[[str], Here], checkout: Path
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


def test_process_compose_itself_runs_a_tenant(
    process_compose: str, checkout: Path, built: Callable[[str], str], ports: None
) -> None:
    folders = [str(Path(program).parent) for program in (process_compose, built("litestream"))]
    path = ":".join([*folders, environment()["PATH"]])
    log = checkout / "up.log"
    argv = [sys.executable, "-m", "invoke", "tenants.up", "notes"]
    with running(argv, log, env=environment(PATH=path), cwd=checkout) as started:
        wait_for(lambda: answers("http://127.0.0.1:8080/ready"), "/ready", log, seconds=60)
        assert started.end() in (0, 130, 143)
