"""`inv docs.check` and `inv docs.build`, as a person types them."""

import pytest

from tests.docs.scratch import Scratch

pytestmark = pytest.mark.docs

PAGE = "docs/reference/exit-codes.md"


def test_check_names_page_and_line_of_what_is_not_so_and_the_next_thing_to_do(scratch: Scratch) -> None:
    page = scratch.repo / PAGE
    page.write_text(page.read_text().replace("| 4 | rolled-back |", "| 4 | gone |"))

    done = scratch.start("inv", "docs", timeout=60)

    assert done.returncode == 1
    assert f"{PAGE}:" in done.stdout
    assert "next:  mend the page or the code; for generated parts: `inv docs.build`" in done.stdout
    assert "Traceback" not in done.stdout


def test_build_makes_the_generated_parts_anew_after_which_all_is_well_and_a_dry_run_only_names_them(
    scratch: Scratch,
) -> None:
    page = scratch.repo / PAGE
    right = page.read_text()
    wrong = right.replace("| 4 | rolled-back |", "| 4 | gone |")
    page.write_text(wrong)

    assert f"docs: {PAGE}" in scratch.run("inv", "--dry", "docs.build")
    assert page.read_text() == wrong
    assert f"docs: {PAGE}" in scratch.run("inv", "docs.build")
    assert page.read_text() == right
    assert "docs: every page says what is so" in scratch.run("inv", "docs.check")
