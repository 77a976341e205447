"""The commands of flyctl: a tree read from surface.json, which is recorded from the real one."""

from __future__ import annotations

import json
import os.path
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SURFACE_FILE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "surface.json")  # noqa: PTH118, PTH120 -- pathlib costs 5 ms at every start
ROOT = "flyctl"
NO_LIMIT = -1
# cobra adds it to a root that has a version; recorded: daily.json#55 lists it.
VERSION_FLAG = {"name": "version", "short": "v", "type": "bool"}


class Flag:
    """One flag of one command."""

    __slots__ = ("bare", "default", "hidden", "kind", "name", "short")

    def __init__(self, raw: dict[str, Any]) -> None:
        self.name: str = raw["name"]
        self.short: str = raw.get("short", "")
        self.kind: str = raw["type"]
        self.default: str = raw.get("default", "")
        self.hidden: bool = raw.get("hidden", False)
        # What the flag means when it is given without a value; empty: it needs one.
        self.bare: str = "true" if self.kind == "bool" else raw.get("no_value_means", "")

    @property
    def shown(self) -> str:
        """The flag as errors name it: -a, --app."""
        return f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"


class Command:
    """One command: its operands, its flags and the commands below it."""

    __slots__ = ("_flags", "_raw", "path", "surface")

    def __init__(self, surface: Surface, raw: dict[str, Any]) -> None:
        self.surface = surface
        self.path: str = raw["path"]
        self._raw = raw
        self._flags: dict[str, Flag] | None = None

    @property
    def name(self) -> str:
        """The last word of the path."""
        return self.path.rpartition(" ")[2]

    @property
    def key(self) -> str:
        """The path without the program's name: `machine list`."""
        return self.path.partition(" ")[2]

    @property
    def is_root(self) -> bool:
        """Whether this is flyctl itself."""
        return self.path == ROOT

    @property
    def group(self) -> bool:
        """Whether other commands are below it."""
        return bool(self._raw.get("group"))

    @property
    def runs(self) -> bool:
        """Whether it does something by itself; else it prints its help."""
        return bool(self._raw["runs"])

    @property
    def hidden(self) -> bool:
        """Whether help leaves it out."""
        return bool(self._raw.get("hidden"))

    @property
    def aliases(self) -> list[str]:
        """Other names of the same command."""
        return list(self._raw.get("aliases", ()))

    @property
    def operands(self) -> str:
        """The operands as flyctl names them, for help."""
        return str(self._raw.get("operands", ""))

    @property
    def counts(self) -> tuple[int, int]:
        """The fewest and the most operands; -1: no limit."""
        return int(self._raw["min_args"]), int(self._raw["max_args"])

    @property
    def flags(self) -> dict[str, Flag]:
        """Its flags by name, the root's persistent ones with them."""
        if self._flags is None:
            raw = self._raw["flags"] + self.surface.persistent + ([VERSION_FLAG] if self.is_root else [])
            self._flags = {each["name"]: Flag(each) for each in raw}
        return self._flags

    @property
    def shorthands(self) -> dict[str, Flag]:
        """Its flags by their one letter."""
        return {flag.short: flag for flag in self.flags.values() if flag.short}

    def child(self, word: str) -> Command | None:
        """The command below this one that a word names, by its name or an alias."""
        return self.surface.children(self.path).get(word)


class Surface:
    """All commands of one version of flyctl."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.version: str = data["flyctl_version"]
        self._by_path = {each["path"]: each for each in data["commands"]}
        self.persistent: list[dict[str, Any]] = self._by_path[ROOT]["persistent_flags"]
        self._children: dict[str, dict[str, Command]] = {}

    @property
    def root(self) -> Command:
        """The program itself."""
        return Command(self, self._by_path[ROOT])

    @property
    def commands(self) -> list[Command]:
        """Every command, in the file's order."""
        return [Command(self, raw) for raw in self._by_path.values()]

    def children(self, path: str) -> dict[str, Command]:
        """The commands right below a path, by name and alias."""
        if path not in self._children:
            words = path.count(" ") + 1
            found: dict[str, Command] = {}
            for each, raw in self._by_path.items():
                if each.startswith(path + " ") and each.count(" ") == words:
                    command = Command(self, raw)
                    for name in (command.name, *command.aliases):
                        found.setdefault(name, command)
            self._children[path] = found
        return self._children[path]


@cache
def load(path: str = SURFACE_FILE) -> Surface:
    """Read the surface from its file."""
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 -- as above
        return Surface(json.load(file))
