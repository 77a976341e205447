"""COVERAGE.md: current, and nothing that changes anything rests on an assumption."""

from __future__ import annotations

import re
from functools import cache

import pytest

from pkg.flysim.coverage import FACTS, PAGE, ground, page, platform_evidence, rows_by_command
from pkg.flysim.flyctl.commands import KNOWN
from pkg.flysim.flyctl.surface import load


@cache
def rows() -> dict[str, list[str]]:
    """The rows of each command, worked out once."""
    return rows_by_command()


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run: ./dev python -m pkg.flysim.coverage"


@pytest.mark.parametrize("key", [key for key, known in KNOWN.items() if known.changes])
def test_a_command_that_changes_something_does_not_rest_on_an_assumption(key: str) -> None:
    assert ground(KNOWN[key], rows()[key]) != "assumed"


@pytest.mark.parametrize("key", [key for key in KNOWN if key])
def test_a_simulated_command_and_its_flags_are_in_the_surface(key: str) -> None:
    command = {each.key: each for each in load().commands}[key]
    assert set(command.flags) >= KNOWN[key].flags


@pytest.mark.parametrize("key", list(KNOWN))
def test_a_simulated_command_has_a_function_with_words(key: str) -> None:
    assert KNOWN[key].function.__doc__


def test_evidence_names_rows_that_exist() -> None:
    counts = {
        "http.jsonl": 516,
        "daily.json": 56,
        "operate.json": 94,
        "deploys.json": 45,
        "release.json": 20,
    }
    for name, _, evidence in platform_evidence():
        for row in evidence.rows:
            file, _, number = row.partition("#")
            assert re.fullmatch(r"\d+", number), (name, row)
            assert int(number) <= counts[file], (name, row)


def test_facts_hold_none_of_the_long_texts_of_the_real_one() -> None:
    for file in FACTS.glob("*.json"):
        assert '"out"' not in file.read_text()
        assert '"err"' not in file.read_text()
