"""The parts of the reference that are made of the code: each function returns Markdown for a cog block."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from pkg.docs import picture, sources
from pkg.docs.pages import anchor
from pkg.docs.tasklist import Option, TaskInfo, describe, load_collection
from pkg.docs.variables import KNOWN
from pkg.shell.errors import EXIT_CODES

ROOT = Path(__file__).resolve().parents[2]


def tasks() -> str:
    """Return every task: a table of all, then each with its options."""
    every = describe(load_collection(ROOT))
    rows = [(f"[`{task.name}`](#{anchor(task.name)})", task.summary) for task in every]
    return "\n\n".join([table(("task", "does"), rows), *map(task_section, every)])


def tasks_below(group: str, page: str) -> str:
    """Return a table of the tasks of a group, each with its own words.

    Args:
        group: as in `fly`.
        page: where each is told in full, relative to the page that the table is for.
    """
    every = [task for task in describe(load_collection(ROOT)) if task.name.split(".")[0] == group]
    rows = [(f"[`{task.name}`]({page}#{anchor(task.name)})", task.summary) for task in every]
    return table(("task", "does"), rows)


def task_section(task: TaskInfo) -> str:
    """Return the section of one task."""
    parts = [f"## {task.name}", task.summary]
    body = prose(task.text)
    if body:
        parts.append(body)
    if task.options:
        rows = [(_names(option), option.help, _default(option.default)) for option in task.options]
        parts.append(table(("option", "meaning", "default"), rows))
    return "\n\n".join(parts)


def exit_codes() -> str:
    """Return the table of exit codes."""
    return table(
        ("exit", "name", "meaning"), [(str(code), name, meaning) for code, name, meaning in EXIT_CODES]
    )


def variables() -> str:
    """Return the table of environment variables, and where the code names each."""
    used: dict[str, set[str]] = {}
    for found in sources.variables(ROOT):
        used.setdefault(found.value, set()).add("/".join(Path(found.path).parts[:2]))
    rows = [
        (
            f"`{each.name}`",
            each.who,
            each.meaning,
            ", ".join(f"`{path}`" for path in sorted(used.get(each.name, ()))),
        )
        for each in sorted(KNOWN)
    ]
    return table(("variable", "set by", "meaning", "in the code"), rows)


def house() -> str:
    """Return the picture of the packages."""
    return picture.mermaid(sources.imports(ROOT))


def record(kind: type) -> str:
    """Return a table of the keys of a file that is read into a typed record, tables in it included.

    Args:
        kind: the msgspec struct.
    """
    from msgspec.inspect import type_info

    rows = [(f"`{key}`", shape, needed) for key, shape, needed in _keys(type_info(kind), "")]
    return table(("key", "type", ""), rows)


def verbs(module: ModuleType) -> str:
    """Return a table of what a module of pure functions builds: each command, and what it is for.

    Args:
        module: each of its public functions returns an argv; the first line of its docstring is shown.
    """
    found = [
        each
        for each in vars(module).values()
        if inspect.isfunction(each) and each.__module__ == module.__name__
    ]
    shown = [each for each in found if not each.__name__.startswith("_")]
    rows = [(f"`{' '.join(_example(each))}`", (inspect.getdoc(each) or "").splitlines()[0]) for each in shown]
    return table(("command", "for"), rows)


def _example(build: Callable[..., list[str]]) -> list[str]:
    """Return what a function builds of placeholders: `APP` for an app, `MACHINE…` for machines."""
    needed = [
        parameter
        for parameter in inspect.signature(build).parameters.values()
        if parameter.default is inspect.Parameter.empty
    ]
    return build(**{each.name: _placeholder(each.name, each.annotation) for each in needed})


def _placeholder(name: str, kind: object) -> object:
    if kind is int:
        return 60
    word = name.upper()
    return word if kind is str else (f"{word.removesuffix('S')}…",)


def listed(names: Iterable[str]) -> str:
    """Return names as a list of code."""
    return "\n".join(f"- `{name}`" for name in names)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table.

    Args:
        heads: the columns.
        rows: the cells; a `|` in them is escaped, a line's end becomes a space.
    """
    lines = [heads, ["---"] * len(heads), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def prose(text: str) -> str:
    """Return a docstring's body without the sections that are for readers of the code."""
    kept = []
    for line in text.splitlines():
        if line.strip() in {"Args:", "Raises:", "Returns:", "Attributes:", "Yields:"}:
            break
        kept.append(line)
    return "\n".join(kept).strip()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _names(option: Option) -> str:
    """Return how an option is given; one that needs no flag is shown as its operand first."""
    operand = (
        [option.flags[0].lstrip("-").upper() + ("…" if option.many else "")] if option.positional else []
    )
    return ", ".join(f"`{name}`" for name in (*operand, *option.flags))


def _default(default: str) -> str:
    return f"`{default}`" if default else ""


def _keys(kind: Any, prefix: str) -> Iterator[tuple[str, str, str]]:  # noqa: ANN401 - msgspec's type information
    for field in kind.fields:
        # A name that no file can hold is filled in by the reader.
        if not field.encode_name.startswith("//"):
            inner, mark = _table_in(field.type)
            if inner is not None:
                yield from _keys(inner, f"{prefix}{field.encode_name}{mark}.")
            else:
                yield f"{prefix}{field.encode_name}", _shape(field.type), "needed" if field.required else ""


def _table_in(kind: Any) -> tuple[Any, str]:  # noqa: ANN401 - msgspec's type information
    """Return the record inside a type, and how that is written: `[]` in an array, `.NAME` under a name."""
    from msgspec import inspect as types

    if isinstance(kind, types.StructType):
        return kind, ""
    if isinstance(kind, types.UnionType):
        found = [_table_in(one) for one in kind.types]
        return max((one for one in found if one[0] is not None), key=lambda one: one[1], default=(None, ""))
    if isinstance(kind, types.ListType):
        return (kind.item_type, "[]") if isinstance(kind.item_type, types.StructType) else (None, "")
    if isinstance(kind, types.DictType) and isinstance(kind.value_type, types.StructType):
        return kind.value_type, ".NAME"
    return None, ""


def _shape(kind: Any) -> str:  # noqa: ANN401 - msgspec's type information
    """Return a type in words for people."""
    from msgspec import inspect as types

    if isinstance(kind, types.ListType):
        return f"list of {_shape(kind.item_type)}"
    if isinstance(kind, types.DictType):
        return "table"
    if isinstance(kind, types.UnionType):
        return " or ".join(dict.fromkeys(_shape(one) for one in kind.types))
    name: str = type(kind).__name__.removesuffix("Type")
    return {"Str": "text", "Int": "number", "Float": "number", "Bool": "yes or no"}.get(name, name.lower())
