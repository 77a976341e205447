"""What `inv --help` says of the tasks of fly: a line for each, and a word for each option."""

import inspect
from collections.abc import Iterator

import pytest
from invoke import Collection

from pkg.fly.cli import collection
from pkg.shell.cli import Task


def tasks(found: Collection, name: str) -> Iterator[tuple[str, Task]]:
    for each in found.tasks.values():
        yield f"{name}.{each.name}", each
    for below in found.collections.values():
        yield from tasks(below, f"{name}.{below.name}")


TASKS = dict(tasks(collection(), "fly"))
CHANGING = {
    "fly.machines.destroy",
    "fly.secrets.unset",
    "fly.secrets.sync",
    "fly.certs.remove",
    "fly.tokens.revoke",
}


@pytest.mark.parametrize("name", sorted(TASKS))
def test_a_task_has_one_short_line_and_a_word_for_each_option(name: str) -> None:
    task = TASKS[name]
    first = (inspect.getdoc(task.body) or "").splitlines()[0]
    assert 0 < len(first) <= 72
    assert first.endswith((".", "bad", "unhealthy."))
    assert [argument.name for argument in task.get_arguments() if not argument.help] == []


def test_an_option_has_the_same_letter_in_every_task_or_none() -> None:
    letters: dict[str, set[str]] = {}
    for task in TASKS.values():
        for long, *short in (argument.names for argument in task.get_arguments()):
            letters.setdefault(str(long), set()).update(map(str, short))
    assert {long: sorted(found) for long, found in letters.items() if len(found) > 1} == {}
    assert letters["wait-timeout"] == {"w"}
    assert letters["config"] == {"c"}


@pytest.mark.parametrize("name", sorted(CHANGING))
def test_what_destroys_has_a_yes(name: str) -> None:
    assert "yes" in [argument.name for argument in TASKS[name].get_arguments()]


EXPECTED = {
    "machines": (
        "clone",
        "destroy",
        "exec",
        "list",
        "restart",
        "run",
        "start",
        "stop",
        "suspend",
        "update",
        "wait",
    ),
    "secrets": ("deploy", "diff", "import", "list", "set", "sync", "unset"),
    "certs": ("add", "docs", "list", "remove", "show"),
    "volumes": ("check", "create", "extend", "list"),
    "tokens": ("check", "create-deploy", "list", "revoke"),
}


@pytest.mark.parametrize("group", sorted(EXPECTED))
def test_the_tasks_of_a_group_are_there(group: str) -> None:
    assert {f"fly.{group}.{verb}" for verb in EXPECTED[group]} <= set(TASKS)
