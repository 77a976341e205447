"""Every command that a page shows works as the page says, on the simulation."""

import shutil

import pytest

from pkg.docs.commands import not_run, rule, shell_blocks, steps, without_dev
from pkg.docs.pages import Page, read_pages
from tests.docs.scratch import BIN, ROOT, Scratch, run_page, steps_of

pytestmark = pytest.mark.docs

PAGES = read_pages(ROOT)

# Blocks that nothing can run here. One more needs a reason that a reader accepts, and a change here.
NOT_RUN = 8


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES if shell_blocks(page)])
def test_the_commands_of_a_page_run_in_order_and_print_what_it_shows(page: Page, scratch: Scratch) -> None:
    wrong = run_page(page.name, steps_of(page), scratch)

    assert not wrong, "\n".join(wrong)


def test_a_command_that_is_not_run_names_a_program_that_is_here() -> None:
    left_out = [
        step.text
        for page in PAGES
        for block in shell_blocks(page)
        for step in steps(block)
        if rule(step.text)
    ]

    assert left_out
    missing = [text for text in left_out if not shutil.which(without_dev(text).split()[0], path=str(BIN))]
    assert not missing, missing


def test_few_blocks_are_not_run_and_each_says_why() -> None:
    left_out = not_run(PAGES)
    assert len(left_out) <= NOT_RUN, left_out
