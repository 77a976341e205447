"""Metrics behind a proxy: it is found in .env as in the process, and the token goes through it unseen."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pkg.fly import argv
from pkg.fly.metrics import prometheus
from pkg.fly.metrics.failures import Away
from pkg.fly.metrics.prometheus import Server, Span
from pkg.fly.metrics.work import opened
from pkg.shell.errors import BadInput
from tests.unit.fly.world import APP, World

TOKEN = "fo1_secret_of_a_person"


class Refusing:
    """A proxy that wants a password: what it was asked first, and where it is."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._asked: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        self.at = f"127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def asked(self) -> list[str]:
        return [each.decode() for each in self._asked]

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                if not (said := connection.recv(4096)):
                    return
                self._asked.append(said)
                connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    def close(self) -> None:
        with socket.create_connection(self._listener.getsockname()):
            pass
        self._thread.join(5)
        self._listener.close()


@pytest.fixture
def proxy() -> Iterator[Refusing]:
    made = Refusing()
    yield made
    made.close()


def measure(world: World) -> None:
    world.runner.answer(*argv.releases(APP), json=[])
    with opened(world.ws, world.flyctl, APP, "personal") as source:
        source.measure(3600)


def test_a_proxy_that_only_env_names_is_used_and_never_sees_the_token(
    tmp_path: Path, proxy: Refusing
) -> None:
    world = World(tmp_path, env={"FLY_API_TOKEN": TOKEN})
    world.write(".env", f"HTTPS_PROXY=http://joe:hunter2@{proxy.at}\n")
    with pytest.raises(Away, match="through the proxy: 407 Proxy Authentication Required") as caught:
        measure(world)
    assert "HTTPS_PROXY" in caught.value.fix
    assert proxy.asked[0].startswith("CONNECT api.fly.io:443 HTTP/1.1\r\n")
    assert TOKEN not in "".join(proxy.asked)
    assert "hunter2" not in str(caught.value)


def test_a_proxy_that_is_no_url_is_told(tmp_path: Path) -> None:
    world = World(tmp_path, env={"FLY_API_TOKEN": TOKEN})
    world.write(".env", "HTTPS_PROXY=ftp://proxy.example\n")
    with pytest.raises(BadInput, match="HTTPS_PROXY is no URL"):
        measure(world)


def test_an_answer_comes_back_through_the_proxy(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        assert request.host == "metrics.example.com"
        data = {"resultType": "matrix", "result": [{"metric": {}, "values": [[1000, "1"]]}]}
        return Response(json.dumps({"status": "success", "data": data}))

    httpserver.expect_request("/prometheus/personal/api/v1/query_range").respond_with_handler(answer)
    through = {"HTTP_PROXY": httpserver.url_for("")}
    server = Server("http://metrics.example.com", "personal", "Bearer x", through)
    (series,) = prometheus.ask(server, {"a": "up"}, Span(1000, 1000, 15))["a"]
    assert series.points == [(1000, 1.0)]


def test_this_machines_own_server_is_asked_without_a_proxy(httpserver: HTTPServer) -> None:
    nothing = {"status": "success", "data": {"resultType": "matrix", "result": []}}
    httpserver.expect_request("/prometheus/personal/api/v1/query_range").respond_with_json(nothing)
    through = {"HTTP_PROXY": "http://127.0.0.1:1"}
    server = Server(httpserver.url_for("").rstrip("/"), "personal", "Bearer x", through)
    assert prometheus.ask(server, {"a": "up"}, Span(1000, 1000, 15)) == {"a": []}
