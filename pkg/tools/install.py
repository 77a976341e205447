"""Installing a tool from the archive of its release."""

from collections.abc import Callable, Mapping
from pathlib import Path

from pkg.shell.console import Console
from pkg.shell.errors import Failure
from pkg.tools import network
from pkg.tools.archive import unpack
from pkg.tools.disk import UNTOUCHED, sha256
from pkg.tools.download import Partial, Wire, fetch
from pkg.tools.pins import Confirmed
from pkg.tools.platforms import Platform
from pkg.tools.store import Standing, Store, Wanted

# flyctl's zip for Windows carries the driver of its tunnel.
BESIDE = {("flyctl", "windows"): frozenset({"wintun.dll"})}


def wanted(name: str, version: str, platform: Platform, archive: Confirmed) -> Wanted:
    """Return what shall be installed."""
    return Wanted(name, version, platform, archive.sha256, archive.binary_sha256)


def members(name: str, platform: Platform) -> frozenset[str]:
    """Return the files that the archive must hold, and no other."""
    return BESIDE.get((name, platform.system), frozenset()) | {platform.program(name)}


def install(
    goal: Wanted, archive: Confirmed, *, store: Store, console: Console, variables: Mapping[str, str]
) -> Standing:
    """Make sure that a pinned version is there, unchanged, and linked; return how it stood before.

    Args:
        goal: the version.
        archive: where it is, and its digests.
        store: the cache and the links.
        console: shows the progress.
        variables: the environment: proxies, mirror, certificates.

    Raises:
        Failure: no network, a wrong file, a full disk …; what was installed before is still there.
    """

    def make(staging: Path) -> None:
        gathered = store.partial(goal, archive.url.rpartition("/")[2])
        download(archive, gathered, label=str(goal), store=store, console=console, variables=variables)
        unpack(gathered, staging, members=members(goal.name, goal.platform), steps=store.steps)
        found = sha256(staging / goal.program)
        if found != archive.binary_sha256:
            raise Failure(
                f"the program in {archive.url} has sha256 {found}, and {archive.binary_sha256} is pinned",
                meaning=f"the pins contradict themselves, since the archive fits. {UNTOUCHED.capitalize()}",
                fix=f"inv tools.pin {goal.name} {goal.version}",
            )
        Partial(gathered).discard()

    return store.install(goal, make)


def download(
    archive: Confirmed,
    path: Path,
    *,
    label: str,
    store: Store,
    console: Console,
    variables: Mapping[str, str],
) -> None:
    """Bring an archive to `path`, complete and proven, showing how far it has come.

    Raises:
        Failure: it cannot be had, or is not what was pinned.
    """
    url = network.mirrored(archive.url, variables)
    with network.client(variables) as client, console.progress(f"downloading {label}") as line:
        progress = percentage(line.update, every=1 if console.interactive else 25)
        wire = Wire(client=client, clock=store.clock, say=store.say, progress=progress, steps=store.steps)
        fetch(url, path, size=archive.size, digest=archive.sha256, wire=wire)


def percentage(update: Callable[[str], None], *, every: int) -> Callable[[int, int], None]:
    """Return a progress that tells percents, in steps of `every`."""

    def progress(here: int, size: int) -> None:
        done = here * 100 // size
        update(f"{done - done % every} % of {size / 1e6:.1f} MB")

    return progress
