# ruff: noqa: INP001 - a program of its own, in no package
"""The tenant `notes`: a page to keep notes on, in SQLite."""

import argparse
import html
import os
import signal
import sqlite3
import threading
from contextlib import closing
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

MAX_BODY = 64 * 1024  # bytes of a form
MAX_TEXT = 2_000  # characters of a note

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Notes</title>
<style>
  body {{ font: 1.1rem/1.5 system-ui; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }}
  :root {{ color-scheme: light dark; }}
  form {{ display: flex; gap: .5rem; }} input {{ flex: 1; font: inherit; }} button {{ font: inherit; }}
</style>
<h1>Notes</h1>
<form method="post"><label for="text" hidden>Note</label>
<input id="text" name="text" required maxlength="2000" autofocus><button>Keep</button></form>
<ul>{items}</ul>
"""


def connect(path: str) -> sqlite3.Connection:
    """Open the database for one request; Litestream needs the write-ahead log, and time to take its turn."""
    connection = sqlite3.connect(path, timeout=5)
    connection.execute("pragma journal_mode = wal")
    connection.execute("create table if not exists notes (id integer primary key, text text not null)")
    return connection


class Notes(BaseHTTPRequestHandler):
    """Answers requests."""

    database = ""

    def do_GET(self) -> None:
        """Answer the checks and show the page."""
        if self.path == "/status":
            self.answer("ok\n", "text/plain")
        elif self.path == "/ready":
            self.ready()
        elif self.path == "/":
            with closing(connect(self.database)) as connection:
                rows = connection.execute("select text from notes order by id desc limit 100").fetchall()
            items = "".join(f"<li>{html.escape(text)}" for (text,) in rows)
            self.answer(PAGE.format(items=items), "text/html; charset=utf-8")
        else:
            self.answer("not found\n", "text/plain", HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Keep a note, and show the page again."""
        stated = self.headers.get("Content-Length", "")
        length = int(stated) if stated.isdecimal() else 0
        if length > MAX_BODY:
            self.answer("too large\n", "text/plain", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        form = parse_qs(self.rfile.read(length).decode(errors="replace"))
        text = form.get("text", [""])[0].strip()
        if not 0 < len(text) <= MAX_TEXT:
            self.answer(
                f"a note has 1 to {MAX_TEXT} characters\n", "text/plain", HTTPStatus.UNPROCESSABLE_ENTITY
            )
            return
        with closing(connect(self.database)) as connection, connection:
            connection.execute("insert into notes (text) values (?)", (text,))
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def ready(self) -> None:
        """Say whether the database answers."""
        try:
            with closing(connect(self.database)) as connection:
                connection.execute("select 1 from notes limit 1").fetchone()
        except sqlite3.Error as error:
            self.log_error("not ready: %s", error)
            self.answer("not ready\n", "text/plain", HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self.answer("ready\n", "text/plain")

    def answer(self, body: str, kind: str, code: HTTPStatus = HTTPStatus.OK) -> None:
        """Send a whole answer."""
        content = body.encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log what is worth reading: not the checks, which come for ever."""
        if self.path not in ("/status", "/ready"):
            super().log_request(code, size)


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    Notes.database = os.environ["DATABASE"]
    server = ThreadingHTTPServer(("", parser.parse_args().port), Notes)
    # shutdown() waits for the loop to end, and the handler runs inside it: another thread must wait.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"notes: listening on port {server.server_port}, database {Notes.database}", flush=True)  # noqa: T201 - its log
    with server:
        server.serve_forever()


if __name__ == "__main__":
    main()
