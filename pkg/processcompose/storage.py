"""The conventions of volumes, databases and replication: manifest, litestream.yml and Dockerfile agree."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from pkg.processcompose import litestream_keys
from pkg.processcompose.document import Unreadable, read_toml
from pkg.processcompose.findings import Finding
from pkg.processcompose.models import Manifest
from pkg.processcompose.tenant import DOCKERFILE, LITESTREAM, MANIFEST, Tenant

DATA = "/data"

# The first Litestream with everything that the replication check asks of it (`restore -dry-run`).
OLDEST_LITESTREAM = (0, 5, 12)

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
        if not database.replica:
            what = f"{path} has no replica (`replica:` with a url; 0.5 takes one for each database)"
            yield tenant.finding("litestream", LITESTREAM, what, "dbs", index, "replicas")
        else:
            yield from _replica(tenant, manifest, index, path, str(database.replica.get("url") or ""))
    for path in sorted(known - replicated):
        yield tenant.finding("litestream", LITESTREAM, f"{path} is not replicated", "dbs")


def _replica(tenant: Tenant, manifest: Manifest, index: int, path: str, url: str) -> Iterator[Finding]:
    """Check where one database is replicated to: without a URL, Litestream replicates nothing."""
    address, unset = expand(url, manifest)
    place = ("dbs", index, "replica", "url")
    if unset:
        what = f"the replica's {url} needs {', '.join(unset)}, which [env] of {MANIFEST} does not set"
        yield tenant.finding("litestream", LITESTREAM, what, *place)
    elif not address:
        yield tenant.finding("litestream", LITESTREAM, f"the replica of {path} has no url", *place)


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


def image(tenant: Tenant) -> Iterator[Finding]:
    """The image holds what the replication check needs, and process-compose leaves port 8080 alone."""
    if not tenant.dockerfile:
        return
    path = (tenant.folder / DOCKERFILE).as_posix()
    # A comment installs nothing; its line stays, so that the others keep their numbers.
    lines = ["" if line.lstrip().startswith("#") else line for line in tenant.dockerfile]
    text = "\n".join(lines)
    # What is missing belongs to the stage that becomes the image: the last one.
    stage = max(
        (number for number, line in enumerate(lines, 1) if re.match(r"(?i)\s*FROM\s", line)), default=1
    )
    found = re.search(r"litestream[\w./:-]*[@:]v?(\d+)\.(\d+)\.(\d+)", text)
    oldest = ".".join(map(str, OLDEST_LITESTREAM))
    if not found:
        yield Finding(path, stage, "image", f"the image holds no pinned Litestream ({oldest} or later)")
    elif tuple(map(int, found.groups())) < OLDEST_LITESTREAM:
        line = text.count("\n", 0, found.start()) + 1
        yield Finding(
            path, line, "image", f"Litestream is older than {oldest}, which the replication check needs"
        )
    if not re.search(r"\bsqlite3\b", text):
        what = "install sqlite3: the replication check writes its sentinel with it"
        yield Finding(path, stage, "image", what)
    if not re.search(r"PC_NO_SERVER=1|--no-server", text):
        what = "set PC_NO_SERVER=1: process-compose's own server takes port 8080"
        yield Finding(path, stage, "image", what)


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
    replication,
    litestream_keys.known,
    control_socket,
    image,
    checks,
)
