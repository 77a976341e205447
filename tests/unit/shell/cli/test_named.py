"""A command line is given the groups of tasks that it can mean, and all of them when it names none."""

import pytest

from pkg.shell.cli import named


@pytest.mark.parametrize(
    ("line", "group", "wanted"),
    [
        ("fly.status", "fly", True),
        ("fly.status", "fly.machines", False),
        ("fly.machines.stop 123", "fly.machines", True),
        ("fly.machines", "fly.machines", True),
        ("sandbox fly.status --all", "sandbox", True),
        ("sandbox fly.status --all", "fly", True),
        ("sandbox fly.status --all", "tools", False),
        ("flyer.status", "fly", False),
        ("fly.exec -- tools.list", "tools", False),
        ("history", "fly", False),
    ],
)
def test_a_group_is_wanted_when_a_word_names_it_or_what_is_in_it(line: str, group: str, wanted: bool) -> None:
    assert named(["inv", *line.split()])(group) is wanted


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--list",
        "-l",
        "--help fly.status",
        "fly.status --help",
        "--complete -- inv fly.st",
        "--list fly",
        "-d",
    ],
)
def test_a_list_help_or_a_completion_wants_all(line: str) -> None:
    assert named(["inv", *line.split()])("tools")
