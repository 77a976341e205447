"""The core binary really runs, is stopped, and keeps its data."""

import json
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.real.conftest import ROOT, Started, answers, environment, need, run, running, wait_for

CORE = ROOT / "core"
COMMIT = "c0ffee" + "0" * 34


@pytest.fixture(scope="session")
def core(tmp_path_factory: pytest.TempPathFactory) -> str:
    program = tmp_path_factory.mktemp("core") / "core"
    flags = f"-X main.commit={COMMIT}"
    argv = [need("go"), "build", "-trimpath", "-ldflags", flags, "-o", str(program), "."]
    subprocess.run(argv, cwd=CORE, env=environment(CGO_ENABLED="0"), check=True)
    return str(program)


@contextmanager
def serving(core: str, data: Path, port: int, **more: str) -> Iterator[Started]:
    env = environment(HOST="127.0.0.1", PORT=str(port), CORE_DATA=str(data), **more)
    with running([core], data.parent / "core.log", env=env) as started:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/ready"), "/ready", started.log)
        yield started


def ask(port: int, path: str, body: object = None) -> dict[str, object]:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data=data, timeout=5) as answer:
        value = json.load(answer)
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_notes_outlive_each_way_to_end(ending: signal.Signals, core: str, tmp_path: Path, port: int) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with serving(core, data, port) as started:
        kept = ask(port, "/notes", {"text": "keep me"})
        code = started.end(ending)
    if ending is not signal.SIGKILL:
        assert code == 0
        records = [json.loads(line) for line in started.log.read_text().splitlines()]
        assert [record["msg"] for record in records if record["msg"].startswith("stop")] == [
            "stopping",
            "stopped",
        ]
        # Closed as it should be: everything is in the database itself.
        assert not (data / "core.db-wal").exists()
    with serving(core, data, port):
        assert ask(port, "/notes") == {"notes": [kept]}


def test_the_version_is_what_it_was_built_from_and_runs_as(core: str, tmp_path: Path, port: int) -> None:
    image = f"registry.fly.io/infra:{COMMIT}@sha256:{'1' * 64}"
    with serving(core, tmp_path, port, FLY_IMAGE_REF=image):
        told = ask(port, "/version")
    assert (told["commit"], told["image"], told["digest"]) == (COMMIT, image, f"sha256:{'1' * 64}")
    assert str(told["go"]).startswith("go1.")


def test_a_volume_that_is_not_there_stops_the_start(core: str, tmp_path: Path, port: int) -> None:
    env = environment(PORT=str(port), CORE_DATA=str(tmp_path / "nowhere"))
    done = run([core], env=env)
    assert done.returncode == 1
    assert "is the volume mounted there?" in done.stdout


def test_a_request_in_flight_is_finished(core: str, tmp_path: Path, port: int) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with serving(core, data, port) as started, socket.create_connection(("127.0.0.1", port)) as slow:
        body = b'{"text": "slow"}'
        head = f"POST /notes HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        slow.sendall(head.encode() + body[:5])
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/ready"), "/ready")
        started.process.send_signal(signal.SIGTERM)
        wait_for(lambda: '"stopping"' in started.log.read_text(), "the stop", started.log)
        slow.sendall(body[5:])
        slow.settimeout(10)
        answer = b"".join(iter(lambda: slow.recv(4096), b""))
        assert b" 201 " in answer
        assert started.process.wait(10) == 0


def test_its_own_tests_pass() -> None:
    go = need("go")
    for argv in ([go, "vet", "./..."], [go, "test", "./..."], [go, "mod", "verify"]):
        done = run(argv, cwd=CORE)
        assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_formatted() -> None:
    gofmt = Path(need("go")).resolve().parent / "gofmt"
    done = run([gofmt, "-l", "."], cwd=CORE)
    assert (done.returncode, done.stdout) == (0, "")
