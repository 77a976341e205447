"""A Fly manifest (`fly.toml`): found, read into typed values, and edited without losing a comment."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pkg.shell.decoding import converted
from pkg.shell.errors import BadInput

FILE = "fly.toml"
APP_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
# The group of machines of a manifest without [processes].
DEFAULT_GROUP = "app"
# Folders that hold no manifest of ours.
NOT_OURS = frozenset({"tests", "node_modules", "__pycache__"})


class HttpCheck(msgspec.Struct, frozen=True):
    """A health check of a service; only its path matters here."""

    path: str = "/"


class TopCheck(msgspec.Struct, frozen=True):
    """A health check that belongs to no service."""

    type: str = ""
    path: str = ""
    processes: list[str] = []


# What `auto_stop_machines` says, or `false`, where Fly stops no machine for want of traffic.
OFF = "off"


class HttpService(msgspec.Struct, frozen=True):
    """The HTTP service of an app."""

    internal_port: int = 8080
    checks: list[HttpCheck] = []
    tcp_checks: list[dict[str, Any]] = []
    processes: list[str] = []
    auto_stop_machines: str | bool = OFF


class Service(msgspec.Struct, frozen=True):
    """Any service of an app."""

    internal_port: int
    http_checks: list[HttpCheck] = []
    tcp_checks: list[dict[str, Any]] = []
    processes: list[str] = []
    auto_stop_machines: str | bool = OFF


class Mount(msgspec.Struct, frozen=True):
    """A volume that machines mount."""

    source: str
    destination: str
    initial_size: str | int = ""
    processes: list[str] = []


class Deploy(msgspec.Struct, frozen=True):
    """How releases go out."""

    strategy: str = ""
    release_command: str = ""


class File(msgspec.Struct, frozen=True):
    """A file that Fly writes into a machine; its content may be a secret."""

    guest_path: str
    secret_name: str = ""


class Build(msgspec.Struct, frozen=True):
    """Where the image comes from."""

    image: str = ""
    dockerfile: str = ""
    builder: str = ""
    buildpacks: list[str] = []

    @property
    def is_own(self) -> bool:
        """Whether flyctl builds the image itself, so that ko has no part in it."""
        return bool(self.dockerfile or self.builder or self.buildpacks)


class Manifest(msgspec.Struct, frozen=True):
    """A manifest: the parts of it that the project works with. flyctl knows the rest."""

    app: str
    primary_region: str = ""
    build: Build = Build()
    deploy: Deploy = Deploy()
    env: dict[str, str | int | float | bool] = {}
    processes: dict[str, str] = {}
    mounts: list[Mount] | Mount = []
    http_service: HttpService | None = None
    services: list[Service] = []
    checks: dict[str, TopCheck] = {}
    files: list[File] = []
    # Set when it is read: the file, and its text.
    path: Path = msgspec.field(default=Path(FILE), name="//path")
    text: str = msgspec.field(default="", name="//text")

    @property
    def groups(self) -> tuple[str, ...]:
        """The process groups: one for each kind of machine."""
        return tuple(self.processes) or (DEFAULT_GROUP,)

    @property
    def all_mounts(self) -> list[Mount]:
        """The mounts; TOML writes one as a table and several as an array of tables."""
        return self.mounts if isinstance(self.mounts, list) else [self.mounts]

    def mounts_of(self, group: str) -> list[Mount]:
        """Return the volumes that machines of a group mount."""
        return [mount for mount in self.all_mounts if not mount.processes or group in mount.processes]

    @property
    def check_paths(self) -> tuple[str, ...]:
        """The paths that Fly asks to know whether a machine is healthy."""
        found = [check.path for check in self.http_service.checks] if self.http_service else []
        found += [check.path for service in self.services for check in service.http_checks]
        found += [check.path for check in self.checks.values() if check.path]
        return tuple(dict.fromkeys(found))

    @property
    def has_checks(self) -> bool:
        """Whether anything at all says that a machine is healthy."""
        http = self.http_service
        return bool(
            self.checks
            or (http and (http.checks or http.tcp_checks))
            or any(service.http_checks or service.tcp_checks for service in self.services)
        )

    @property
    def rests(self) -> bool:
        """Whether Fly stops its machines for want of traffic, and starts them again when there is some."""
        said = [self.http_service.auto_stop_machines] if self.http_service else []
        said += [service.auto_stop_machines for service in self.services]
        return any(word not in {OFF, False} for word in said)

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The secrets that it names: each must be there before a deploy."""
        return tuple(file.secret_name for file in self.files if file.secret_name)

    @property
    def document(self) -> dict[str, Any]:
        """The whole manifest, untyped."""
        return tomllib.loads(self.text)


def find(root: Path, config: str = "") -> Path:
    """Return the path of a manifest.

    Args:
        root: the repo's root.
        config: a manifest or its folder, relative to the root; empty for the root's own.

    Raises:
        BadInput: there is none; those that exist are named.
    """
    path = root / (config or FILE)
    if path.is_dir():
        path /= FILE
    if not path.is_file():
        known = ", ".join(shown(found.parent, root) for found in _all(root)) or "none"
        raise BadInput(
            f"there is no manifest at {shown(path, root)}",
            meaning=f"paths are relative to the repo's root; manifests there: {known}",
            fix="give one with --config, as in `-c core`",
        )
    return path


def app_name(name: str) -> str:
    """Return the name of an app as it is, once it is seen to be one: names become parts of paths.

    Raises:
        BadInput: it is none (recorded: release.json; lowercase letters, numbers and dashes).
    """
    if not APP_NAME.fullmatch(name):
        raise BadInput(
            f"{name!r} is no name of an app", fix="lowercase letters, numbers and dashes, as in fly.toml"
        )
    return name


def find_all(root: Path) -> list[Path]:
    """Return the manifests of the repo, the root's first.

    Raises:
        BadInput: there is none.
    """
    found = _all(root)
    if not found:
        raise BadInput(
            f"there is no manifest ({FILE}) in this repo",
            meaning="nothing says which apps there are",
            fix=f"`git checkout {FILE}`, or write one: https://fly.io/docs/reference/configuration",
        )
    return found


def _all(root: Path) -> list[Path]:
    return sorted(_walk(root), key=lambda path: (len(path.parts), path))


def _walk(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in NOT_OURS]
        if FILE in files:
            yield Path(folder) / FILE


def read(path: Path) -> Manifest:
    """Read a manifest.

    Raises:
        BadInput: it is missing, no TOML, or no manifest; file and line, or the key, are named.
    """
    try:
        text = path.read_text()
    except FileNotFoundError as error:
        raise BadInput(f"there is no manifest at {path}") from error
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{path} cannot be read: it is no UTF-8 text", fix=f"`git checkout {path}`, or write it anew"
        ) from error
    except OSError as error:
        raise BadInput(
            f"{path} cannot be read: {error.strerror}", fix="name a file that you may read: `ls -ld` shows it"
        ) from error
    return parse(text, path)


def parse(text: str, path: Path) -> Manifest:
    """Read a manifest from its text.

    Args:
        text: TOML.
        path: where it is from, for errors and for flyctl.

    Raises:
        BadInput: it is no TOML, or no manifest.
    """
    where = shown(path, Path.cwd())
    try:
        manifest = converted(tomllib.loads(text), Manifest)
    except tomllib.TOMLDecodeError as error:
        told = re.search(r"line (\d+)", str(error))
        last = max(len(text.splitlines()), 1)  # where it is open to its end
        raise BadInput(
            f"{where}:{told[1] if told else last} is no TOML: {error}", fix="correct that line"
        ) from error
    except RecursionError as error:
        raise BadInput(f"{where} is nested too deep to be a manifest", fix="correct it") from error
    except msgspec.ValidationError as error:
        key = re.sub(r"\[(\d+)\]", r".\1", str(error).rpartition("`$.")[2].rstrip("`"))
        at = lines(text)
        line = at.get(key) or at.get(re.sub(r"\.\d+|\[\.\.\.\]", "", key), 1)
        raise BadInput(
            f"{where}:{line} is no valid manifest: {error}",
            fix="correct that line; https://fly.io/docs/reference/configuration has every key",
        ) from error
    if not APP_NAME.fullmatch(manifest.app):
        raise BadInput(
            f"{where}:{lines(text).get('app', 1)}: app = {manifest.app!r} is no name of an app",
            fix="write the app's name there: lowercase letters, numbers and dashes",
        )
    return msgspec.structs.replace(manifest, path=path, text=text)


def by_app(root: Path, app: str) -> Manifest | None:
    """Return the repo's manifest of an app; None when it has none."""
    for path in _all(root):
        manifest = read(path)
        if manifest.app == app:
            return manifest
    return None


def shown(path: Path, root: Path) -> str:
    """Return a path as people and flyctl get it: relative to the root where it is below it."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def lines(text: str) -> dict[str, int]:
    """Return the line number of each key and table, as in `deploy.strategy` and `mounts.0.source`.

    Without an index the key is that of an array's first table. TOML readers do not keep lines, and an error
    without its line is half an error.
    """
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    tables = [""]
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*(\[\[?)\s*([\w.\"' -]+?)\s*\]\]?", line):
            name = header[2].replace('"', "").replace("'", "")
            tables = [f"{name}."]
            if header[1] == "[[":
                tables.append(f"{name}.{counts.get(name, 0)}.")
                counts[name] = counts.get(name, 0) + 1
            key = ""
        elif assignment := re.match(r"\s*([\w.-]+)\s*=", line):
            key = assignment[1]
        else:
            continue
        for table in tables:
            found.setdefault(f"{table}{key}".rstrip("."), number)
    return found


def value_at(document: Any, key: str) -> Any:  # noqa: ANN401  whatever TOML holds there
    """Return what is at a dotted key, None for nothing; a number counts into an array."""
    value = document
    for part in key.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def with_values(text: str, values: Mapping[str, Any]) -> str:
    """Return a manifest's text with values replaced, comments and order kept.

    Args:
        text: TOML.
        values: what shall be at which dotted key; None removes it.
    """
    import tomlkit  # costs 10 ms

    document = tomlkit.parse(text)
    for key, value in values.items():
        *tables, name = key.split(".")
        place: Any = document
        for table in tables:
            if isinstance(place, list):
                place = place[int(table)]
                continue
            if table not in place:
                place[table] = tomlkit.table()
            place = place[table]
        if value is None:
            place.pop(name, None)
        else:
            place[name] = value
    return tomlkit.dumps(document)
