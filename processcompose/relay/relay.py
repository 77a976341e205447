# ruff: noqa: INP001 - a program of its own, in no package
"""The tenant `relay`: takes jobs over HTTP into a queue in SQLite, and works them off."""

import argparse
import hashlib
import json
import os
import signal
import sqlite3
import threading
from contextlib import closing
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_BODY = 64 * 1024  # bytes of a job

SCHEMA = "create table if not exists jobs (id integer primary key, body text not null, digest text)"


def connect(path: str) -> sqlite3.Connection:
    """Open the database for one use; Litestream needs the write-ahead log, and time to take its turn."""
    connection = sqlite3.connect(path, timeout=5)
    connection.execute("pragma journal_mode = wal")
    connection.execute(SCHEMA)
    return connection


class Worker(threading.Thread):
    """Works off the queue, oldest job first; one that was under way at a stop is done again."""

    def __init__(self, database: str) -> None:
        super().__init__(name="worker")
        self.database = database
        self.wake = threading.Event()
        self.stopping = threading.Event()

    def run(self) -> None:
        """Work until told to stop."""
        with closing(connect(self.database)) as connection:
            while not self.stopping.is_set():
                if not self.work(connection):
                    self.wake.wait(1)
                    self.wake.clear()

    def work(self, connection: sqlite3.Connection) -> bool:
        """Do the oldest job; False when there is none."""
        job = connection.execute(
            "select id, body from jobs where digest is null order by id limit 1"
        ).fetchone()
        if job is None:
            return False
        number, body = job
        digest = hashlib.sha256(body.encode()).hexdigest()
        with connection:
            connection.execute("update jobs set digest = ? where id = ?", (digest, number))
        return True

    def stop(self) -> None:
        """Let the job under way finish, and no other start."""
        self.stopping.set()
        self.wake.set()


class Relay(BaseHTTPRequestHandler):
    """Answers requests."""

    worker: Worker

    def do_GET(self) -> None:
        """Answer the checks and list the newest jobs."""
        if self.path == "/ready":
            alive = self.worker.is_alive() and not self.worker.stopping.is_set()
            code = HTTPStatus.OK if alive else HTTPStatus.SERVICE_UNAVAILABLE
            self.answer({"status": "ready" if alive else "not ready"}, code)
        elif self.path == "/jobs":
            with closing(connect(self.worker.database)) as connection:
                rows = connection.execute("select id, digest from jobs order by id desc limit 100").fetchall()
            self.answer({"jobs": [{"id": number, "digest": digest} for number, digest in rows]})
        else:
            self.answer({"error": "not found"}, HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Put a job into the queue; it is kept before it is accepted."""
        stated = self.headers.get("Content-Length", "")
        length = int(stated) if stated.isdecimal() else 0
        if self.path != "/jobs" or not 0 < length <= MAX_BODY:
            self.answer({"error": f"POST /jobs takes 1 to {MAX_BODY} bytes"}, HTTPStatus.BAD_REQUEST)
            return
        body = self.rfile.read(length).decode(errors="replace")
        with closing(connect(self.worker.database)) as connection, connection:
            number = connection.execute("insert into jobs (body) values (?)", (body,)).lastrowid
        self.worker.wake.set()
        self.answer({"id": number}, HTTPStatus.ACCEPTED)

    def answer(self, value: object, code: HTTPStatus = HTTPStatus.OK) -> None:
        """Send a whole answer."""
        content = json.dumps(value).encode() + b"\n"
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log what is worth reading: not the checks, which come for ever."""
        if self.path != "/ready":
            super().log_request(code, size)


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8081)
    port = parser.parse_args().port
    Relay.worker = Worker(os.environ["DATABASE"])
    # The proxy is on this machine, but Fly's check of the worker comes from outside it.
    server = ThreadingHTTPServer(("", port), Relay)
    # shutdown() waits for the loop to end, and the handler runs inside it: another thread must wait.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    Relay.worker.start()
    print(f"relay: listening on port {server.server_port}, database {Relay.worker.database}", flush=True)  # noqa: T201 - its log
    with server:
        server.serve_forever()
    Relay.worker.stop()
    Relay.worker.join()


if __name__ == "__main__":
    main()
