"""The proof itself: a row goes in, is waited for, and must be in a restored copy that is checked in full.

Nothing less proves anything. With a replica broken on purpose, `status` says ok with the daemon stopped,
`list` says replicating, and `sync -wait` succeeds after the replica's files were deleted (seen of 0.5.18;
tests/real).
"""

import contextlib
import secrets
from collections.abc import Iterator

import msgspec

from pkg.litestream import argv
from pkg.litestream.answers import Listed, Restored, Synced, decode, require, version
from pkg.litestream.failures import Behind, Damaged, DatabaseDamaged, DatabaseReplaced, SentinelLost, Unproven
from pkg.litestream.place import Place
from pkg.shell.clock import Clock


class Target(msgspec.Struct, frozen=True):
    """What is to be proven.

    Attributes:
        database: its path.
        socket: the daemon's control socket.
        config: the litestream.yml that names its replica.
    """

    database: str
    socket: str
    config: str


class Proof(msgspec.Struct, frozen=True):
    """A replica that is good.

    Attributes:
        database: its path.
        where: on which machine.
        version: Litestream's.
        sentinel: whether a row was written and read back; else only positions were compared.
        position: the transaction that the restored copy is at.
        lag: seconds until the replica had what was written.
        idle: seconds since the replica was last written to before; None when Litestream did not tell.
        size: bytes of the restored copy.
        seconds: how long all of it took.
    """

    database: str
    where: str
    version: str
    sentinel: bool
    position: int
    lag: float
    idle: float | None
    size: int
    seconds: float


def prove(
    place: Place,
    target: Target,
    clock: Clock,
    *,
    read_only: bool = False,
    timeout: int = 120,
    sentinel: int = 0,
) -> Proof | None:
    """Prove that a database can be restored from its replica; None in a dry run.

    Args:
        place: where the database is.
        target: the database.
        clock: measures.
        read_only: write nothing to the database; the copy's position must then be the daemon's.
        timeout: seconds that the sync, and that the restore, may take each.
        sentinel: the number to write; a random one by default.

    Raises:
        Unproven: it cannot; the class tells why.
        Failure: a command could not be run.
    """
    started = clock.monotonic()
    asked = place.run(argv.version())
    found = "" if asked.skipped else version(asked)
    listed = place.run(argv.listed(target.socket))
    idle = None if listed.skipped else _idle(decode(listed, Listed, "asking the daemon"), target, clock)
    value = sentinel or secrets.randbits(62)
    if not read_only:
        require(place.run(argv.write(target.database, value)), "writing the sentinel", DatabaseDamaged)
    written = clock.monotonic()
    answer = place.run(argv.sync(target.database, target.socket, timeout), timeout=timeout + 10)
    synced = (
        Synced(0, 0)
        if answer.skipped
        else decode(answer, Synced, "waiting for the replica", DatabaseReplaced)
    )
    lag = clock.monotonic() - written
    if synced.replica_txid != synced.txid:
        raise Behind(f"the database is at {synced.txid}, its replica at {synced.replica_txid}", answer)
    with _scratch(place) as folder:
        copy = f"{folder}/copy.db"
        answer = place.run(argv.restore(target.database, target.config, copy), timeout=timeout)
        restored = Restored("0", "full") if answer.skipped else decode(answer, Restored, "restoring a copy")
        if restored.integrity_check != "full":
            raise Damaged("the copy was not checked in full", answer)
        if restored.position < synced.txid:
            raise Behind(f"the database is at {synced.txid}, the copy at {restored.position}", answer)
        answer = place.run(argv.read(copy, sentinel=not read_only))
        if answer.skipped:
            return None
        require(answer, "reading the copy")
    size, *values = answer.stdout.split()
    if not read_only and values != [str(value)]:
        raise SentinelLost(f"the copy has {' '.join(values) or 'nothing'} where {value} was written", answer)
    return Proof(
        database=target.database,
        where=place.name,
        version=found,
        sentinel=not read_only,
        position=restored.position,
        lag=lag,
        idle=idle,
        size=int(size),
        seconds=clock.monotonic() - started,
    )


def _idle(listed: Listed, target: Target, clock: Clock) -> float | None:
    managed = next((each for each in listed.databases if each.path == target.database), None)
    if managed is None or managed.last_sync_at is None:
        return None
    return max(0.0, (clock.now() - managed.last_sync_at).total_seconds())


@contextlib.contextmanager
def _scratch(place: Place) -> Iterator[str]:
    """A folder for the copy, which is the size of the database and must not stay."""
    answer = place.run(argv.scratch())
    require(answer, "making room for the copy")
    folder = answer.stdout.strip() or ("FOLDER" if answer.skipped else "")
    if not folder.startswith("/") and not answer.skipped:
        raise Unproven(f"mktemp answered {folder!r}, which is no folder", answer)
    try:
        yield folder
    finally:
        place.run(argv.remove(folder))
