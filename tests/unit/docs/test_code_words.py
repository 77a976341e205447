from pathlib import Path

import pytest

from pkg.docs.code_words import EXIT_PAGE, VARIABLE_PAGE, check_exit_codes, check_variables
from pkg.docs.pages import Page, read_page
from pkg.docs.reference import exit_codes, variables
from pkg.docs.variables import KNOWN
from pkg.shell.errors import EXIT_CODES


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pkg" / "a").mkdir(parents=True)
    names = ", ".join(f"env.get('{each.name}')" for each in KNOWN)
    (tmp_path / "pkg" / "a" / "b.py").write_text(f"x = [{names}]\n")
    return tmp_path


def pages(*more: str) -> list[Page]:
    return [
        read_page(EXIT_PAGE, exit_codes()),
        read_page(VARIABLE_PAGE, variables()),
        *(read_page("a.md", text) for text in more),
    ]


def test_what_the_reference_has_is_what_the_code_has(root: Path) -> None:
    assert check_exit_codes(root, pages()) == []
    assert check_variables(root, pages()) == []


def test_an_exit_code_in_the_code_that_the_reference_lacks_is_told_with_its_line(root: Path) -> None:
    (root / "pkg" / "a" / "c.py").write_text("\nsys.exit(99)\n")

    (problem,) = check_exit_codes(root, pages())

    assert str(problem).startswith("pkg/a/c.py:2: exit code 99")


def test_an_exit_code_that_the_reference_has_lost_is_told(root: Path) -> None:
    kept = [page for page in pages() if page.name != EXIT_PAGE]

    assert len(check_exit_codes(root, kept)) == len(EXIT_CODES)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("| rolled-back | 44 |", "there is no exit code 44"),
        ("| degraded | 4 |", "exit code 4 is rolled-back, not degraded"),
    ],
)
def test_a_table_of_verdicts_with_another_code_is_told(root: Path, row: str, said: str) -> None:
    (problem,) = check_exit_codes(
        root, pages(f"| a deploy ends | exit |\n| --- | --- |\n{row}\n| healthy | 0 |\n")
    )

    assert said in problem.what


def test_a_variable_that_the_reference_lacks_is_told_where_it_is_used(root: Path) -> None:
    (root / "pkg" / "a" / "c.py").write_text("env['FLY_NEW']\n")

    found = check_variables(root, pages("Set `FLY_OTHER=1`, never ~~`FLY_STRUCK`~~.\n"))

    assert [problem.what for problem in found] == [
        f"the variable FLY_NEW is not in {VARIABLE_PAGE}",
        f"FLY_OTHER is not in {VARIABLE_PAGE}",
    ]


def test_a_variable_that_no_code_names_any_more_is_told(root: Path) -> None:
    (root / "pkg" / "a" / "b.py").write_text("")

    assert len(check_variables(root, pages())) == len(KNOWN)
