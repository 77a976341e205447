"""The HTTP door: the platform's requests on loopback, so that the real flyctl has something to talk to."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response as HttpResponse
from starlette.routing import Route

from pkg.flysim.platform import Platform, Response, StateError

MAX_BODY_BYTES = 8 * 1024 * 1024
WORKERS = 8
WAITERS = 200
NONCE_HEADER = "fly-machine-lease-nonce"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
BASE_URLS = ("FLY_API_BASE_URL", "FLY_FLAPS_BASE_URL", "FLY_UIEX_BASE_URL", "FLY_METRICS_BASE_URL")
TOKEN = "fo1_simulated"  # noqa: S105 - a token of the simulation opens nothing else


class Options(NamedTuple):
    """Where to listen; port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 0


def options(arguments: Sequence[str]) -> Options:
    """Read `--host HOST` and `--port N`; ValueError, with a sentence, for anything else."""
    host, port = Options()
    rest = [part for argument in arguments for part in argument.split("=", 1)]
    while rest:
        name = rest.pop(0)
        if name not in {"--host", "--port"} or not rest:
            raise ValueError(f"serve takes --port N and --host HOST, not {name!r}")
        value = rest.pop(0)
        if name == "--host":
            host = _loopback(value)
        elif value.isascii() and value.isdigit() and int(value) < 65536:
            port = int(value)
        else:
            raise ValueError(f"--port must be 0 to 65535, not {value!r}")
    return Options(host, port)


def _loopback(host: str) -> str:
    """The address of a loopback host: the simulation takes any token, so nobody else may reach it."""
    address = "127.0.0.1" if host == "localhost" else host
    try:
        loopback = ip_address(address).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError(f"serve listens on loopback only (127.0.0.1, ::1, localhost), not on {host!r}")
    return address


def exports(address: str) -> dict[str, str]:
    """The variables that send flyctl to a simulation at an address such as http://127.0.0.1:4280."""
    return {**dict.fromkeys(BASE_URLS, address), "FLY_API_TOKEN": TOKEN, "FLY_NO_UPDATE_CHECK": "1"}


def run(platform: Platform, wanted: Options) -> int:
    """Listen, print the address and the exports, and serve until interrupted. Returns the exit code."""
    import uvicorn

    family = socket.AF_INET6 if ":" in wanted.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((wanted.host, wanted.port))
        except OSError as error:
            sys.stderr.write(f"flysim: cannot listen on {wanted.host} port {wanted.port}: {error.strerror}\n")
            return 1
        listener.listen(1024)
        host = f"[{wanted.host}]" if family == socket.AF_INET6 else wanted.host
        address = f"http://{host}:{listener.getsockname()[1]}"
        lines = [f"export {name}={value}" for name, value in exports(address).items()]
        sys.stdout.write("\n".join([f"# The simulated Fly: {address}", *lines, ""]))
        sys.stdout.flush()
        # An interrupt is its end, however far it is: it ends its connections, then raises it again.
        with suppress(KeyboardInterrupt):
            config = uvicorn.Config(
                application(platform),
                log_level="warning",
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=2,
            )
            uvicorn.Server(config).run(sockets=[listener])
    return 0


def application(platform: Platform) -> Starlette:
    """The door as an ASGI application."""
    door = Door(platform)
    return Starlette(routes=[Route("/{path:path}", door.handle, methods=list(METHODS))])


class Door:
    """Takes HTTP apart, asks the platform in a thread, and puts the answer together."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        # A wait holds its thread for up to a minute: waits must not take those that the others need.
        self._workers = CapacityLimiter(WORKERS)
        self._waiters = CapacityLimiter(WAITERS)

    async def handle(self, request: Request) -> HttpResponse:
        """Answer one request, whatever is wrong with it."""
        try:
            body = await _body(request)
        except ClientDisconnect:
            return HttpResponse(status_code=400)
        except ValueError as error:
            return _rendered(Response(400, {"error": f"the body cannot be read: {error}"}))
        path = request.scope.get("raw_path", b"").decode("latin-1") or request.url.path
        ask = partial(
            self._platform.request,
            request.method,
            path,
            query=dict(request.query_params),
            body=body,
            token=request.headers.get("authorization"),
            nonce=request.headers.get(NONCE_HEADER),
        )
        waits = request.method == "GET" and path.endswith("/wait")
        try:
            answer = await to_thread.run_sync(ask, limiter=self._waiters if waits else self._workers)
        except StateError as error:
            answer = Response(500, {"error": f"the simulation's state cannot be used: {error}"})
        return _rendered(answer)


async def _body(request: Request) -> object:
    """What a request's body holds: JSON, or a form; None when it has none. ValueError when it is neither."""
    if int(request.headers.get("content-length") or 0) > MAX_BODY_BYTES:
        raise ValueError(f"it is longer than {MAX_BODY_BYTES} bytes")
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY_BYTES:
            raise ValueError(f"it is longer than {MAX_BODY_BYTES} bytes")
    if not raw.strip():
        return None
    try:
        return json.loads(raw)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except ValueError:
        # Prometheus' API takes its queries as forms, too.
        if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            raise
        return dict(parse_qsl(raw.decode("utf-8"), strict_parsing=True))


def _rendered(response: Response) -> HttpResponse:
    """The platform's answer as HTTP; one to be cut short ends in the middle."""
    if response.body is None:
        return HttpResponse(status_code=response.status)
    content = json.dumps(response.body, separators=(",", ":")).encode()
    if response.truncated:
        content = content[: len(content) // 2]
    return HttpResponse(content, response.status, media_type="application/json")
