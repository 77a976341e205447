"""The keys that Litestream reads in litestream.yml: it drops any other without a word.

They are those of Config, DBConfig, ReplicaConfig and what these hold, in cmd/litestream/main.go of
Litestream 0.5.18.
"""

from collections.abc import Iterator

from pkg.processcompose.findings import Finding
from pkg.processcompose.tenant import LITESTREAM, Tenant


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SETTINGS = _words("""
    sync-interval validation-interval max-sync-ltx-files auto-recover
    access-key-id secret-access-key region bucket endpoint force-path-style sign-payload
    sign-accept-encoding require-content-md5 put-object-content-md5 skip-verify storage-class part-size
    concurrency sse-customer-algorithm sse-customer-key sse-customer-key-path sse-kms-key-id
    account-name account-key sas-token host user password key-path concurrent-writes host-key
    webdav-url webdav-username webdav-password jwt seed creds nkey username token tls root-cas
    client-cert client-key max-reconnects reconnect-wait timeout age
    """)
_REPLICA = _SETTINGS | {"type", "name", "path", "url"}

# By the keys that lead to a mapping; the items of a list stand at the list's own name.
_KNOWN: dict[tuple[str, ...], frozenset[str]] = {
    (): _SETTINGS
    | _words("""
        addr socket levels snapshot validation l0-retention l0-retention-check-interval verify-compaction
        retention heartbeat-url heartbeat-interval dbs exec logging mcp-addr shutdown-sync-timeout
        shutdown-sync-interval
        """),
    ("socket",): frozenset({"enabled", "path", "permissions"}),
    ("snapshot",): frozenset({"interval", "retention"}),
    ("validation",): frozenset({"interval"}),
    ("retention",): frozenset({"enabled"}),
    ("logging",): frozenset({"level", "type", "stderr", "source"}),
    ("levels",): frozenset({"interval"}),
    ("dbs",): _words("""
        path dir pattern recursive watch snapshot meta-path meta-dir monitor-interval checkpoint-interval
        busy-timeout min-checkpoint-page-count truncate-page-n max-sync-wal-bytes restore-if-db-not-exists
        replica replicas
        """),
    ("dbs", "snapshot"): frozenset({"interval", "retention"}),
    ("dbs", "replica"): _REPLICA,
    ("dbs", "replicas"): _REPLICA,
}


def known(tenant: Tenant) -> Iterator[Finding]:
    """Each key is one that Litestream reads."""
    if LITESTREAM in tenant.documents:
        yield from _below(tenant, tenant.documents[LITESTREAM].data, (), ())


def _below(
    tenant: Tenant, value: object, names: tuple[str, ...], place: tuple[str | int, ...]
) -> Iterator[Finding]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _below(tenant, item, names, (*place, index))
    elif isinstance(value, dict) and names in _KNOWN:
        for key, inner in value.items():
            name = str(key)
            if name in _KNOWN[names]:
                yield from _below(tenant, inner, (*names, name), (*place, name))
            else:
                what = f"Litestream has no key `{name}` here, and would ignore it"
                yield tenant.finding("schema", LITESTREAM, what, *place, name)
