"""What is wrong with a manifest, before Fly finds out: one rule a function, findings with file and line."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from pkg.fly.manifest import Manifest, lines, shown, value_at
from pkg.fly.manifest_keys import instead, unknown

ROLLING = "rolling"
# What every HTTP service of this team answers: the process runs; requests can be served.
PROBES = ("/status", "/ready")
# Keys that flyctl reads and nothing acts upon, or that it never reads.
DEAD = {
    "auto_rollback": "nothing reads it: `inv fly.deploy` is what rolls back",
    "experimental.auto_rollback": "flyctl parses it and no code reads it: `inv fly.deploy` rolls back",
    "deploy.auto_rollback": "flyctl does not know it: `inv fly.deploy` is what rolls back",
    "metadata": "a manifest has no such table: flyctl ignores it",
}
VOLUME_NAME = re.compile(r"[a-z0-9_]{1,30}")


class Finding(msgspec.Struct, frozen=True):
    """Something wrong at a place. `grave`: a deploy would fail, or harm."""

    rule: str
    path: str
    line: int
    what: str
    fix: str
    grave: bool = False

    @property
    def found(self) -> str:
        """What is wrong, and where."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.what}"

    def __str__(self) -> str:
        return f"{self.found}; {self.fix}"


class _Flaw(msgspec.Struct, frozen=True):
    """A finding that does not know its place yet, only its key."""

    key: str
    what: str
    fix: str
    grave: bool = False


def check(manifest: Manifest, root: Path) -> list[Finding]:
    """Return all findings on a manifest, those that matter most first.

    Args:
        manifest: what is checked.
        root: the repo's root; paths are shown relative to it.
    """
    at = lines(manifest.text)
    path = shown(manifest.path, root)
    found = [
        Finding(name, path, _line(at, flaw.key), flaw.what, flaw.fix, flaw.grave)
        for name, rule in RULES.items()
        for flaw in rule(manifest)
    ]
    return sorted(found, key=lambda finding: not finding.grave)


def _line(at: Mapping[str, int], key: str) -> int:
    """Return the line of a key, or of the nearest table around it that has one; 0 when none has."""
    while key:
        if found := at.get(key) or at.get(re.sub(r"\.\d+", "", key)):
            return found
        key = key.rpartition(".")[0]
    return 0


def _region(manifest: Manifest) -> Iterator[_Flaw]:
    if not manifest.primary_region:
        yield _Flaw(
            "app",
            "no primary_region",
            'add one, as in primary_region = "syd": volumes live there',
            grave=True,
        )


def _checks(manifest: Manifest) -> Iterator[_Flaw]:
    if not manifest.has_checks:
        yield _Flaw(
            "app",
            "no health check",
            "add [[http_service.checks]]: without one, nothing proves a deploy",
            grave=True,
        )


def _strategy(manifest: Manifest) -> Iterator[_Flaw]:
    strategy = manifest.deploy.strategy
    if strategy == ROLLING:
        return
    if strategy in {"canary", "bluegreen"} and manifest.all_mounts:
        yield _Flaw(
            "deploy.strategy", f"strategy {strategy} refuses apps with volumes", 'use "rolling"', grave=True
        )
    elif strategy:
        yield _Flaw(
            "deploy.strategy",
            f"strategy is {strategy}, not rolling",
            'use "rolling": it checks each machine',
            grave=True,
        )
    else:
        yield _Flaw("deploy", "no strategy", 'add strategy = "rolling" to [deploy]')


def _groups(manifest: Manifest) -> Iterator[_Flaw]:
    named = {group for mount in manifest.all_mounts for group in mount.processes}
    named |= {group for service in manifest.services for group in service.processes}
    named |= set(manifest.http_service.processes if manifest.http_service else [])
    for group in sorted(named - set(manifest.groups)):
        yield _Flaw(
            "processes",
            f"there is no process group {group!r}",
            f"groups are: {', '.join(manifest.groups)}",
            grave=True,
        )


def _mounts(manifest: Manifest) -> Iterator[_Flaw]:
    for mount in manifest.all_mounts:
        if not VOLUME_NAME.fullmatch(mount.source):
            yield _Flaw(
                "mounts.source",
                f"{mount.source!r} is no volume name",
                "use a-z, 0-9 and _, at most 30 of them",
                grave=True,
            )
        if not mount.destination.startswith("/") or mount.destination == "/":
            yield _Flaw(
                "mounts.destination",
                f"{mount.destination!r} is no place to mount",
                "use a path such as /data",
                grave=True,
            )


def _probes(manifest: Manifest) -> Iterator[_Flaw]:
    missing = [path for path in PROBES if path not in manifest.check_paths]
    if manifest.http_service and manifest.has_checks and missing:
        yield _Flaw(
            "http_service", f"no check of {' and '.join(missing)}", "add it to [[http_service.checks]]"
        )


def _dead(manifest: Manifest) -> Iterator[_Flaw]:
    document = manifest.document
    for key, why in DEAD.items():
        if value_at(document, key) is not None:
            yield _Flaw(key, f"{key} does nothing", f"remove it: {why}")


def _unknown(manifest: Manifest) -> Iterator[_Flaw]:
    for place in unknown(manifest.document):
        key = ".".join(map(str, place))
        if key not in DEAD:
            fix = f"write {near}" if (near := instead(place)) else "remove it, or correct its name"
            yield _Flaw(key, f"flyctl knows no key {key}, and ignores it", fix)


RULES: dict[str, Callable[[Manifest], Iterator[_Flaw]]] = {
    "region": _region,
    "checks": _checks,
    "strategy": _strategy,
    "groups": _groups,
    "mounts": _mounts,
    "probes": _probes,
    "dead": _dead,
    "unknown": _unknown,
}
