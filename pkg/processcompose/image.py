"""The conventions of the image: what its last stage holds, and that it is this Dockerfile that becomes it."""

import re
from collections.abc import Iterator

from pkg.fly import manifest_keys
from pkg.processcompose.dockerfile import Instruction, inside, named
from pkg.processcompose.findings import Finding
from pkg.processcompose.tenant import COMPOSE, DOCKERFILE, LITESTREAM, MANIFEST, Tenant

# The first Litestream with everything that the replication check asks of it (`restore -dry-run`).
OLDEST_LITESTREAM = (0, 5, 12)

_LITESTREAM = re.compile(r"litestream[\w./:-]*[@:]v?(\d+)\.(\d+)\.(\d+)")
_SQLITE = re.compile(r"\bapt(?:-get)?\s[^;&|]*\binstall\s[^;&|]*\bsqlite3(?=[=\s;&|]|$)")

# The keys of [build] that leave it to the Dockerfile what the image is.
_BUILD = frozenset({"dockerfile", "args", "ignorefile"})


def image(tenant: Tenant) -> Iterator[Finding]:
    """The image holds what runs the tenant and what proves its replica."""
    yield from built_here(tenant)
    yield from no_server(tenant)
    if tenant.stages:
        for rule in (has_the_tools, pinned, has_sqlite, has_its_files):
            yield from rule(tenant)
    elif tenant.stages is not None:
        yield _missing(tenant, "there is no FROM: nothing can be built")


def built_here(tenant: Tenant) -> Iterator[Finding]:
    """The manifest builds the tenant's own Dockerfile."""
    if not tenant.manifest:
        return
    build = tenant.manifest.build
    if others := sorted((build.keys() & manifest_keys.KNOWN["build",]) - _BUILD):
        what = f'[build] has `{others[0]}`: the image is built from dockerfile = "{DOCKERFILE}" alone'
        yield tenant.finding("image", MANIFEST, what, "build", others[0])
    elif build.get("dockerfile") != DOCKERFILE:
        what = f'write dockerfile = "{DOCKERFILE}" in [build]: no other file here is checked'
        yield tenant.finding("image", MANIFEST, what, "build", "dockerfile")


def has_the_tools(tenant: Tenant) -> Iterator[Finding]:
    """Litestream and process-compose come into the last stage from an earlier one or an image."""
    for tool in ("litestream", "process-compose"):
        if not _brought(tenant, tool):
            what = f"the last stage has no `COPY --from=… …/{tool} …`: {tool} is not in the image"
            yield _missing(tenant, what)


def pinned(tenant: Tenant) -> Iterator[Finding]:
    """Litestream is of a version that the replication check can ask."""
    brought = _brought(tenant, "litestream")
    if not (brought and tenant.stages):
        return
    oldest = ".".join(map(str, OLDEST_LITESTREAM))
    stage = named(tenant.stages, brought.origin)
    of_image = [(brought.lines[0][0], brought.origin)]
    lines = [line for each in inside(tenant.stages, stage) for line in each.lines] if stage else of_image
    found = [(number, match) for number, text in lines if (match := _LITESTREAM.search(text))]
    if not found:
        yield _missing(tenant, f"the image holds no pinned Litestream ({oldest} or later)")
    elif tuple(map(int, found[0][1].groups())) < OLDEST_LITESTREAM:
        what = f"Litestream is older than {oldest}, which the replication check needs"
        yield Finding(_path(tenant), found[0][0], "image", what)


def has_sqlite(tenant: Tenant) -> Iterator[Finding]:
    """The replication check finds sqlite3."""
    if not any(each.name == "RUN" and _SQLITE.search(each.text) for each in _made(tenant)):
        yield _missing(tenant, "apt-get install sqlite3: the replication check writes its sentinel with it")


def has_its_files(tenant: Tenant) -> Iterator[Finding]:
    """What process-compose and Litestream read is copied."""
    copied = {
        source for each in _made(tenant) if each.name == "COPY" and not each.origin for source in each.sources
    }
    folder = tenant.folder.as_posix()
    for file in (COMPOSE, LITESTREAM):
        if copied.isdisjoint({f"{folder}/{file}", folder, f"{folder}/"}):
            yield _missing(tenant, f"the last stage does not COPY {folder}/{file}")


def no_server(tenant: Tenant) -> Iterator[Finding]:
    """process-compose leaves port 8080 alone."""
    why = "process-compose's own server takes port 8080"
    if tenant.stages and _variables(_made(tenant)).get("PC_NO_SERVER") != "1":
        yield _missing(tenant, f"set PC_NO_SERVER=1: {why}")
    if tenant.manifest and tenant.manifest.env.get("PC_NO_SERVER", "1") != "1":
        what = f"PC_NO_SERVER must be 1 here too, or not be here: {why}"
        yield tenant.finding("image", MANIFEST, what, "env", "PC_NO_SERVER")


def _made(tenant: Tenant) -> list[Instruction]:
    """Return what made the image."""
    return inside(tenant.stages, tenant.stages[-1]) if tenant.stages else []


def _brought(tenant: Tenant, tool: str) -> Instruction | None:
    """Return the COPY that brings a tool into the image."""
    for each in _made(tenant):
        if each.name == "COPY" and each.origin and any(path.split("/")[-1] == tool for path in each.sources):
            return each
    return None


def _variables(instructions: list[Instruction]) -> dict[str, str]:
    """Return what ENV sets; `ENV NAME VALUE` is the older form of it."""
    found: dict[str, str] = {}
    for words in (each.words for each in instructions if each.name == "ENV" and each.words):
        pairs = words if "=" in words[0] else ["=".join(words[:2])]
        found |= dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    return found


def _missing(tenant: Tenant, what: str) -> Finding:
    """Return a finding at the stage that becomes the image."""
    return Finding(_path(tenant), tenant.stages[-1].line if tenant.stages else 1, "image", what)


def _path(tenant: Tenant) -> str:
    return (tenant.folder / DOCKERFILE).as_posix()
