"""The help of a task: as Invoke's, and with its operands, and a word for each value that an option takes."""

import inspect
import textwrap
from collections.abc import Iterable, Sequence

import invoke
from invoke.parser import Argument

VALUES = {str: "STRING", int: "INT", float: "NUMBER", list: "STRING"}


def head(name: str, task: invoke.Task, arguments: Sequence[Argument]) -> str:  # type: ignore[type-arg]  # of any body
    """Return what stands above the options: how the task is called, and what it does."""
    operands = [
        f"[{_upper(each)} ...]" if getattr(each, "many", False) else _upper(each)
        for each in arguments
        if each.positional
    ]
    usage = " ".join(["Usage: inv [--core-opts]", name, *operands, *(["[--options]"] if arguments else [])])
    words = textwrap.indent(inspect.getdoc(task) or "", "  ")
    return f"{usage}\n\nDocstring:\n{words}\n\nOptions:" + ("" if arguments else "\n  none\n")


def options(arguments: Iterable[Argument]) -> list[tuple[str, str]]:
    """Return each option as it is typed, with what it means and its default; by name."""
    rows = [(_flags(each), _meaning(each)) for each in arguments]
    return sorted(rows, key=lambda row: row[0].lstrip("-").lower())


def _upper(argument: Argument) -> str:
    return str(argument.name).strip("_").upper()


def _flags(argument: Argument) -> str:
    value = VALUES.get(argument.kind, "") if argument.takes_value else ""
    shown = []
    for name in sorted(argument.names, key=len):
        dashed = str(name).strip("_").replace("_", "-")
        if len(dashed) == 1:
            shown.append(f"-{dashed} {value}".rstrip())
        elif value:
            shown.append(f"--{dashed}={value}")
        else:
            shown.append(f"--{'[no-]' if argument.default is True else ''}{dashed}")
    return ", ".join(shown)


def _meaning(argument: Argument) -> str:
    again = argument.kind is list and not getattr(argument, "many", False)
    words = f"{argument.help or ''}{'; may be given more than once' if again else ''}"
    default = f"({argument.default})" if argument.takes_value and argument.default else ""
    return f"{words} {default}".strip()
