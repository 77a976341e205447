"""A task as somebody has typed it: what to type to ask for the same again."""

import inspect
from collections.abc import Mapping, Sequence

from pkg.shell.cli import Task
from pkg.shell.runner import Runner

# How the pages write them.
SHORT = {"app": "-a", "config": "-c"}
# How the end is told, which is no part of what is asked for.
LEFT_OUT = {"json"}


def typed(
    runner: Runner,
    name: str,
    task: Task,
    values: Mapping[str, object],
    passthrough: Sequence[str] = (),
) -> str:
    """Return a command line of `inv`: without options that are as they are by default, and without secrets.

    Args:
        runner: knows the secrets.
        name: the task's name.
        task: says which operands and options there are, and their defaults.
        values: what the task was called with, by the names of its parameters.
        passthrough: the words after `--`.
    """
    _, *parameters = inspect.signature(task.body).parameters.values()
    given = [
        word
        for one in parameters
        if one.name not in LEFT_OUT
        for word in _words(one, values.get(one.name, one.default))
    ]
    line = runner.redacted(["inv", name, *given])
    # The words of flyctl are masked by what flyctl's options mean.
    passed = runner.redacted(["flyctl", *passthrough]).removeprefix("flyctl")
    return f"{line} --{passed}" if passthrough else line


def _words(parameter: inspect.Parameter, value: object) -> list[str]:
    option = SHORT.get(parameter.name, f"--{parameter.name.replace('_', '-')}")
    if parameter.default is inspect.Parameter.empty:
        return [str(value)]
    if value in (parameter.default, []):
        return []
    if value is True:
        return [option]
    if isinstance(value, float):
        return [option, f"{value:g}"]
    return [word for one in (value if isinstance(value, list) else [value]) for word in (option, str(one))]
