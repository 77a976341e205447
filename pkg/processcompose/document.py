"""YAML and TOML files with the line of each of their keys, so that a finding can name it."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml

Key = str | int
Place = tuple[Key, ...]

_TABLE = re.compile(r"^\s*(?P<open>\[\[?)\s*(?P<name>[^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_ENTRY = re.compile(r"""^\s*(?P<name>[\w.-]+|"[^"]*"|'[^']*')\s*=""")


class Unreadable(Exception):  # noqa: N818 - it reads as what happened
    """A file that is missing or is not what its name says.

    Args:
        what: why, in one line.
        line: where; 0 when it is the whole file.
    """

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


@dataclass(frozen=True)
class Document:
    """A file's data, and the line of each key and list item (1 is the first)."""

    path: Path
    data: dict[str, Any]
    lines: dict[Place, int] = field(default_factory=dict)

    def line(self, *place: Key) -> int:
        """Return the line of a key, or of the nearest key around it that is there; 1 when none is."""
        for length in range(len(place), 0, -1):
            if found := self.lines.get(place[:length]):
                return found
        return 1


def read_yaml(path: Path) -> Document:
    """Read a YAML file whose top level is a mapping.

    Raises:
        Unreadable: it is missing, no YAML, no mapping, has one key twice, or an alias.
    """
    import yaml

    text = read_text(path)
    try:
        _refuse_aliases(text)
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise Unreadable("the file must hold a mapping at its top level", 1)
        lines = dict(_yaml_lines(node, ()))
        return Document(path, loader.construct_document(node), lines)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise Unreadable(f"no YAML: {error.problem}", line) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Unreadable(f"no YAML: character U+{error.character:04X} must not be in it", line) from error
    except (yaml.YAMLError, ValueError) as error:
        # ValueError: a date that there is not, as 2026-13-01.
        raise Unreadable(f"no YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error


def _refuse_aliases(text: str) -> None:
    """Refuse aliases: a few of aliases are more data than any machine holds."""
    import yaml

    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            what = f"there is an alias, `*{event.anchor}`: write it out, where one reads it"
            raise Unreadable(what, event.start_mark.line + 1 if event.start_mark else 0)


def _yaml_lines(node: "yaml.Node", place: Place) -> Iterator[tuple[Place, int]]:
    import yaml

    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                raise Unreadable(
                    f"`{name}` is written twice; the later one would win silently", key.start_mark.line + 1
                )
            seen.add(name)
            yield (*place, name), key.start_mark.line + 1
            yield from _yaml_lines(value, (*place, name))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*place, index), item.start_mark.line + 1
            yield from _yaml_lines(item, (*place, index))


def read_toml(path: Path) -> Document:
    """Read a TOML file; tables, and keys that begin a line, have their lines.

    Raises:
        Unreadable: it is missing or no TOML.
    """
    text = read_text(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        last = max(len(text.splitlines()), 1)  # where it is open to its end
        raise Unreadable(f"no TOML: {error}", int(found[1]) if found else last) from error
    return Document(path, data, dict(_toml_lines(text)))


def _toml_lines(text: str) -> Iterator[tuple[Place, int]]:
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _TABLE.match(line):
            table = _table(header["name"], counts, repeated=header["open"] == "[[")
            yield table, number
            if table[-1] == 0:
                yield table[:-1], number
        elif entry := _ENTRY.match(line):
            yield (*table, *(part.strip("\"'") for part in entry["name"].split("."))), number


def _table(name: str, counts: dict[Place, int], *, repeated: bool) -> Place:
    """Return the place of a table; one in a list of tables belongs to the list's last item."""
    place: Place = ()
    parts = [part.strip().strip("\"'") for part in name.split(".")]
    for index, part in enumerate(parts):
        place = (*place, part)
        if repeated and index == len(parts) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises:
        Unreadable: it is missing, or no UTF-8.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise Unreadable("the file is missing") from error
    except OSError as error:
        raise Unreadable(f"the file cannot be read: {error.strerror}") from error
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"no UTF-8: byte 0x{content[error.start]:02x} must not be in it", line) from error
