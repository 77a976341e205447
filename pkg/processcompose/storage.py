"""The conventions of volumes, databases and replication: manifest and litestream.yml agree."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from pkg.fly import manifest_keys
from pkg.processcompose import litestream_keys
from pkg.processcompose.document import Place, Unreadable, read_toml
from pkg.processcompose.findings import Finding
from pkg.processcompose.models import Manifest
from pkg.processcompose.tenant import COMPOSE, LITESTREAM, MANIFEST, Tenant

DATA = "/data"

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def application(tenant: Tenant) -> Iterator[Finding]:
    """A tenant's app is named after it."""
    manifest = tenant.manifest
    if manifest and manifest.app != f"infra-{tenant.name}":
        yield tenant.finding(
            "app", MANIFEST, f'the app is "{manifest.app}": it must be "infra-{tenant.name}"', "app"
        )


def same_region(tenant: Tenant, root: Path) -> Iterator[Finding]:
    """A tenant runs where the default app runs."""
    try:
        region = read_toml(root / "fly.toml").data.get("primary_region")
    except Unreadable:
        return
    if tenant.manifest and tenant.manifest.primary_region != region:
        what = f'primary_region is "{tenant.manifest.primary_region}", but the default app\'s is "{region}"'
        yield tenant.finding("region", MANIFEST, what, "primary_region")


def volume(tenant: Tenant) -> Iterator[Finding]:
    """A tenant has one volume, named after it, at /data."""
    if not tenant.manifest:
        return
    mounts = tenant.manifest.volumes()
    wanted = f"{tenant.name.replace('-', '_')}_data"
    if len(mounts) != 1:
        yield tenant.finding(
            "volume", MANIFEST, f"a tenant mounts one volume, not {len(mounts)}", "mounts", 1
        )
        return
    for key, found, right in (
        ("source", mounts[0].source, wanted),
        ("destination", mounts[0].destination, DATA),
    ):
        if found != right:
            document = tenant.documents[MANIFEST]
            place = ("mounts", key) if ("mounts", key) in document.lines else ("mounts", 0, key)
            yield tenant.finding(
                "volume", MANIFEST, f'the {key} of the volume is "{found}": it must be "{right}"', *place
            )


def databases(tenant: Tenant) -> Iterator[Finding]:
    """Databases are named in the manifest's [env], and lie on the volume."""
    if not tenant.manifest:
        return
    if not tenant.manifest.databases():
        what = "name the database in [env], as DATABASE or as …_DATABASE"
        yield tenant.finding("database", MANIFEST, what, "env")
    for name, path in tenant.manifest.databases().items():
        if not _below_data(path):
            what = f"{name} is {path}, which the next deploy throws away: keep it below {DATA}"
            yield tenant.finding("database", MANIFEST, what, "env", name)


def one_environment(tenant: Tenant) -> Iterator[Finding]:
    """What [env] sets is set there alone: nobody could tell which database runs otherwise."""
    if not (tenant.manifest and tenant.project):
        return
    project = tenant.project
    places: list[tuple[str, Place]] = [(name, ("env_cmds", name)) for name in project.env_cmds]
    lists: dict[Place, list[str]] = {(): project.environment}
    lists |= {("processes", name): process.environment for name, process in tenant.processes.items()}
    for place, entries in lists.items():
        for index, entry in enumerate(entries):
            places.append((entry.partition("=")[0], (*place, "environment", index)))
    for name, place in places:
        if name in tenant.manifest.env:
            what = f"{name} is set here too: leave it to [env] of {MANIFEST}, which the checks know"
            yield tenant.finding("database", COMPOSE, what, *place)


def known_keys(tenant: Tenant) -> Iterator[Finding]:
    """Each key of the manifest is one that flyctl reads."""
    if MANIFEST in tenant.documents:
        for place in manifest_keys.unknown(tenant.documents[MANIFEST].data):
            near = manifest_keys.instead(place)
            what = f"flyctl knows no key `{place[-1]}` here, and would ignore it"
            yield tenant.finding("schema", MANIFEST, f"{what}: write `{near}`" if near else what, *place)


def replication(tenant: Tenant) -> Iterator[Finding]:
    """Litestream replicates exactly the databases, each to one replica."""
    manifest, litestream = tenant.manifest, tenant.litestream
    if not (manifest and litestream):
        return
    known = set(manifest.databases().values())
    replicated = set()
    for index, database in enumerate(litestream.dbs):
        path, unset = expand(database.path, manifest)
        replicated.add(path)
        place = ("dbs", index, "path")
        if unset:
            what = f"{database.path} needs {', '.join(unset)}, which [env] of {MANIFEST} does not set"
            yield tenant.finding("litestream", LITESTREAM, what, *place)
        elif path not in known:
            what = f"{path} is no database of {MANIFEST}: write the variable that [env] names it by"
            yield tenant.finding("litestream", LITESTREAM, what, *place)
        if database.replicas or not database.replica:
            what = f"{path} needs one replica (`replica:` with a url; 0.5 takes one for each database)"
            yield tenant.finding("litestream", LITESTREAM, what, "dbs", index, "replicas")
        else:
            yield from _replica(tenant, manifest, index, path, str(database.replica.get("url") or ""))
    for path in sorted(known - replicated):
        yield tenant.finding("litestream", LITESTREAM, f"{path} is not replicated", "dbs")


def _replica(tenant: Tenant, manifest: Manifest, index: int, path: str, url: str) -> Iterator[Finding]:
    """Check where one database is replicated to: without a URL, Litestream replicates nothing."""
    address, unset = expand(url, manifest)
    place = ("dbs", index, "replica", "url")
    bucket = f"s3://infra-{tenant.name}-replica/"
    if unset:
        what = f"the replica's {url} needs {', '.join(unset)}, which [env] of {MANIFEST} does not set"
        yield tenant.finding("litestream", LITESTREAM, what, *place)
    elif not address:
        yield tenant.finding("litestream", LITESTREAM, f"the replica of {path} has no url", *place)
    elif not address.startswith(bucket) or address == bucket:
        what = f"the replica of {path} is {address}: use a path in the tenant's own bucket, {bucket}…"
        if variable := _VARIABLE.fullmatch(url):
            yield tenant.finding("litestream", MANIFEST, what, "env", variable[1] or variable[2])
        else:
            yield tenant.finding("litestream", LITESTREAM, what, *place)


def apart(tenant: Tenant) -> Iterator[Finding]:
    """No two databases are copied over each other."""
    if not (tenant.manifest and tenant.litestream):
        return
    seen: set[str] = set()
    for index, database in enumerate(tenant.litestream.dbs):
        address, _ = expand(str((database.replica or {}).get("url") or ""), tenant.manifest)
        if address and address in seen:
            what = f"{database.path} is copied over another database: give its replica a path of its own"
            yield tenant.finding("litestream", LITESTREAM, what, "dbs", index, "replica", "url")
        seen.add(address)


def control_socket(tenant: Tenant) -> Iterator[Finding]:
    """The daemon can be asked."""
    if not (tenant.manifest and tenant.litestream):
        return
    socket = tenant.litestream.socket
    if not socket.enabled:
        what = "set socket.enabled: true: it is off by default, and nobody could ask the daemon anything"
        yield tenant.finding("litestream", LITESTREAM, what, "socket", "enabled")
    _, unset = expand(socket.path, tenant.manifest)
    if unset:
        what = f"{socket.path} needs {', '.join(unset)}, which [env] of {MANIFEST} does not set"
        yield tenant.finding("litestream", LITESTREAM, what, "socket", "path")


def checks(tenant: Tenant) -> Iterator[Finding]:
    """A release without checks cannot be called healthy."""
    manifest = tenant.manifest
    if manifest is None:
        return
    services = [*manifest.services, *([manifest.http_service] if manifest.http_service else [])]
    if not (manifest.checks or any(each.http_checks or each.tcp_checks or each.checks for each in services)):
        yield tenant.finding(
            "checks", MANIFEST, "the manifest has no check: no release could be called healthy", "services"
        )


def expand(text: str, manifest: Manifest) -> tuple[str, list[str]]:
    """Return a text with its variables replaced from [env], and the names that [env] does not set.

    Litestream replaces `$NAME` and `${NAME}` in the whole file before it reads it (ParseConfig in
    its cmd/litestream/main.go).
    """
    names = [braced or bare for braced, bare in _VARIABLE.findall(text)]
    unset = [name for name in names if name not in manifest.env]
    return _VARIABLE.sub(lambda match: manifest.env.get(match[1] or match[2], ""), text), unset


def _below_data(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return parts[:2] == ("/", DATA.strip("/")) and len(parts) > 2 and ".." not in parts


RULES: tuple[Callable[[Tenant], Iterator[Finding]], ...] = (
    application,
    volume,
    databases,
    one_environment,
    known_keys,
    replication,
    apart,
    litestream_keys.known,
    control_socket,
    checks,
)
