"""The help of a task names its operands, and shows where an option wants a value."""

from collections.abc import Sequence

from invoke import Context

from pkg.shell.cli import task
from pkg.shell.cli.helping import head, options


@task(iterable=["force"], help={"force": "CHECK=REASON", "version": "as v12", "share": "so many"})
def revert(
    c: Context,
    version: str,
    *,
    force: list[str] | None = None,
    share: float = 1.0,
    wait: int = 3,
    tidy: bool = True,
) -> None:
    """Go back.

    And verify it.
    """


@task(many="names")
def install(c: Context, names: Sequence[str] = ()) -> None:
    """Install."""


@task
def enter(c: Context) -> None:
    """Enter."""


def test_the_head_shows_the_operands_and_all_the_words() -> None:
    shown = head("fly.revert", revert, revert.get_arguments())
    assert shown.startswith("Usage: inv [--core-opts] fly.revert VERSION [--options]\n")
    assert "\n  Go back.\n\n  And verify it.\n" in shown
    assert "install [NAMES ...] [--options]" in head("install", install, install.get_arguments())


def test_a_task_without_options_says_so() -> None:
    assert head("enter", enter, []).splitlines()[0] == "Usage: inv [--core-opts] enter"
    assert head("enter", enter, []).rstrip().endswith("none")


def test_each_option_that_wants_a_value_shows_it_and_its_default() -> None:
    assert options(revert.get_arguments()) == [
        ("-f STRING, --force=STRING", "CHECK=REASON; may be given more than once"),
        ("-s NUMBER, --share=NUMBER", "so many (1.0)"),
        ("-t, --[no-]tidy", ""),
        ("--version=STRING", "as v12"),
        ("-w INT, --wait=INT", "(3)"),
    ]
