"""What to type to ask for the same again: what was typed, without what is so by default."""

from pkg.fly.cli.typed import Value, typed
from tests.fakes import FakeRunner

WORDS = ["fly.deploy", "-a", "infra"]


def again(options: dict[str, tuple[Value, Value]], *passthrough: str) -> str:
    return typed(FakeRunner(), WORDS, options, passthrough)


def test_what_is_so_by_default_is_left_out() -> None:
    assert again({"-c": ("", ""), "--guard": (False, False), "--wait-timeout": (300, 300)}) == (
        "inv fly.deploy -a infra"
    )


def test_options_are_as_they_were_typed() -> None:
    options: dict[str, tuple[Value, Value]] = {
        "--force": (["checks=it is new", "published=x"], []),
        "--watch": ("5m", ""),
        "--guard": (True, False),
        "--guard-errors": (2.5, 1.0),
        "--guard-slower": (40.0, 50.0),
    }
    assert again(options) == (
        "inv fly.deploy -a infra --force 'checks=it is new' --force published=x"
        " --watch 5m --guard --guard-errors 2.5 --guard-slower 40"
    )


def test_the_words_of_flyctl_come_last() -> None:
    assert again({}, "--region", "a b") == "inv fly.deploy -a infra -- --region 'a b'"
