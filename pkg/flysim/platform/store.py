"""The state: documents in one SQLite database, read from a snapshot, changed one transaction at a time."""

from __future__ import annotations

import json
import sqlite3
from _thread import allocate_lock
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike, fspath, getpid

# The typing module costs 3 ms at every start of the simulated flyctl.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Json = dict[str, Any]
else:
    Json = dict

# As SQLite and the system say it.
FULL = ("disk is full", "no space left", "disk i/o error")
BUSY_SECONDS = 30.0
_FILE = "state.db"
_SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE documents (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    app TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
);
CREATE INDEX documents_of_app ON documents (kind, app, seq);
CREATE TABLE counter (number INTEGER NOT NULL);
INSERT INTO counter VALUES (0);
"""


class StateError(Exception):
    """The state cannot be read or written: a full disk, a file that is no database, a lock that stays."""


def with_advice(error: Exception) -> str:
    """What went wrong, and what to do: a state that is only short of room must not be thrown away."""
    said = str(error)
    if any(words in said.lower() for words in FULL):
        return f"{said}; make room on its disk, then run it again: the state is kept"
    return f"{said}; `inv sandbox.reset` makes it anew"


class Session:
    """One transaction: what is read is one moment, what is written appears all at once or not at all."""

    __slots__ = ("_connection", "_settings")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._settings: Json | None = None

    def get(self, kind: str, ident: str) -> Json | None:
        """The document of that kind and id, or None."""
        row = self._connection.execute(
            "SELECT body FROM documents WHERE kind = ? AND id = ?", (kind, ident)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def put(self, kind: str, ident: str, body: Json, *, app: str = "") -> None:
        """Write a document; one that was there keeps its place in the order."""
        self._connection.execute(
            "INSERT INTO documents (kind, id, app, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
            (kind, ident, app, json.dumps(body, separators=(",", ":"))),
        )

    def delete(self, kind: str, ident: str) -> bool:
        """Remove a document; False when there was none."""
        return (
            self._connection.execute(
                "DELETE FROM documents WHERE kind = ? AND id = ?", (kind, ident)
            ).rowcount
            > 0
        )

    def delete_oldest(self, kind: str, app: str, keep: int) -> None:
        """Remove all but the newest `keep` documents of an app."""
        self._connection.execute(
            "DELETE FROM documents WHERE kind = ? AND app = ? AND seq <= (SELECT seq FROM documents"
            " WHERE kind = ? AND app = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)",
            (kind, app, kind, app, keep),
        )

    def delete_all(self, kind: str, app: str) -> None:
        """Remove the documents of an app."""
        self._connection.execute("DELETE FROM documents WHERE kind = ? AND app = ?", (kind, app))

    def all(self, kind: str, app: str | None = None) -> list[Json]:
        """The documents of a kind, of one app or of all, oldest first."""
        where, values = ("kind = ?", (kind,)) if app is None else ("kind = ? AND app = ?", (kind, app))
        rows = self._connection.execute(f"SELECT body FROM documents WHERE {where} ORDER BY seq", values)  # noqa: S608 - no value in the text
        return [json.loads(body) for (body,) in rows]

    def newest(self, kind: str, app: str, limit: int) -> list[Json]:
        """The newest documents of an app, newest first."""
        rows = self._connection.execute(
            "SELECT body FROM documents WHERE kind = ? AND app = ? ORDER BY seq DESC LIMIT ?",
            (kind, app, limit),
        )
        return [json.loads(body) for (body,) in rows]

    def count(self, kind: str, app: str) -> int:
        """How many documents of a kind an app has."""
        row = self._connection.execute(
            "SELECT count(*) FROM documents WHERE kind = ? AND app = ?", (kind, app)
        )
        return int(row.fetchone()[0])

    def next_number(self) -> int:
        """The next number of the counter that all ids come from."""
        self._connection.execute("UPDATE counter SET number = number + 1")
        return int(self._connection.execute("SELECT number FROM counter").fetchone()[0])

    @property
    def settings(self) -> Json:
        """What control has set, as it is in this transaction."""
        if self._settings is None:
            self._settings = self.get("settings", "settings") or {}
        return self._settings

    def set(self, **values: object) -> None:
        """Change settings; None removes one."""
        merged = {**self.settings, **values}
        self._settings = {name: value for name, value in merged.items() if value is not None}
        self.put("settings", "settings", self._settings)


class Store:
    """The database in a state folder; it is made by the first to open it."""

    def __init__(self, folder: str | PathLike[str]) -> None:
        self.path = f"{fspath(folder)}/{_FILE}"
        self._idle: list[sqlite3.Connection] = []
        # Threads of one process take turns here, which is fairer than SQLite's waiting and trying again.
        self._turn = allocate_lock()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One moment of the state, without holding up anybody who changes it."""
        with self._connection() as connection:
            connection.execute("BEGIN")
            try:
                yield Session(connection)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def change(self) -> Iterator[Session]:
        """One change: committed when the block ends, undone when it raises. Others wait for it."""
        with self._turn, self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Session(connection)
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close what is open."""
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for one transaction: they are used by one thread at a time, and used again."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._open()
        try:
            yield connection
        except sqlite3.Error as error:
            connection.close()
            raise StateError(f"{self.path}: {error}") from error
        except BaseException:
            self._idle.append(connection)
            raise
        self._idle.append(connection)

    def _open(self) -> sqlite3.Connection:
        uri = f"file:{_quoted(self.path)}?mode=rw"
        try:
            try:
                return _connect(uri)
            except sqlite3.OperationalError:
                _create(self.path)
                return _connect(uri)
        except (sqlite3.Error, OSError) as error:
            raise StateError(f"{self.path}: {error}") from error


def _connect(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    # The page cache of the system outlives a killed process; nothing here has to outlive a power cut.
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def _create(path: str) -> None:
    """Make the database beside its place, then link it in: nobody ever sees half of one."""
    from pathlib import Path

    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        return
    draft = final.with_name(f".{final.name}.{getpid()}.{id(final)}")
    try:
        connection = sqlite3.connect(draft, isolation_level=None)
        try:
            connection.executescript(_SCHEMA)
        finally:
            connection.close()
        try:
            final.hardlink_to(draft)
        except FileExistsError:
            return
    finally:
        for leftover in final.parent.glob(f"{draft.name}*"):
            leftover.unlink(missing_ok=True)


def _quoted(path: str) -> str:
    """Escape what a file: URI reads as its own."""
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
