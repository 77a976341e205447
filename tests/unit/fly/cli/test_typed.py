"""What to type to ask for the same again: what was typed, without what is so by default."""

from invoke import Context

from pkg.fly.cli.typed import typed
from pkg.shell.cli import task
from tests.fakes import FakeRunner


@task(iterable=["force"])
def deploy(
    c: Context,
    *,
    app: str = "",
    config: str = "",
    force: list[str] | None = None,
    watch: str = "",
    guard: bool = False,
    guard_errors: float = 1.0,
    guard_slower: float = 50.0,
    wait_timeout: int = 300,
    json: bool = False,
) -> None:
    """Deploy."""


@task
def revert(c: Context, version: str, app: str = "") -> None:
    """Go back."""


def again(*passthrough: str, **values: object) -> str:
    return typed(FakeRunner(), "fly.deploy", deploy, {"app": "infra", **values}, passthrough)


def test_what_is_so_by_default_is_left_out() -> None:
    assert again(config="", guard=False, wait_timeout=300, force=[]) == "inv fly.deploy -a infra"


def test_options_are_as_they_were_typed() -> None:
    assert again(
        force=["checks=it is new", "published=x"], watch="5m", guard=True, guard_errors=2.5, guard_slower=40.0
    ) == (
        "inv fly.deploy -a infra --force 'checks=it is new' --force published=x"
        " --watch 5m --guard --guard-errors 2.5 --guard-slower 40"
    )


def test_a_value_of_nothing_is_one_that_was_typed() -> None:
    assert again(guard_errors=0.0) == "inv fly.deploy -a infra --guard-errors 0"


def test_how_it_is_told_is_no_part_of_what_is_asked_for() -> None:
    assert again(config="core", json=True) == "inv fly.deploy -a infra -c core"


def test_an_operand_comes_where_it_stands() -> None:
    shown = typed(FakeRunner(), "fly.releases.revert", revert, {"version": "v7", "app": "infra"})
    assert shown == "inv fly.releases.revert v7 -a infra"


def test_the_words_of_flyctl_come_last() -> None:
    assert again("--region", "a b") == "inv fly.deploy -a infra -- --region 'a b'"
