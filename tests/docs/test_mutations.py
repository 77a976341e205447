"""A page that is broken on purpose is noticed: otherwise the other tests here would prove nothing."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from pkg.docs.check import problems
from pkg.docs.pages import read_page
from pkg.docs.tasklist import TaskInfo, describe, load_collection
from tests.docs.scratch import ROOT, Scratch, run_page, steps_of

pytestmark = pytest.mark.docs


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
    "an option of a task in a sentence": Mutation(
        "docs/guide.md", "`inv fly.report --open`", "`inv fly.report --opne`", "fly.report has no --opne"
    ),
    "an option that stands alone in a sentence": Mutation(
        "pkg/fly/README.md",
        "`--guard-errors`",
        "`--guard-erors`",
        "a task has --guard-erors",
    ),
    "a flyctl command that is struck through": Mutation(
        "CONTRIBUTING.md",
        "~~`flyctl struck through`~~",
        "~~`flyctl releases`~~",
        "is struck through, and flyctl has it",
    ),
    "an exit code in a sentence": Mutation(
        "docs/runbooks/bad-release.md",
        "exit 4, `rolled-back`",
        "exit 5, `rolled-back`",
        "rolled-back is exit code 4, not 5",
    ),
    "an exit code in brackets": Mutation(
        "pkg/litestream/README.md", "(exit 8)", "(exit 7)", "healthy-unreplicated is exit code 8, not 7"
    ),
    "an exit code that nothing ends with": Mutation(
        "docs/guide.md", "prints help and exits 0", "prints help, exit 9", "there is no exit code 9"
    ),
    "an exit code in the code": Mutation(
        "pkg/fly/metrics/failures.py", "exit_code = 66", "exit_code = 61", "exit code 61 is not in"
    ),
    "a variable in a sentence": Mutation(
        "pkg/fly/README.md", "(`FLY_TICK`, ", "(`FLY_TOCK`, ", "FLY_TOCK is not in"
    ),
    "a variable in the code": Mutation(
        "pkg/fly/connect.py", 'get("FLY_TICK")', 'get("FLY_TOCK")', "the variable FLY_TOCK is not in"
    ),
    "a manifest's key": Mutation(
        "docs/reference/manifest.md",
        "| `primary_region` | text",
        "| `region` | text",
        "is older than the code",
    ),
    "a page that nothing leads to": Mutation(
        "README.md", "[performance](docs/performance.md)", "performance", "no link leads here"
    ),
    "a task in a package's README": Mutation(
        "pkg/litestream/README.md", "| `fly.litestream` |", "| `fly.litestraem` |", "no task fly.litestraem"
    ),
    "an option in a package's block": Mutation(
        "pkg/tools/README.md", "inv tools.list --json", "inv tools.list --jsn", "tools has no --jsn"
    ),
    "a link of a package's README": Mutation(
        "pkg/processcompose/README.md", "processcompose/README.md)", "processcompose/READ.md)", "there is no"
    ),
    "a task in a tenant's block": Mutation(
        "processcompose/notes/README.md",
        "inv fly.status -c",
        "inv fly.stats -c",
        "there is no task fly.stats",
    ),
    "a link of a tenant's README": Mutation(
        "processcompose/relay/README.md",
        "(../README.md)",
        "(../READ.md)",
        "there is no processcompose/READ.md",
    ),
    "a block that is left out without a reason": Mutation(
        "pkg/tools/README.md",
        "<!-- not run: it downloads and compiles -->",
        "<!-- not run: no -->",
        "needs its reason",
    ),
    "a task in a block that is not run": Mutation(
        "core/README.md", "inv core.publish", "inv core.pubish", "there is no task core.pubish"
    ),
    "a flyctl flag in a block that is not run": Mutation(
        "docs/guide.md", "flyctl auth login", "flyctl auth login --emial", "flyctl auth login has no --emial"
    ),
    "exit codes from one to another": Mutation(
        "README.md", "exit 66 to 77", "exit 66 to 79", "there is no exit code 79"
    ),
    "an exit code of a verb": Mutation(
        "docs/runbooks/README.md",
        "`inv fly.certs` exits 1",
        "`inv fly.certs` exits 9",
        "there is no exit code 9",
    ),
    "flyctl's version": Mutation(
        "docs/guide.md", "pinned version, 0.4.87", "pinned version, 0.4.86", "flyctl is pinned at 0.4.87, not"
    ),
    "Litestream's version": Mutation(
        "docs/runbooks/restore-from-litestream.md",
        "(Litestream 0.5.18)",
        "(Litestream 0.5.17)",
        "litestream is pinned at 0.5.18, not 0.5.17",
    ),
    "a file": Mutation(
        "docs/architecture.md",
        "`pkg/shell/relay.py`",
        "`pkg/shell/relais.py`",
        "there is no such file here",
    ),
    "a file without its folder": Mutation(
        "docs/reference/manifest.md", "`core/fly.toml` run", "`core/flyy.toml` run", "there is no such file"
    ),
    "a manifest's key in a sentence": Mutation(
        "docs/guide.md", "`auto_stop_machines = ", "`auto_stop_machine = ", "is called auto_stop_machine"
    ),
    "a manifest's key in the half that is written by hand": Mutation(
        "docs/reference/manifest.md",
        "| `deploy.strategy` | how",
        "| `deploy.strategi` | how",
        "no task reads the key",
    ),
    "an option of a session": Mutation(
        "docs/performance.md", "`-- --json FILE`", "`./dev nox -s bench -- --jsn FILE`", "bench has no --jsn"
    ),
    "the picture": Mutation("docs/architecture.md", "flowchart BT", "flowchart TB", "is older than the code"),
}


@pytest.fixture(scope="session")
def tasks() -> list[TaskInfo]:
    return describe(load_collection(ROOT))


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the checks read, copied: pages, and the code that they are held to."""
    return copy_pages(tmp_path_factory.mktemp("pages"))


def test_the_copy_is_as_true_as_the_repo(pages: Path, tasks: list[TaskInfo]) -> None:
    assert problems(pages, tasks) == problems(ROOT, tasks)


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=list(MUTATIONS))
def test_a_page_that_says_what_is_not_so_is_told_with_its_line(
    mutation: Mutation, pages: Path, tasks: list[TaskInfo]
) -> None:
    with mutated(pages, mutation):
        found = problems(pages, tasks)

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


def test_a_command_of_a_tenant_that_fails_is_told(scratch: Scratch) -> None:
    name = "processcompose/notes/README.md"
    page = read_page(name, (scratch.repo / name).read_text().replace("-c processcompose/notes", "-c nowhere"))

    (problem,) = run_page(page.name, steps_of(page)[:1], scratch)

    assert "`inv fly.status -c nowhere` ended with 2, the page says 0" in problem


def copy_pages(folder: Path) -> Path:
    for name in ("docs", "pkg", "core", "processcompose", "tests"):
        if (ROOT / name).exists():
            left_out = shutil.ignore_patterns("__pycache__", ".*_cache")
            shutil.copytree(ROOT / name, folder / name, ignore=left_out)
    for file in ROOT.glob("*.*"):
        if file.is_file():
            shutil.copy2(file, folder)
    shutil.copy2(ROOT / "LICENSE", folder)
    return folder


@contextlib.contextmanager
def mutated(folder: Path, mutation: Mutation) -> Iterator[None]:
    """Break a page for as long as the block lasts."""
    path = folder / mutation.page
    text = path.read_text()
    assert mutation.old in text, (
        f"{mutation.page} does not hold {mutation.old!r} any more: choose another place"
    )
    path.write_text(text.replace(mutation.old, mutation.new, 1))
    try:
        yield
    finally:
        path.write_text(text)
