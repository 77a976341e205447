from pathlib import Path

import pytest

from pkg.docs.generate import check_generated, generated, pages_with_parts, stale
from pkg.shell.errors import BadInput

PAGE = "# A\n\n<!-- [[[cog\nimport cog\ncog.out('made')\n]]] -->\n{made}<!-- [[[end]]] -->\n\nprose\n"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "docs" / "a.md"
    path.parent.mkdir()
    path.write_text(PAGE.format(made=""))
    (tmp_path / "README.md").write_text("# R\n")
    return path


def test_a_generated_part_is_put_between_its_marks(page: Path) -> None:
    assert generated(page) == PAGE.format(made="made\n")


def test_a_page_that_is_older_than_the_code_is_told_with_its_line(tmp_path: Path, page: Path) -> None:
    assert [str(problem) for problem in check_generated(tmp_path)] == [
        "docs/a.md:7: is older than the code: `inv docs.build`"
    ]
    assert stale(tmp_path) == [(page, PAGE.format(made="made\n"))]


def test_a_page_that_is_up_to_date_is_left_alone(tmp_path: Path, page: Path) -> None:
    page.write_text(PAGE.format(made="made\n"))

    assert pages_with_parts(tmp_path) == [page]
    assert check_generated(tmp_path) == []
    assert stale(tmp_path) == []


def test_a_broken_snippet_is_an_error_that_names_the_page(page: Path) -> None:
    page.write_text("<!-- [[[cog\nimport cog\ncog.out('x')\n]]] -->\n")

    with pytest.raises(BadInput, match=r"a\.md"):
        generated(page)
    (problem,) = check_generated(page.parents[1])
    assert "Missing" in problem.what
