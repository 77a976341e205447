from pathlib import Path

import pytest

from pkg.docs.commands import check_blocks, not_run, rule, shell_blocks, steps, without_dev
from pkg.docs.flyctl_words import load_surface
from pkg.docs.pages import Page, read_page
from pkg.docs.tasklist import TaskInfo

SURFACE = load_surface(Path(__file__).parents[3])
TASKS = [TaskInfo("fly.status", (), "Look.", "", ())]


def page(text: str) -> Page:
    return read_page("a.md", text)


def check(tmp_path: Path, text: str) -> list[str]:
    return [problem.what for problem in check_blocks(tmp_path, [page(text)], TASKS, {"lint": None}, SURFACE)]


def test_each_line_of_a_script_is_a_command_and_its_comments_are_not_typed() -> None:
    (block,) = page(
        "```sh\n# first\ninv a   # looks\n\ninv b \\\n  --c\ninv d '#'  # exit 4: bad\n```\n"
    ).blocks

    assert [(step.line, step.text, step.code, step.output) for step in steps(block)] == [
        (3, "inv a", 0, None),
        (5, "inv b \\\n--c", 0, None),
        (7, "inv d '#'", 4, None),
    ]


def test_a_comment_that_only_mentions_an_exit_code_expects_none() -> None:
    (block,) = page("```sh\ninv a  # health; exit 1 when unhealthy\n```\n").blocks

    assert steps(block)[0].code == 0


def test_a_console_shows_commands_with_what_they_print_and_how_they_end() -> None:
    text = "```console\n$ inv a\nfine\n\nyes\n$ inv b\n> more\nbad\n$ echo $?\n4\n$ inv c\n```\n"
    (block,) = page(text).blocks

    assert [(step.line, step.text, step.code, step.output) for step in steps(block)] == [
        (2, "inv a", 0, "fine\n\nyes"),
        (6, "inv b\nmore", 4, "bad"),
        (11, "inv c", 0, ""),
    ]


def test_dev_is_left_out_wherever_it_starts_a_command() -> None:
    assert without_dev("./dev ruff check && ./dev inv a ./dev") == "ruff check && inv a ./dev"


@pytest.mark.parametrize("text", ["nox", "./dev nox -s real", "pytest tests", "./dev inv sandbox.tour"])
def test_what_would_run_for_long_is_an_exception_with_a_reason(text: str) -> None:
    found = rule(text)

    assert found is not None
    assert found.why


def test_everything_else_is_run() -> None:
    assert rule("inv sandbox fly.status") is None
    assert rule("echo nox") is None


def test_what_is_not_run_is_looked_up(tmp_path: Path) -> None:
    text = "<!-- not run: needs an account -->\n```console\n$ inv fly.statsu\nx\n$ flyctl apps lst\nx\n```\n"
    assert [problem.rpartition(": ")[2] for problem in check(tmp_path, text)] == [
        "there is no task fly.statsu",
        "flyctl apps has no command lst",
    ]


def test_blocks_that_are_marked_are_not_run_and_are_counted() -> None:
    marked = page("<!-- not run: needs an account -->\n```sh\ninv a\n```\n")

    assert shell_blocks(marked) == []
    assert not_run([marked]) == [("a.md", 3, "needs an account")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("```bash\nx\n```\n", "a block in bash"),
        ("```\nx\n```\n", "a block in no language"),
        ("```text\n./dev inv a\n```\n", "a text block that holds commands"),
        ("<!-- not run: no -->\n```sh\nx\n```\n", "needs its reason"),
        ("```sh\ninv fly.statsu\n```\n", "there is no task fly.statsu"),
        ("```sh\n./dev nox -s lnt\n```\n", "nox has no session lnt"),
        ("```sh\npytest tests/nope -q\n```\n", "there is no tests/nope"),
        ("```sh\ninv fly.status | head && flyctl rollback\n```\n", "flyctl has no command rollback"),
    ],
)
def test_a_block_that_nothing_would_check_or_that_cannot_work_is_told(
    tmp_path: Path, text: str, said: str
) -> None:
    (problem,) = check(tmp_path, text)

    assert said in problem


def test_a_block_that_shows_how_flyctl_refuses_is_left_to_the_run(tmp_path: Path) -> None:
    assert check(tmp_path, "```sh\nflyctl releases list  # exit 1\n```\n") == []
