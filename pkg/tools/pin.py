"""Moving a pin: two sources must agree on every digest, and the version must be a day old."""

import datetime as dt
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pkg.shell.console import Console
from pkg.shell.decoding import from_json
from pkg.shell.errors import BadInput, Failure, Refused
from pkg.shell.network import shown
from pkg.shell.runner import Runner
from pkg.tools import golang, network
from pkg.tools.archive import unpack
from pkg.tools.disk import explained, sha256
from pkg.tools.download import read
from pkg.tools.install import download, members
from pkg.tools.pins import FILE, Confirmed, Detected, GoModule, Pin, Release
from pkg.tools.platforms import PLATFORMS, Platform
from pkg.tools.steps import unwatched
from pkg.tools.store import Store

if TYPE_CHECKING:
    import httpx

YOUNGEST = dt.timedelta(hours=24)


class Asset(msgspec.Struct, frozen=True):
    """A file of a release, as GitHub's API tells of it; older releases have no digest."""

    name: str
    size: int
    digest: str | None = None


class Published(msgspec.Struct, frozen=True):
    """A release, as GitHub's API tells of it."""

    published_at: dt.datetime
    draft: bool
    prerelease: bool
    assets: tuple[Asset, ...]


@dataclass(frozen=True)
class Desk:
    """What moving a pin needs.

    Args:
        path: pins.toml.
        store: its cache takes the downloads; it tells the time, too.
        console: words and progress.
        runner: runs Go.
        variables: the environment.
    """

    path: Path
    store: Store
    console: Console
    runner: Runner
    variables: Mapping[str, str]


def parse_version(text: str) -> str:
    """Return a version without the `v` that it may have been given with.

    Raises:
        BadInput: it is no version of three numbers.
    """
    version = text.removeprefix("v")
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise BadInput(f"{text!r} is no version", fix="give three numbers, such as 0.4.87")
    return version


def pin(name: str, current: Pin, version: str, desk: Desk) -> bool:
    """Confirm a version and write it into pins.toml; return whether anything changed there.

    Args:
        name: the tool.
        current: its present pin.
        version: the one to pin, without a `v`.
        desk: where that happens.

    Raises:
        BadInput: this tool is installed by hand.
        Refused: the version is too young, empty, or its digests are not agreed on; nothing was changed.
        Failure: the network or the disk.
    """
    with explained(f"{name} {version} was not pinned", desk.store.cache):
        match current:
            case Release():
                values = _release(name, current, version, desk)
            case GoModule():
                values = _module(current, version, desk)
            case Detected():
                raise BadInput(
                    f"{name} is installed by hand, so there is nothing to confirm",
                    fix=f"write the least version that will do, and why, into {desk.path}",
                )
        return _write(desk.path, name, version, values)


Values = dict[tuple[str, ...], str | int]


def _module(current: GoModule, version: str, desk: Desk) -> Values:
    desk.store.cache.mkdir(parents=True, exist_ok=True)
    made = golang.release_time(current.module, version, runner=desk.runner, cwd=desk.store.cache)
    _check_age(made, f"{current.module} {version}", desk)
    total = golang.checksum(current.module, version, runner=desk.runner, cwd=desk.store.cache)
    if version == current.version and total != current.sum:
        raise _changed(f"{current.module} {version}", current.sum, total)
    return {("sum",): total}


def _release(name: str, current: Release, version: str, desk: Desk) -> Values:
    if version in current.empty:
        raise Refused(f"{name} {version} was released without any file", fix="pin another version")
    with network.client(desk.variables) as client:
        published = _published(current.repository, version, client, desk)
        _check_published(f"{name} {version}", published, desk)
        listed = _listed(current, version, published, client, desk)
    # All platforms are agreed on before the first archive is asked for.
    agreed = {platform: _known(current, version, platform, published, listed) for platform in PLATFORMS}
    values: Values = {}
    for platform, archive in agreed.items():
        binary = archive.binary_sha256 or _program_digest(name, version, platform, archive, desk)
        values |= {
            ("platforms", platform.key, "url"): archive.url,
            ("platforms", platform.key, "size"): archive.size,
            ("platforms", platform.key, "sha256"): archive.sha256,
            ("platforms", platform.key, "binary_sha256"): binary,
        }
    return values


def _known(
    current: Release, version: str, platform: Platform, published: Published, listed: Mapping[str, str]
) -> Confirmed:
    """Return what both sources say of an archive, with the program's digest when it is pinned already."""
    pinned = current.platforms[platform.key]
    # A version's archive is where the present one is, with the other number.
    archive = _agreed(pinned.url.replace(current.version, version), published, listed)
    if version != current.version:
        return archive
    for before in (pinned.sha256, pinned.unconfirmed_sha256):
        if before not in {None, archive.sha256}:
            raise _changed(archive.url, str(before), archive.sha256)
    known = pinned.binary_sha256 if pinned.sha256 else None
    return msgspec.structs.replace(archive, binary_sha256=known or "")


def _published(repository: str, version: str, client: "httpx.Client", desk: Desk) -> Published:
    url = f"{network.api(desk.variables)}/repos/{repository}/releases/tags/v{version}"
    answer = read(url, client=client, clock=desk.store.clock, say=desk.store.say)
    try:
        return from_json(answer, Published)
    except msgspec.DecodeError as error:
        raise Failure(f"{shown(url)} told of no release: {error}", fix="open it in a browser") from error


def _check_published(what: str, published: Published, desk: Desk) -> None:
    if published.draft or published.prerelease:
        raise Refused(f"{what} is no finished release", fix="pin another version")
    if not published.assets:
        raise Refused(f"{what} was released without any file", fix="pin another version")
    _check_age(published.published_at, what, desk)


def _check_age(made: dt.datetime, what: str, desk: Desk) -> None:
    ready = made + YOUNGEST
    if desk.store.clock.now() < ready:
        raise Refused(
            f"{what} is younger than {YOUNGEST.total_seconds() / 3600:.0f} hours",
            meaning="a release that was tampered with is mostly found out, and taken back, within a day",
            fix=f"run it again after {ready.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC",
        )


def _listed(
    current: Release, version: str, published: Published, client: "httpx.Client", desk: Desk
) -> dict[str, str]:
    """Return the digests of the release's own list, by the file's name."""
    name = current.repository.rpartition("/")[2]
    names = [f"{name}_{version}_checksums.txt", "checksums.txt"]
    found = next((name for name in names if any(asset.name == name for asset in published.assets)), None)
    if found is None:
        raise Refused(
            f"{current.repository} {version} has no list of checksums ({' or '.join(names)})",
            meaning="one source alone proves nothing",
            fix="pin another version",
        )
    url = f"https://github.com/{current.repository}/releases/download/v{version}/{found}"
    text = read(
        network.mirrored(url, desk.variables), client=client, clock=desk.store.clock, say=desk.store.say
    )
    lines = (line.split() for line in text.decode("utf-8", "replace").splitlines())
    return {words[1].removeprefix("*"): words[0].lower() for words in lines if len(words) == 2}


def _agreed(url: str, published: Published, listed: Mapping[str, str]) -> Confirmed:
    """Return size and digest of an archive, when the release's list and the API's answer agree."""
    name = url.rpartition("/")[2]
    asset = next((asset for asset in published.assets if asset.name == name), None)
    told = (asset.digest or "").removeprefix("sha256:") if asset else ""
    written = listed.get(name, "")
    if asset is None or told != written or not re.fullmatch(r"[0-9a-f]{64}", told):
        raise Refused(
            f"two sources do not agree on {name}",
            meaning=f"GitHub's API says {told or 'nothing'}; the release's list says {written or 'nothing'}",
            fix="do not use this version; if it stays so, tell the team",
        )
    return Confirmed(url, asset.size, told, "")


def _program_digest(name: str, version: str, platform: Platform, archive: Confirmed, desk: Desk) -> str:
    """Download an archive, prove it, and return the digest of the program in it."""
    desk.store.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"pin-{name}-", dir=desk.store.cache) as folder:
        gathered = Path(folder, archive.url.rpartition("/")[2])
        unpacked = Path(folder, "unpacked")
        unpacked.mkdir()
        label = f"{name} {version} for {platform.key}"
        download(
            archive, gathered, label=label, store=desk.store, console=desk.console, variables=desk.variables
        )
        unpack(gathered, unpacked, members=members(name, platform), steps=unwatched)
        return sha256(unpacked / platform.program(name))


def _changed(what: str, before: str, now: str) -> Refused:
    return Refused(
        f"{what} is not what the pins know: {now}, and before {before}",
        meaning="a release does not change; one of the two was tampered with",
        fix=f"`git diff {FILE}` shows whether that was edited here; if not, do not use either, tell the team",
    )


def _write(path: Path, name: str, version: str, values: Values) -> bool:
    """Put the values into pins.toml, keeping all else in it; return whether that changed anything."""
    import tomlkit

    text = path.read_text(encoding="utf-8")
    document = tomlkit.parse(text)
    table = document[name]
    table["version"] = version
    for keys, value in values.items():
        place = table
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value
        if "unconfirmed_sha256" in place:
            del place["unconfirmed_sha256"]
    changed = tomlkit.dumps(document)
    if changed == text:
        return False
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(changed, encoding="utf-8")
    fresh.replace(path)
    return True
