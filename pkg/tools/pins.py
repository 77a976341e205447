"""The pins: which version of each tool, from where, and the digests that prove it."""

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec

from pkg.shell.errors import BadInput, Failure
from pkg.tools.platforms import PLATFORMS, Platform

# Below the repo's root.
FILE = Path("pkg/tools/pins.toml")
PATH = Path(__file__).with_name("pins.toml")

# What the tasks call by name; pins that lack one were cut short.
TOOLS = ("flyctl", "ko", "litestream", "process-compose", "op")

Version = Annotated[str, msgspec.Meta(pattern=r"^\d+\.\d+\.\d+$")]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Bytes = Annotated[int, msgspec.Meta(gt=0)]


class Archive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is pinned of a release's archive for one platform; without all four it is not confirmed.

    Args:
        url: where it is.
        size: bytes of the archive.
        sha256: of the archive.
        binary_sha256: of the program in it.
        unconfirmed_sha256: of the archive, from one source only; proves nothing.
    """

    url: str
    size: Bytes | None = None
    sha256: Sha256 | None = None
    binary_sha256: Sha256 | None = None
    unconfirmed_sha256: Sha256 | None = None


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="source", tag="release"):
    """A tool that comes as archives of a GitHub release."""

    version: Version
    repository: str
    platforms: dict[str, Archive]
    empty: tuple[Version, ...] = ()


class GoModule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="source", tag="go"):
    """A tool that the Go toolchain builds; `sum` is the module's checksum, as a go.sum has it."""

    version: Version
    module: str
    package: str
    sum: Annotated[str, msgspec.Meta(pattern=r"^h1:[A-Za-z0-9+/]{43}=$")]


class Detected(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="source", tag="detect"):
    """A tool that a person installs; any version from `version` on will do."""

    version: Version


Pin = Release | GoModule | Detected


class Confirmed(msgspec.Struct, frozen=True):
    """An archive of which everything is known."""

    url: str
    size: int
    sha256: str
    binary_sha256: str


def load(path: Path = PATH) -> dict[str, Pin]:
    """Read the pins, by the tool's name.

    Raises:
        BadInput: the file is missing, no TOML, lacks a tool, or has a field that is wrong.
    """
    try:
        pins = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[str, Pin])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _unreadable(path, str(error)) from error
    for name, pin in pins.items():
        if isinstance(pin, Release) and pin.platforms.keys() != {platform.key for platform in PLATFORMS}:
            raise _unreadable(path, f"{name} does not name each platform once")
    if missing := [name for name in TOOLS if name not in pins]:
        raise _unreadable(path, f"{path.name} lacks {', '.join(missing)}")
    return pins


def _unreadable(path: Path, reason: str) -> BadInput:
    return BadInput(
        f"the pins cannot be read: {reason}",
        meaning="without them no tool can be installed or checked",
        fix=f"git checkout {path}, or correct the line",
    )


def find(pins: dict[str, Pin], name: str) -> Pin:
    """Return one tool's pin.

    Raises:
        BadInput: no such tool is pinned.
    """
    if name not in pins:
        raise BadInput(f"no tool is called {name!r}", fix=f"name one of: {', '.join(pins)}")
    return pins[name]


def confirmed(pin: Release, platform: Platform) -> Confirmed | None:
    """Return the archive for a platform, when its size and both digests are confirmed."""
    archive = pin.platforms[platform.key]
    if archive.size and archive.sha256 and archive.binary_sha256:
        return Confirmed(archive.url, archive.size, archive.sha256, archive.binary_sha256)
    return None


def require_confirmed(name: str, pin: Release, platform: Platform) -> Confirmed:
    """Return the archive for a platform.

    Raises:
        Failure: its digests are not confirmed; nothing may be requested then.
    """
    if archive := confirmed(pin, platform):
        return archive
    raise Failure(
        f"{name} {pin.version} has no confirmed digest for {platform.key}",
        meaning="what would be downloaded could not be verified, so nothing was requested",
        fix=f"inv tools.pin {name} {pin.version}   # confirms it from two sources; then commit pins.toml",
    )
