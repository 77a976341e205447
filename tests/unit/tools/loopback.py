"""A server of files on loopback that can stumble in all the ways in which servers and networks do."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class File:
    """A file, and how it is served.

    `failures` are the status codes of the first answers, with `failure_headers`; `cut_after` resets the
    connection after so many bytes of the body, as often as `cuts` says. `plain` leaves the length out.
    """

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    failures: list[int] = field(default_factory=list)
    failure_headers: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    range_start: int | None = None
    cut_after: int = 0
    cuts: int = 0
    plain: bool = False
    location: str = ""
    before: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    path: str
    headers: dict[str, str]


class Server:
    """Serves `files` by path, and keeps what it was asked."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self.requests: list[Request] = []
        self.url = ""
        self.connect_status = 0

    def put(self, path: str, body: bytes) -> File:
        self.files[path] = File(body)
        return self.files[path]

    @property
    def asked(self) -> list[str]:
        return [request.path for request in self.requests]


@contextlib.contextmanager
def serve() -> Iterator[Server]:
    server = Server()
    handler = type("Handler", (_Handler,), {"files": server})
    with _Http(("127.0.0.1", 0), handler) as http:
        server.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 32

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that went away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files: Server

    def do_GET(self) -> None:
        self._keep()
        path = self.path.removeprefix(self.files.url)
        file = self.files.files.get(path)
        if file is None:
            self._answer(404, b"")
            return
        file.before()
        if file.failures:
            self._answer(file.failures.pop(0), b"sorry", file.failure_headers)
        elif file.location:
            self._answer(302, b"", {"Location": file.location})
        else:
            self._file(file)

    def do_CONNECT(self) -> None:
        self._keep()
        self._answer(self.files.connect_status, b"")
        self.close_connection = True

    def _keep(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.files.requests.append(Request(self.command, self.path, headers))

    def _file(self, file: File) -> None:
        start = self._start(file)
        body = file.body[start:]
        status, headers = 200, dict(file.headers)
        if start or file.range_start is not None:
            shown = start if file.range_start is None else file.range_start
            headers["Content-Range"] = f"bytes {shown}-{len(file.body) - 1}/{len(file.body)}"
            status = 206
        if file.cuts > 0:
            file.cuts -= 1
            self._answer(status, body, headers, cut_after=file.cut_after)
        else:
            self._answer(status, body, headers, plain=file.plain)

    def _start(self, file: File) -> int:
        asked = self.headers.get("Range", "")
        current = (file.headers.get("ETag"), file.headers.get("Last-Modified"))
        if not file.ranges or not asked or self.headers.get("If-Range") not in current:
            return 0
        return int(asked.removeprefix("bytes=").removesuffix("-"))

    def _answer(
        self,
        status: int,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        cut_after: int = 0,
        plain: bool = False,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if plain:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if cut_after:
            self.wfile.write(body[:cut_after])
            self.wfile.flush()
            # Linger for no time: the client sees a reset, not an end.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        self.wfile.write(body)

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""
