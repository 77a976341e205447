"""A page that is broken on purpose is noticed: otherwise the other tests here would prove nothing."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from pkg.docs.check import problems
from pkg.docs.pages import read_page
from pkg.docs.tasklist import describe, load_collection
from tests.docs.scratch import ROOT, Scratch, run_page, steps_of


class Mutation(NamedTuple):
    """What is broken on which page, and what is said about it."""

    page: str
    old: str
    new: str
    said: str


MUTATIONS = {
    "a task in a block": Mutation(
        "README.md", "inv fly.status --all  ", "inv fly.statsu --all  ", "there is no task fly.statsu"
    ),
    "an option in a block": Mutation(
        "README.md", "inv fly.status --all  ", "inv fly.status --al  ", "fly.status has no --al"
    ),
    "a flyctl command in a sentence": Mutation(
        "docs/guide.md",
        "`flyctl checks list` and",
        "`flyctl checks lst` and",
        "flyctl checks has no command lst",
    ),
    "a flyctl flag in a block": Mutation(
        "docs/guide.md",
        "flyctl logs --app infra --no-tail",
        "flyctl logs --app infra --no-tial",
        "no --no-tial",
    ),
    "a link": Mutation(
        "docs/guide.md",
        "[onboarding](onboarding.md)",
        "[onboarding](onboard.md)",
        "there is no docs/onboard.md",
    ),
    "a heading that is linked to": Mutation(
        "docs/guide.md",
        "### Where flyctl differs from what one reads",
        "### Where flyctl differs",
        "has no heading #where-flyctl-differs-from-what-one-reads",
    ),
    "the exit code of a verdict": Mutation(
        "README.md", "| degraded | 5 |", "| degraded | 6 |", "exit code 6 is unverified, not degraded"
    ),
    "an exit code in the reference": Mutation(
        "docs/reference/exit-codes.md", "| 70 |", "| 71 |", "exit code 70 is missing"
    ),
    "a variable in the reference": Mutation(
        "docs/reference/environment.md",
        "`FLY_SANDBOX`",
        "`FLY_SANDPIT`",
        "the variable FLY_SANDBOX is not in",
    ),
    "a task in the reference": Mutation(
        "docs/reference/tasks.md",
        "## fly.status\n",
        "## fly.state\n",
        "the task fly.status is not documented",
    ),
    "a task in a sentence": Mutation(
        "docs/architecture.md", "`inv docs.check`", "`inv docs.chek`", "there is no task docs.chek"
    ),
    "a session": Mutation(
        "docs/runbooks/flyctl-upgrade.md", "nox -s contract", "nox -s contrakt", "nox has no session contrakt"
    ),
    "the picture": Mutation("docs/architecture.md", "flowchart BT", "flowchart TB", "is older than the code"),
}


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=list(MUTATIONS))
def test_a_page_that_says_what_is_not_so_is_told_with_its_line(mutation: Mutation, tmp_path: Path) -> None:
    copy_pages(tmp_path)
    mutate(tmp_path, mutation)

    found = problems(tmp_path, describe(load_collection(ROOT)))

    assert any(mutation.said in problem.what for problem in found), [*map(str, found)]


def test_a_command_that_prints_something_else_than_is_shown_is_told(scratch: Scratch) -> None:
    mutated = (
        (scratch.repo / "docs/guide.md")
        .read_text()
        .replace('unknown command "revert"', 'unknown word "revert"')
    )
    page = read_page("docs/guide.md", mutated)
    todo = [step for step in steps_of(page) if "releases revert" in step.text]

    (problem,) = run_page(page.name, todo, scratch)

    assert "the page shows" in problem


def test_a_command_that_ends_otherwise_than_is_said_is_told(scratch: Scratch) -> None:
    page = read_page("docs/a.md", "```sh\nflyctl version\nflyctl releases list   # exit 0: it is fine\n```\n")

    (problem,) = run_page(page.name, steps_of(page), scratch)

    assert problem.startswith("docs/a.md:3: `flyctl releases list` ended with 1, the page says 0")


def copy_pages(folder: Path) -> None:
    """Copy what the checks read: pages, and the code that they are held to."""
    for name in ("docs", "pkg", "core", "processcompose", "tests"):
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for file in ROOT.glob("*.*"):
        if file.is_file():
            shutil.copy2(file, folder)
    shutil.copy2(ROOT / "LICENSE", folder)


def mutate(folder: Path, mutation: Mutation) -> None:
    path = folder / mutation.page
    text = path.read_text()
    assert mutation.old in text, (
        f"{mutation.page} does not hold {mutation.old!r} any more: choose another place"
    )
    path.write_text(text.replace(mutation.old, mutation.new, 1))
