"""A task as somebody has typed it: what to type to ask for the same again."""

from collections.abc import Mapping, Sequence

from pkg.shell.runner import Runner

Value = str | int | float | bool | Sequence[str]


def typed(
    runner: Runner,
    words: Sequence[str],
    options: Mapping[str, tuple[Value, Value]],
    passthrough: Sequence[str] = (),
) -> str:
    """Return a command line of `inv`: without options that are as they are by default, and without secrets.

    Args:
        runner: knows the secrets.
        words: the task, with its operands, and the app.
        options: each option with its value and its default.
        passthrough: the words after `--`.
    """
    given = [
        word
        for name, (value, default) in options.items()
        if value != default
        for word in _option(name, value)
    ]
    line = runner.redacted(["inv", *words, *given])
    # The words of flyctl are masked by what flyctl's options mean.
    passed = runner.redacted(["flyctl", *passthrough]).removeprefix("flyctl")
    return f"{line} --{passed}" if passthrough else line


def _option(name: str, value: Value) -> list[str]:
    if isinstance(value, bool):
        return [name]
    if isinstance(value, float):
        return [name, f"{value:g}"]
    if isinstance(value, str | int):
        return [name, str(value)]
    return [word for each in value for word in (name, each)]
