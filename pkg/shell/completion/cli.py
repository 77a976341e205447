"""Keeping what `complete` reads: the shell's function runs this file when the tasks have changed.

It is no task: `python -m pkg.shell.completion.cli`, in the repo's root.
"""

import importlib
import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import invoke
from invoke.parser import Argument
from invoke.program import Program

from pkg.shell.completion.complete import KEPT, MANY, TASK, kind_of, stamp


def kept(collection: invoke.Collection, root: Path) -> str:
    """Return what is kept of tasks: a line a file, task, option or operand, with tabs between its cells."""
    lines = [_line("file", path, stamp(str(root / path))) for path in sources(root)]
    lines += [_line("core", *cells) for argument in Program().core_args() for cells in _flags("", argument)]
    for name, aliases in collection.task_names.items():
        task = collection[name]
        for each in (name, *aliases):
            lines += _task(each, task)
    return "".join(f"{line}\n" for line in lines)


def sources(root: Path) -> list[str]:
    """Return the files, and the folders, that a change of a task shows in."""
    files = [
        *root.glob("pkg/*/cli.py"),
        *root.glob("pkg/*/cli/*.py"),
        *root.glob("pkg/*/cli"),
        root / "tasks.py",
        *root.glob("pkg/shell/completion/complete.py"),
    ]
    return sorted(path.relative_to(root).as_posix() for path in files)


def keep(root: Path, text: str) -> None:
    """Write it; a reader sees the old or the new, never half of it."""
    path = root / KEPT
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _task(name: str, task: invoke.Task) -> Iterator[str]:  # type: ignore[type-arg]  # of any body
    words = (inspect.getdoc(task.body) or "").partition("\n")[0]
    yield _line("task", name, words)
    for argument in task.get_arguments():
        if argument.positional:
            more = [MANY] if getattr(argument, "many", False) else []
            yield _line("operand", kind_of(name, argument.attr_name or argument.name or ""), *more)
        for cells in _flags(name, argument):
            yield _line("option", *cells)


def _flags(task: str, argument: Argument) -> Iterator[tuple[str, str, str]]:
    own = argument.name or ""
    kind = kind_of(task, argument.attr_name or own) if argument.takes_value else ""
    if not task and own == "help":
        kind = TASK
    for name in argument.names:
        dashed = name.replace("_", "-").strip("-")
        yield (f"--{dashed}" if len(dashed) > 1 else f"-{dashed}"), kind, argument.help or ""
    if argument.kind is bool and argument.default is True:
        yield f"--no-{own.replace('_', '-')}", "", argument.help or ""


def _line(*cells: str) -> str:
    return "\t".join(" ".join(cell.split()) for cell in cells)


def main() -> None:
    """Keep the tasks of the repo that this runs in."""
    root = Path.cwd()
    sys.path.insert(0, str(root))
    tasks = importlib.import_module("tasks")
    keep(root, kept(tasks.ns, root))


if __name__ == "__main__":
    main()
