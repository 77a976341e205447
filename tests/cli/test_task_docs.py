"""The words of the tasks are `inv --list`: each has some, and they fit on a line."""

import inspect
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from invoke import Collection, Task

TASKS = Path(__file__).parents[2] / "tasks.py"


def named(collection: Collection, above: str = "") -> Iterator[tuple[str, Task]]:  # type: ignore[type-arg]
    for name, task in collection.tasks.items():
        yield f"{above}{name}", task
    for name, group in collection.collections.items():
        yield from named(group, f"{above}{name}.")


def load() -> Collection:
    spec = spec_from_file_location("tasks_of_this_repo", TASKS)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    found = module.collection()
    assert isinstance(found, Collection)
    return found


ALL = dict(named(load()))


def test_the_tasks_were_found() -> None:
    assert {"fly.deploy", "fly.status", "history"} <= set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_a_task_says_in_one_line_what_it_does(name: str) -> None:
    first, *rest = (inspect.getdoc(ALL[name].body) or "").splitlines()
    assert first.endswith("."), first
    assert len(first) < 72, first
    assert first[0].isupper()
    assert not rest or not rest[0], "a blank line follows the first"


@pytest.mark.parametrize("name", ALL)
def test_a_task_says_what_each_of_its_options_is(name: str) -> None:
    task = ALL[name]
    silent = [argument.name for argument in task.get_arguments() if not argument.help]
    assert silent == []
