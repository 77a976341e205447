"""The argv of every command that the replication check runs, here or on a machine: pure functions.

What Litestream answers to them with `-json` is its documented output: docs/CLI_JSON_OUTPUT.md in its
repository.
"""

LITESTREAM = "litestream"
SQLITE = "sqlite3"

# One row, written over again: the check leaves nothing that grows. A number needs no quotes, which two shells
# would have to agree on.
_WRITE = (
    "create table if not exists _infra_sentinel (id integer primary key check (id = 1),"
    " value integer not null, written text not null default current_timestamp);"
    " insert into _infra_sentinel (id, value) values (1, {value})"
    " on conflict (id) do update set value = excluded.value, written = current_timestamp;"
)
_READ = " select value from _infra_sentinel;"
_SIZE = "select page_count * page_size from pragma_page_count, pragma_page_size;"


def version() -> list[str]:
    """Ask for Litestream's version."""
    return [LITESTREAM, "version"]


def listed(socket: str) -> list[str]:
    """Ask the daemon what it replicates, and when it last did."""
    return [LITESTREAM, "list", "-json", "-timeout", "10", "-socket", socket]


def write(database: str, value: int) -> list[str]:
    """Write the sentinel; five seconds are waited for another writer."""
    sql = _WRITE.format(value=value)
    return [SQLITE, "-batch", "-bail", "-cmd", ".timeout 5000", database, sql]


def sync(database: str, socket: str, timeout: int) -> list[str]:
    """Have everything copied to the replica, and wait until it is there."""
    return [LITESTREAM, "sync", "-wait", "-timeout", str(timeout), "-json", "-socket", socket, database]


def scratch() -> list[str]:
    """Make an empty folder for the copy."""
    return ["mktemp", "-d"]


def restore(database: str, config: str, copy: str) -> list[str]:
    """Restore the newest state into a copy and check all of it."""
    return [
        *(LITESTREAM, "restore", "-config", config, "-o", copy),
        *("-integrity-check", "full", "-json", database),
    ]


def read(copy: str, *, sentinel: bool) -> list[str]:
    """Read the copy's size in bytes, and then its sentinel."""
    return [SQLITE, "-batch", "-bail", "-readonly", copy, _SIZE + (_READ if sentinel else "")]


def remove(folder: str) -> list[str]:
    """Delete the copy."""
    return ["rm", "-rf", folder]
