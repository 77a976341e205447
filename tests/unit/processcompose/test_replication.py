"""litestream.yml: each database to one replica of its own, and a daemon that can be asked."""

from pathlib import Path

import pytest

from tests.unit.processcompose.breaking import LITESTREAM, MANIFEST, ROOT, Break, found

BREAKS = {
    "a database that nobody replicates": Break(
        "litestream",
        MANIFEST,
        'DATABASE = "/data/relay.db"',
        'DATABASE = "/data/relay.db"\nEVENTS_DATABASE = "/data/events.db"',
        "/data/events.db is not replicated",
        "dbs:",
        LITESTREAM,
    ),
    "Litestream on another path": Break(
        "litestream", LITESTREAM, "${DATABASE}", "/data/other.db", "no database of fly.toml"
    ),
    "Litestream with an unset variable": Break(
        "litestream", LITESTREAM, "${DATABASE}", "${DATABASES}", "needs DATABASES"
    ),
    "no replica": Break(
        "litestream",
        LITESTREAM,
        "    replica:\n      url: ${REPLICA_URL}\n",
        "",
        "needs one replica",
        "path: ${DATABASE}",
    ),
    "the socket off": Break(
        "litestream", LITESTREAM, "enabled: true", "enabled: false", "socket.enabled: true"
    ),
    "no socket": Break(
        "litestream",
        LITESTREAM,
        "socket:\n  enabled: true # off by default; without it nobody can ask the daemon anything\n"
        "  path: ${LITESTREAM_SOCKET}\n",
        "",
        "socket.enabled: true",
        "# Read by",
    ),
    "the socket unset": Break(
        "litestream", LITESTREAM, "${LITESTREAM_SOCKET}", "${SOCKET}", "needs SOCKET", "path: ${SOCKET}"
    ),
    "no mapping": Break(
        "schema",
        LITESTREAM,
        Path(ROOT / "processcompose/relay/litestream.yml").read_text(),
        "- a\n",
        "a mapping at",
    ),
    "a replica without a url": Break(
        "litestream", LITESTREAM, "      url: ${REPLICA_URL}", "      type: s3", "has no url", "replica:"
    ),
    "a replica with an unset variable": Break(
        "litestream", LITESTREAM, "${REPLICA_URL}", "${REPLICA_UR}", "needs REPLICA_UR,", "url:"
    ),
    "a replica with an empty url": Break(
        "litestream",
        MANIFEST,
        'REPLICA_URL = "s3://infra-relay-replica/relay?endpoint=fly.storage.tigris.dev&region=auto"',
        'REPLICA_URL = ""',
        "has no url",
        "url:",
        LITESTREAM,
    ),
    "an unknown key of a replica": Break(
        "schema", LITESTREAM, "      url:", "      urll:", "Litestream has no key `urll` here", "urll:"
    ),
    "an unknown key of the socket": Break(
        "schema", LITESTREAM, "socket:\n", "socket:\n  foo: 1\n", "Litestream has no key `foo` here", "foo:"
    ),
    "an unknown key of Litestream": Break(
        "schema", LITESTREAM, "dbs:\n", "dbss: []\ndbs:\n", "Litestream has no key `dbss` here", "dbss:"
    ),
    "an unknown key of a database": Break(
        "schema",
        LITESTREAM,
        "    replica:\n",
        "    recplica: 1\n    replica:\n",
        "no key `recplica`",
        "recplica: 1",
    ),
    "the replica on the volume": Break(
        "litestream",
        MANIFEST,
        "s3://infra-relay-replica/relay?endpoint=fly.storage.tigris.dev&region=auto",
        "file:///data/replica",
        "is file:///data/replica: use a path in the tenant's own bucket, s3://infra-relay-replica/…",
    ),
    "the replica of another tenant": Break(
        "litestream",
        MANIFEST,
        "s3://infra-relay-replica/relay",
        "s3://infra-notes-replica/notes",
        "use a path in the tenant's own bucket, s3://infra-relay-replica/…",
    ),
    "a bucket whose name only begins so": Break(
        "litestream", MANIFEST, "s3://infra-relay-replica/", "s3://infra-relay-replica2/", "the tenant's own"
    ),
    "the replica of another tenant, without a variable": Break(
        "litestream",
        LITESTREAM,
        "${REPLICA_URL}",
        "s3://infra-notes-replica/notes",
        "the tenant's own bucket",
    ),
    "two replicas": Break(
        "litestream",
        LITESTREAM,
        "    replica:\n",
        "    replicas:\n      - url: s3://infra-relay-replica/2\n    replica:\n",
        "needs one replica",
        "replicas:",
    ),
    "two databases in one place": Break(
        "litestream",
        LITESTREAM,
        "      url: ${REPLICA_URL}\n",
        "      url: ${REPLICA_URL}\n  - path: /data/b.db\n    replica:\n      url: $REPLICA_URL\n",
        "/data/b.db is copied over another database",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_convention_is_found_by_file_and_line(name: str, copy: Path) -> None:
    found(BREAKS[name], copy)
