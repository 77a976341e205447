"""The HTTP door: loopback only, a token always, and an answer whatever comes in."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from pkg.flysim import serve
from pkg.flysim.platform import Platform
from tests.flysim.simulation import Simulation, simulation

PROGRAM = Path(__file__).resolve().parents[2] / "pkg" / "flysim" / "bin" / "flysim"
HEADERS = {"Authorization": "Bearer fo1_test"}


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Simulation]:
    with simulation(tmp_path / "state") as made:
        yield made


@asynccontextmanager
async def door(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(serve.application(platform))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=HEADERS) as client:
        yield client


def ask(sim: Simulation, method: str, path: str, **more: Any) -> httpx.Response:
    async def once() -> httpx.Response:
        async with door(sim.platform) as client:
            return await client.request(method, path, **more)

    return asyncio.run(once())


def test_a_request_is_answered_as_the_platform_answers_it(sim: Simulation) -> None:
    machine = sim.machine()
    answer = ask(sim, "GET", f"/v1/apps/demo/machines/{machine}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == sim.see(machine)
    assert ask(sim, "GET", "/v1/apps/demo/machines?state=stopped").json() == []


def test_a_state_that_cannot_be_read_is_500_in_words(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(os.urandom(4096))

    async def once() -> httpx.Response:
        async with door(Platform(tmp_path)) as client:
            return await client.get("/v1/apps/demo")

    answer = asyncio.run(once())
    assert answer.status_code == 500
    assert "the simulation's state cannot be used: " in answer.json()["error"]
    assert "file is not a database" in answer.json()["error"]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "FlyV1 "])
@pytest.mark.parametrize("path", ["/v1/apps/demo", "/graphql", "/", "/nosuch"])
def test_no_token_is_401(sim: Simulation, header: str | None, path: str) -> None:
    method = "POST" if path == "/graphql" else "GET"
    headers = {"Authorization": header} if header is not None else {"Authorization": ""}
    answer = ask(sim, method, path, headers=headers, json={"query": "{ viewer { id } }"})
    assert answer.status_code == 401
    assert answer.json()["error"].startswith("unauthenticated")


def test_graphql_is_read_as_flyctl_writes_it(sim: Simulation) -> None:
    query = "query ($appName: String!) { appcompact:app(name: $appName) { id organization { slug } } }"
    answer = ask(sim, "POST", "/graphql", json={"query": query, "variables": {"appName": "demo"}})
    assert answer.json()["data"]["appcompact"]["organization"]["slug"] == "personal"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe\x00", 400),
        (b"nothing", 400),
        (b'{"a":' * 100_000, 400),
        (b"[" * 100_000, 400),
        (b"null", 400),
        (b"[]", 400),
        (b"7", 400),
        (b"", 400),
        (b'{"config": {"image": "registry.fly.io/demo:v1"}}', 200),
    ],
    ids=lambda one: repr(one)[:20],
)
def test_a_malformed_body_is_400_and_the_door_goes_on(sim: Simulation, content: bytes, status: int) -> None:
    assert ask(sim, "POST", "/v1/apps/demo/machines", content=content).status_code == status
    assert ask(sim, "GET", "/v1/apps/demo").status_code == 200


def test_a_body_that_is_too_long_is_refused_unread(sim: Simulation) -> None:
    answer = ask(sim, "POST", "/v1/apps/demo/machines", content=b" " * (serve.MAX_BODY_BYTES + 1))
    assert answer.status_code == 400
    assert "longer than" in answer.json()["error"]

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * (serve.MAX_BODY_BYTES // 8)

    assert ask(sim, "POST", "/v1/apps/demo/machines", content=chunks()).status_code == 400


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD", "TRACE", "BREW"])
def test_a_method_that_no_api_has_is_refused(sim: Simulation, method: str) -> None:
    assert ask(sim, method, "/v1/apps/demo").status_code in {405, 501}


@pytest.mark.parametrize(
    "path", ["/%00", "/v1/apps/%2e%2e", "/v1/apps/..%2fdemo", "/v1/apps/%ff", "/v1//apps", "//"]
)
def test_a_strange_path_finds_nothing(sim: Simulation, path: str) -> None:
    assert ask(sim, "GET", path).status_code in {404, 501}


def test_a_hostname_in_the_path_may_be_escaped(sim: Simulation) -> None:
    ask(sim, "POST", "/v1/apps/demo/certificates/acme", json={"hostname": "*.example.com"})
    answer = ask(sim, "POST", "/v1/apps/demo/certificates/%2A.example.com/check")
    assert answer.json()["hostname"] == "*.example.com"


def test_an_answer_without_a_body_has_none(sim: Simulation) -> None:
    answer = ask(sim, "DELETE", "/v1/apps/demo")
    assert (answer.status_code, answer.content) == (202, b"")


def test_an_answer_that_is_cut_short_is_no_json(sim: Simulation) -> None:
    sim.control(truncate={"GET /v1/apps/demo$": 1})
    answer = ask(sim, "GET", "/v1/apps/demo")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert ask(sim, "GET", "/v1/apps/demo").json()["id"] == "demo"


def test_faults_strike_here_too(sim: Simulation) -> None:
    sim.control(fail={"GET /v1/apps/demo$": [429, 1]})
    assert ask(sim, "GET", "/v1/apps/demo").json() == {"error": "injected 429"}


def test_a_lease_is_kept_by_the_nonce_in_its_header(sim: Simulation) -> None:
    machine = sim.machine()
    path = f"/v1/apps/demo/machines/{machine}"
    nonce = ask(sim, "POST", f"{path}/lease?ttl=60").json()["data"]["nonce"]
    assert ask(sim, "POST", f"{path}/stop").status_code == 409
    kept = ask(sim, "POST", f"{path}/stop", headers={**HEADERS, "fly-machine-lease-nonce": nonce})
    assert kept.status_code == 200


def test_forms_are_read_where_json_was_not_sent(sim: Simulation) -> None:
    answer = ask(sim, "POST", "/v1/apps/demo/certificates/acme", data={"hostname": "www.example.com"})
    assert answer.status_code == 201


def test_a_hundred_waits_hold_up_nobody_else(sim: Simulation) -> None:
    machine = sim.machine()
    sim.control(clock={"mode": "real"})

    async def wait_and_ask() -> tuple[int, list[int]]:
        async with door(sim.platform) as client:
            path = f"/v1/apps/demo/machines/{machine}"
            waits = [
                asyncio.create_task(client.get(f"{path}/wait?state=stopped&timeout=20")) for _ in range(100)
            ]
            await asyncio.sleep(0.05)
            asked = await asyncio.wait_for(client.get("/v1/apps/demo"), timeout=5)
            await client.post(f"{path}/stop")
            return asked.status_code, [answer.status_code for answer in await asyncio.gather(*waits)]

    status, waited = asyncio.run(wait_and_ask())
    assert status == 200
    assert waited == [200] * 100


def test_the_exports_send_flyctl_to_the_door_and_nowhere_else() -> None:
    exports = serve.exports("http://127.0.0.1:4280")
    assert {name for name, value in exports.items() if value == "http://127.0.0.1:4280"} == {
        "FLY_API_BASE_URL",
        "FLY_FLAPS_BASE_URL",
        "FLY_UIEX_BASE_URL",
        "FLY_METRICS_BASE_URL",
    }
    assert exports["FLY_NO_UPDATE_CHECK"] == "1"


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ([], ("127.0.0.1", 0)),
        (["--port", "4280"], ("127.0.0.1", 4280)),
        (["--port=4280", "--host=localhost"], ("127.0.0.1", 4280)),
        (["--host", "::1"], ("::1", 0)),
        (["--host", "127.0.0.9"], ("127.0.0.9", 0)),
    ],
)
def test_options_are_read(argv: list[str], expected: tuple[str, int]) -> None:
    assert serve.options(argv) == expected


@pytest.mark.parametrize(
    "argv",
    [
        ["--host", "0.0.0.0"],
        ["--host", "example.com"],
        ["--host", "192.168.1.2"],
        ["--host", "::"],
        ["--host"],
        ["--port", "-1"],
        ["--port", "65536"],
        ["--port", "²"],
        ["--prot", "1"],
        ["4280"],
    ],
)
def test_what_is_no_option_or_no_loopback_is_refused(argv: list[str]) -> None:
    with pytest.raises(ValueError, match=r"serve|--port"):
        serve.options(argv)


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The program on a free port: its address, and the process."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        [PROGRAM, "serve", "--port", "0"],
        env={"PATH": path, "FLYSIM_STATE": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    # A server that never says where it listens would keep us waiting for ever.
    alarm = threading.Timer(60, process.kill)
    alarm.start()
    try:
        lines = [process.stdout.readline() for _ in range(7)]
        address = re.search(r"http://127\.0\.0\.1:\d+", lines[0])
        assert address, lines
        assert all(line.startswith("export FLY_") for line in lines[1:])
        yield address[0], process
    finally:
        process.kill()
        process.communicate(timeout=30)
        alarm.cancel()


def test_an_interrupt_before_it_serves_is_its_end_as_well(tmp_path: Path) -> None:
    with served(tmp_path) as (_, process):
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert process.returncode in {0, 127, 130, -signal.SIGINT}
        assert said == ""


def test_the_program_serves_until_it_is_interrupted_and_survives_bad_bytes(tmp_path: Path) -> None:
    with served(tmp_path) as (address, process):
        port = int(address.rpartition(":")[2])
        for noise in (
            b"\x00\x01\x02\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST /graphql HTTP/1.1\r\nContent-Le",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(noise)
        answer = httpx.get(f"{address}/v1/platform/regions", headers=HEADERS, trust_env=False, timeout=30)
        assert answer.json()["Nearest"] == "syd"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) in {0, 130, -signal.SIGINT}


def test_a_port_that_is_taken_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        platform = Platform(tmp_path)
        code = serve.run(platform, serve.Options("127.0.0.1", taken.getsockname()[1]))
        platform.close()
    assert code == 1
    assert "cannot listen on 127.0.0.1 port" in capsys.readouterr().err
