"""A task may take any number of operands, which Invoke itself does not know."""

import sys
from collections.abc import Sequence

import pytest
from invoke import Collection, Context
from invoke.parser import Parser

from pkg.shell.cli import count_operands, task


@task(many="names", name="install")
def install(c: Context, names: Sequence[str] = (), force: bool = False) -> None:
    """Install some."""


@task
def other(c: Context) -> None:
    """Do something else."""


GROUP = Collection("tools", install, other)
ROOT = Collection(GROUP)


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("inv", 0),
        ("inv tools.install", 0),
        ("inv tools.install a", 1),
        ("inv tools.install a b c", 3),
        ("inv tools.install a b --force", 2),
        ("inv tools.install --force", 0),
        ("inv --dry sandbox tools.install a", 1),
        ("inv tools.install a -- b c", 1),
        ("inv tools.exec x -- tools.install a b", 0),
        ("inv install a", 1),
    ],
)
def test_operands_are_counted_up_to_an_option_or_the_end(words: str, count: int) -> None:
    assert count_operands(words.split(), "install") == count


@pytest.mark.parametrize(
    ("words", "names", "force"),
    [
        ("inv tools.install", [], False),
        ("inv tools.install a", ["a"], False),
        ("inv tools.install a b c", ["a", "b", "c"], False),
        ("inv tools.install a b --force", ["a", "b"], True),
        ("inv tools.install --force", [], True),
        ("inv tools.install --names a --names b", ["a", "b"], False),
    ],
)
def test_invoke_takes_them_as_a_list(
    monkeypatch: pytest.MonkeyPatch, words: str, names: list[str], *, force: bool
) -> None:
    monkeypatch.setattr(sys, "argv", words.split())
    (parsed,) = Parser(contexts=ROOT.to_contexts()).parse_argv(words.split()[1:])
    assert parsed.as_kwargs == {"names": names, "force": force}


def test_another_task_may_come_before(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["inv", "tools.other", "tools.install", "a", "b"]
    monkeypatch.setattr(sys, "argv", words)
    first, second = Parser(contexts=ROOT.to_contexts()).parse_argv(words[1:])
    assert (first.name, second.name, second.as_kwargs["names"]) == (
        "tools.other",
        "tools.install",
        ["a", "b"],
    )


@task
def lettered(
    c: Context,
    command: str,
    *,
    config: str = "",
    wait: bool = False,
    wait_timeout: int = 3,
    host: str = "",
    why: str = "",
) -> None:
    """Show which options get a letter."""


def test_an_option_has_its_first_letter_or_none_and_shared_ones_come_first() -> None:
    names = [" ".join(map(str, argument.names)) for argument in lettered.get_arguments()]
    assert names == ["command", "config c", "wait", "wait-timeout w", "host", "why"]
