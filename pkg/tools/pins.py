"""The pins: which version of each tool, from where, and the digests that prove it."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec

from pkg.shell.decoding import converted
from pkg.shell.errors import BadInput, Failure
from pkg.tools.platforms import PLATFORMS, Platform

# Below the repo's root.
FILE = Path("pkg/tools/pins.toml")
PATH = Path(__file__).with_name("pins.toml")

# What the tasks call by name; pins that lack one were cut short.
TOOLS = ("flyctl", "ko", "litestream", "process-compose", "op")

Version = Annotated[str, msgspec.Meta(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+\Z")]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
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
    sum: Annotated[str, msgspec.Meta(pattern=r"^h1:[A-Za-z0-9+/]{43}=\Z")]


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
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        raise _unreadable(path, f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _unreadable(path, f"{path.name}: {error}") from error
    file = _File(path, text)
    pins = {name: _pin(file, name, table) for name, table in tables.items()}
    if missing := [name for name in TOOLS if name not in pins]:
        raise _unreadable(path, f"{path.name} lacks {', '.join(missing)}")
    return pins


@dataclass(frozen=True)
class _File:
    """The pins as text: what is wrong in them is named with its line."""

    path: Path
    text: str

    def wrong(self, table: str, what: str) -> BadInput:
        """Return the error for what is wrong in a table."""
        key = re.search(r"\$\.(\w+)|field `(\w+)`", what)
        line = self._line(table, (key[1] or key[2]) if key else "")
        return _unreadable(self.path, f"{self.path.name}:{line} [{table}]: {what}")

    def _line(self, table: str, key: str) -> int:
        """Return the line of a key in a table; of the table, where the key is not there."""
        found = within = 0
        for number, line in enumerate(self.text.splitlines(), start=1):
            if line.startswith("["):
                within = line.strip().startswith(f"[{table}]")
                found = number if within else found
            elif within and re.match(rf"\s*{re.escape(key)}\s*=", line):
                return number
        return found or 1


def _pin(file: _File, name: str, table: object) -> Pin:
    """Return one tool's pin; a platform's mistake is told as the platform's."""
    platforms = table.get("platforms") if isinstance(table, dict) else None
    for key, archive in platforms.items() if isinstance(platforms, dict) else ():
        _typed(file, f"{name}.platforms.{key}", archive, Archive)
    pin: Pin = _typed(file, name, table, Pin)
    if isinstance(pin, Release) and pin.platforms.keys() != {platform.key for platform in PLATFORMS}:
        raise file.wrong(name, "it does not name each platform once")
    return pin


def _typed(file: _File, table: str, value: object, kind: Any) -> Any:  # noqa: ANN401 - of any kind
    try:
        return converted(value, kind)
    except msgspec.ValidationError as error:
        raise file.wrong(table, str(error)) from error


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
