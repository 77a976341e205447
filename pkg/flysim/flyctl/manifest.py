"""fly.toml as flyctl reads it: the definition, its process groups, and what is wrong with it.

recorded: daily.json#39..41, manifests/ with deploys.json and release.json. Rules without a row are derived
from
flyctl's public source, internal/appconfig.
"""

from __future__ import annotations

import os

from pkg.flysim.flyctl.errors import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Json = dict[str, Any]

FILE = "fly.toml"
DEFAULT_GROUP = "app"
STRATEGIES = ("canary", "rolling", "immediate", "bluegreen", "rolling_one")
# Sections that hold one table or a list of them, and name the groups they are for.
SECTIONS = ("mounts", "services", "vm", "restart", "files", "metrics")


class Manifest:
    """One manifest: where it was read, and what it says."""

    def __init__(self, path: str, data: Json) -> None:
        self.path = path
        self.definition = _normal(data)

    @property
    def app(self) -> str:
        """The app it names."""
        return str(self.definition.get("app", ""))

    @property
    def region(self) -> str:
        """Its primary region."""
        return str(self.definition.get("primary_region", ""))

    @property
    def deploy(self) -> Json:
        """Its deploy section."""
        return _table(self.definition.get("deploy"))

    @property
    def image(self) -> str:
        """The image that its build section names."""
        return str(_table(self.definition.get("build")).get("image", ""))

    @property
    def groups(self) -> dict[str, str]:
        """Its process groups and their commands."""
        groups = self.definition.get("processes")
        if isinstance(groups, dict) and groups:
            return {name: str(command) for name, command in groups.items()}
        return {DEFAULT_GROUP: ""}

    def section(self, name: str, group: str) -> list[Json]:
        """The entries of a section that are for a group: those that name it, or name none."""
        return [
            entry
            for entry in self.definition.get(name, [])
            if not entry.get("processes") or group in entry["processes"]
        ]

    def problems(self) -> list[str]:
        """What flyctl would call invalid."""
        return [
            *self._deploy_problems(),
            *self._group_problems(),
            *self._service_problems(),
            *self._mount_problems(),
        ]

    def _deploy_problems(self) -> list[str]:
        strategy = self.deploy.get("strategy", "rolling")
        if strategy not in STRATEGIES:
            return [f"unsupported deployment strategy '{strategy}'; use one of: {', '.join(STRATEGIES)}"]
        return []

    def _group_problems(self) -> list[str]:
        found = []
        for name in ("http_service", *SECTIONS):
            section = self.definition.get(name, [])
            for entry in section if isinstance(section, list) else [section]:
                found += [
                    f"{name} names the process group '{group}', which is not among the processes"
                    for group in entry.get("processes", [])
                    if group not in self.groups
                ]
        return found

    def _service_problems(self) -> list[str]:
        services = list(self.definition.get("services", []))
        if "http_service" in self.definition:
            services.append(self.definition["http_service"])
        return [
            "a service needs an internal_port from 1 to 65535"
            for service in services
            if not isinstance(service.get("internal_port", 8080), int)
            or not 0 < service.get("internal_port", 8080) < 65536
        ]

    def _mount_problems(self) -> list[str]:
        return [
            f"a mount needs {key}"
            for mount in self.definition.get("mounts", [])
            for key in ("source", "destination")
            if not mount.get(key)
        ]


def find(named: str, cwd: str) -> Manifest | None:
    """The manifest of a run: the named file or folder, else fly.toml in the working directory.

    Args:
        named: the value of --config, or nothing.
        cwd: the working directory.

    Raises:
        Failed: the named one does not exist, or what is there cannot be read.
    """
    if not named:
        path = os.path.join(cwd, FILE)  # noqa: PTH118 -- see surface.py
        return _load(path, path) if os.path.isfile(path) else None  # noqa: PTH113
    also = os.path.join(named, FILE)  # noqa: PTH118
    for shown in (named, also):
        path = os.path.join(cwd, shown)  # noqa: PTH118
        if os.path.isfile(path):  # noqa: PTH113
            return _load(path, shown)
    raise Failed(f"config file not found at specified path: {named} (also tried: {also})")


def _load(path: str, shown: str) -> Manifest:
    import tomllib

    try:
        with open(path, "rb") as file:  # noqa: PTH123
            data = tomllib.load(file)
    except OSError as error:
        raise Failed(f"failed loading app config from {shown}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Failed(f"failed loading app config from {shown}: {error}") from error
    try:
        return Manifest(shown, data)
    except (TypeError, AttributeError, ValueError) as error:
        raise Failed(f"failed loading app config from {shown}: {error}") from error


def _table(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _normal(data: Json) -> Json:
    """The definition as flyctl sends it: lists where one table may stand, texts in env."""
    done: Json = {}
    for key, value in data.items():
        if key in {"build", "deploy", "env", "processes", "http_service"} and not isinstance(value, dict):
            raise ValueError(f"{key} must be a table")
        if key in SECTIONS:
            entries = value if isinstance(value, list) else [value]
            if not all(isinstance(entry, dict) for entry in entries):
                raise ValueError(f"{key} must be tables")
            done[key] = entries
        elif key == "env":
            done[key] = {name: _text(each) for name, each in value.items()}
        else:
            done[key] = value
    return done


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
