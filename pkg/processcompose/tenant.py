"""A tenant: a folder in processcompose/, read into typed values."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pkg.processcompose import dockerfile
from pkg.processcompose.document import Document, Place, Unreadable, read_text, read_toml, read_yaml
from pkg.processcompose.findings import Finding
from pkg.processcompose.models import Dependency, Litestream, Manifest, Process, Project
from pkg.shell.decoding import converted
from pkg.shell.errors import BadInput

T = TypeVar("T")

FOLDER = "processcompose"
COMPOSE, MANIFEST, LITESTREAM, DOCKERFILE, README = (
    "process-compose.yaml",
    "fly.toml",
    "litestream.yml",
    "Dockerfile",
    "README.md",
)
FILES = (COMPOSE, MANIFEST, LITESTREAM, DOCKERFILE, README)

# What to write instead of what process-compose silently ignores or refuses.
_INSTEAD = {
    "url": "http_get has no `url`, and would ask port 80: write host, scheme, path and port",
    "tcp_socket": "there is no tcp probe: use http_get, or exec",
    "tcp": "there is no tcp probe: use http_get, or exec",
    "extends": "a tenant's processes stand in one file, or nobody could check them: write them here",
    "is_disabled": "what starts must be known beforehand: write disabled: true, or nothing",
}


@dataclass(frozen=True)
class Tenant:
    """One tenant; what could not be read is None or empty, and is among the findings of its reading.

    Attributes:
        name: the folder's name.
        folder: the folder, from the repo's root.
        documents: the files that could be read, by name, with the lines of their keys.
        manifest: fly.toml.
        project: the top level of process-compose.yaml.
        processes: its processes.
        litestream: litestream.yml.
        stages: the stages of the Dockerfile.
    """

    name: str
    folder: Path
    documents: dict[str, Document] = field(default_factory=dict)
    manifest: Manifest | None = None
    project: Project | None = None
    processes: dict[str, Process] = field(default_factory=dict)
    litestream: Litestream | None = None
    stages: list[dockerfile.Stage] | None = None

    @property
    def complete(self) -> bool:
        """Whether every process and all that it waits for could be read; what could not was a finding."""
        return self.project is not None and all(
            name in self.processes
            and (data.get("depends_on") or {}).keys() == self.processes[name].depends_on.keys()
            for name, data in self.project.processes.items()
        )

    def finding(self, rule: str, file: str, what: str, *place: str | int) -> Finding:
        """Return a finding at a key of one of the files."""
        line = self.documents[file].line(*place) if place and file in self.documents else 0
        return Finding((self.folder / file).as_posix(), line, rule, what)


def names(root: Path) -> list[str]:
    """Return the names of the tenants of a repo."""
    return sorted(path.name for path in (root / FOLDER).glob("*/") if not path.name.startswith((".", "_")))


def require(root: Path, name: str) -> None:
    """Make sure that there is a tenant of that name.

    Raises:
        BadInput: there is none; it lists those that there are.
    """
    known = names(root)
    if name not in known:
        raise BadInput(f"there is no tenant {name!r}", fix=f"use one of: {', '.join(known) or 'none yet'}")


def read(root: Path, name: str) -> tuple[Tenant, list[Finding]]:
    """Read a tenant's files; what cannot be read, or is no such file, is a finding."""
    reader = _Reader(root, name)
    return reader.tenant(), reader.findings


class _Reader:
    """Reads the files of one tenant and collects what is wrong with their form."""

    def __init__(self, root: Path, name: str) -> None:
        self.findings: list[Finding] = []
        self._root = root
        self._name = name
        self._folder = Path(FOLDER) / name
        self._documents: dict[str, Document] = {}

    def tenant(self) -> Tenant:
        self.findings.extend(
            Finding((self._folder / file).as_posix(), 0, "files", "the file is missing")
            for file in FILES
            if not (self._root / self._folder / file).is_file()
        )
        for file in (COMPOSE, MANIFEST, LITESTREAM):
            self._load(file)
        project = self._convert(COMPOSE, Project)
        return Tenant(
            name=self._name,
            folder=self._folder,
            documents=self._documents,
            manifest=self._convert(MANIFEST, Manifest),
            project=project,
            processes=dict(self._processes(project)) if project else {},
            litestream=self._convert(LITESTREAM, Litestream),
            stages=self._stages(),
        )

    def _load(self, file: str) -> None:
        path = self._root / self._folder / file
        if document := self._read(file, read_toml if path.suffix == ".toml" else read_yaml):
            self._documents[file] = document

    def _stages(self) -> list[dockerfile.Stage] | None:
        text = self._read(DOCKERFILE, read_text)
        return None if text is None else dockerfile.stages(text)

    def _read(self, file: str, reader: Callable[[Path], T]) -> T | None:
        path = self._root / self._folder / file
        try:
            return reader(path) if path.is_file() else None
        except Unreadable as error:
            self.findings.append(Finding((self._folder / file).as_posix(), error.line, "schema", error.what))
            return None

    def _processes(self, project: Project) -> Iterator[tuple[str, Process]]:
        for name, data in project.processes.items():
            if not isinstance(data, dict):
                place = ("processes", name)
                line = self._documents[COMPOSE].line(*place)
                what = f"`{name}` must be a mapping, with a command"
                self.findings.append(Finding((self._folder / COMPOSE).as_posix(), line, "schema", what))
                continue
            whole = {**data, **self._dependencies(name, data.get("depends_on"))}
            if process := self._convert(COMPOSE, Process, ("processes", name), whole):
                yield name, process

    def _dependencies(self, name: str, needs: object) -> dict[str, dict[str, Any]]:
        """Return `depends_on` without what is wrong in it: msgspec would not tell which key that is."""
        if not isinstance(needs, dict):
            return {}
        good = {}
        for other, need in needs.items():
            place = ("processes", name, "depends_on", other)
            if self._convert(COMPOSE, Dependency, place, need or {}):
                good[other] = need or {}
        return {"depends_on": good}

    def _convert(self, file: str, kind: type[T], place: Place = (), data: Any = None) -> T | None:  # noqa: ANN401 - what YAML holds
        if file not in self._documents:
            return None
        try:
            return converted(self._documents[file].data if data is None else data, kind)
        except msgspec.ValidationError as error:
            self._invalid(file, place, str(error))
            return None

    def _invalid(self, file: str, place: Place, message: str) -> None:
        """Add the finding of msgspec's message, which ends with its place: ` - at `$.command``."""
        what, _, inner = message.partition(" - at `$")
        place = (*place, *_parts(inner.rstrip("`")))
        if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", what):
            place = (*place, unknown[1])
            what = _INSTEAD.get(unknown[1], f"there is no key `{unknown[1]}` here")
        elif place and place[-1] == "restart":
            what = 'restart must be always, on_failure, exit_on_failure or "no" (quoted: a bare no is false)'
        elif place:
            what = f"`{place[-1]}`: {what[:1].lower()}{what[1:]}"
        line = self._documents[file].line(*place) if place else 1
        self.findings.append(Finding((self._folder / file).as_posix(), line, "schema", what))


def _parts(inner: str) -> Place:
    """Return `.a.b[0].c` as ("a", "b", 0, "c"); the key of a mapping is not in it, and ends the place."""
    known, _, _ = inner.partition("[...]")
    found = re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", known)
    return tuple(int(index) if index else name for name, index in found)
