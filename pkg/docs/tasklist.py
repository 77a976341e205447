"""The tasks of the collection, described: what the reference shows and mentions are held against."""

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Option:
    """An option of a task.

    Attributes:
        flags: as they are typed, the long one first: `--app`, `-a`.
        value: whether a value follows.
        positional: whether it may be given without its flag.
        many: whether any number of values may be given so.
        default: what it is when it is not given, as text; nothing for off and empty.
        help: what it is for.
    """

    flags: tuple[str, ...]
    value: bool
    positional: bool
    many: bool
    default: str
    help: str


@dataclass(frozen=True)
class TaskInfo:
    """A task as a person types it.

    Attributes:
        name: its full name, `fly.status`; of a group's default task, the group's name.
        aliases: other names for it.
        summary: the first line of its docstring.
        text: the rest of it.
        options: in the order of the signature.
    """

    name: str
    aliases: tuple[str, ...]
    summary: str
    text: str
    options: tuple[Option, ...]

    def option(self, flag: str) -> Option | None:
        """Return the option that a flag (`--app` or `-a`) names, or None."""
        return next((option for option in self.options if flag in option.flags), None)


def load_collection(root: Path) -> Any:  # noqa: ANN401 - Invoke's collection, which only cli modules import
    """Return the collection that tasks.py of a repo assembles.

    Args:
        root: the repo's root.
    """
    loaded = sys.modules.get("tasks")
    if loaded is None or Path(str(loaded.__file__)).resolve() != (root / "tasks.py").resolve():
        spec = importlib.util.spec_from_file_location("tasks", root / "tasks.py")
        if spec is None or spec.loader is None:
            raise FileNotFoundError(root / "tasks.py")
        loaded = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
    if hasattr(loaded, "collection"):
        return loaded.collection()  # all of it, whatever this command line needs
    return loaded.ns if hasattr(loaded, "ns") else loaded.namespace


def describe(collection: Any) -> list[TaskInfo]:  # noqa: ANN401 - as above
    """Return the tasks of a collection, by name.

    A group's default task is known by the group's name (`inv fly.certs`); its own longer name is an alias.
    """
    return sorted(
        (_task(collection, context) for context in collection.to_contexts()), key=lambda task: task.name
    )


def _task(collection: Any, context: Any) -> TaskInfo:  # noqa: ANN401 - Invoke's
    words = (collection[context.name].__doc__ or "").strip().splitlines()
    names = sorted({context.name, *context.aliases}, key=lambda name: (name.count("."), len(name), name))
    inverse = dict(context.inverse_flags)
    return TaskInfo(
        name=names[0],
        aliases=tuple(names[1:]),
        summary=words[0].strip() if words else "",
        text="\n".join(line.strip() for line in words[1:]).strip(),
        options=tuple(_option(argument, inverse) for argument in context.args.values()),
    )


def _option(argument: Any, inverse: dict[str, str]) -> Option:  # noqa: ANN401 - Invoke's
    flags = [_flag(name) for name in argument.names]
    flags += [off for off, flag in inverse.items() if flag in flags]
    plain_default = argument.default in (None, False, "", [], ())
    return Option(
        flags=tuple(
            sorted(flags, key=lambda flag: (not flag.startswith("--"), flag.startswith("--no-"), flag))
        ),
        value=argument.takes_value,
        positional=argument.positional,
        many=getattr(argument, "many", False),
        default="" if plain_default else str(argument.default),
        help=argument.help or "",
    )


def _flag(name: str) -> str:
    return f"-{name}" if len(name) == 1 else f"--{name.replace('_', '-')}"
