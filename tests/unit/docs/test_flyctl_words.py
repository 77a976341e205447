from pathlib import Path

import pytest

from pkg.docs.flyctl_words import check_flyctl, load_surface, wrong_with
from pkg.docs.pages import read_page
from pkg.docs.words import split, stands_for_something

SURFACE = load_surface(Path(__file__).parents[3])


@pytest.mark.parametrize(
    "text",
    [
        "flyctl",
        "flyctl 0.4.87",
        "flyctl status",
        "fly status -a infra --json",
        "flyctl logs --no-tail --app infra",
        "flyctl m ls -q -a infra",
        "flyctl certs show HOST",
        "flyctl machine exec $M ls",
        "flyctl machine …",
        "flyctl machine restart ID OTHER",
        "flyctl deploy --image repo:tag@sha256:… --ha=false",
        "flyctl secrets set NAME=-",
        "flyctl releases --json | head -n 1",
        "flyctl ssh console -- ls -la",
        "flyctl -t TOKEN status",
    ],
)
def test_what_flyctl_has_passes(text: str) -> None:
    assert wrong_with(split(text)[0], SURFACE) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("flyctl rollback", "flyctl has no command rollback"),
        ("flyctl releases list", "flyctl releases takes no list"),
        ("flyctl apps metrics", "flyctl apps has no command metrics"),
        ("flyctl logs --tail", "flyctl logs has no --tail"),
        ("flyctl status -z", "flyctl status has no -z"),
        ("fly deploy --strategi=rolling", "flyctl deploy has no --strategi"),
        ("flyctl certs check a.example.com b.example.com", "takes no b.example.com"),
    ],
)
def test_what_flyctl_does_not_have_is_told(text: str, said: str) -> None:
    assert said in wrong_with(split(text)[0], SURFACE)


def test_what_is_struck_through_must_not_exist() -> None:
    page = read_page("a.md", "~~`flyctl rollback`~~ and ~~`flyctl status`~~\n")

    (problem,) = check_flyctl([page], SURFACE)

    assert "`flyctl status` is struck through" in problem.what


def test_a_column_of_hearsay_may_quote_anything() -> None:
    table = "| Elsewhere one reads | here |\n| --- | --- |\n| `flyctl logs --tail` | `flyctl logs --tale` |\n"

    (problem,) = check_flyctl([read_page("a.md", table)], SURFACE)

    assert (problem.line, "--tale" in problem.what) == (3, True)


@pytest.mark.parametrize("word", ["NAME", "<id>", "[NAME…]", "$M", "…", "{app}", "HOST:PORT"])
def test_placeholders_stand_for_something(word: str) -> None:
    assert stands_for_something(word)


@pytest.mark.parametrize("word", ["name", "fly.deploy", "--app", "v12", "."])
def test_words_stand_for_themselves(word: str) -> None:
    assert not stands_for_something(word)


def test_a_line_is_split_into_its_commands() -> None:
    assert split("a 'b c' | d && e; f > g") == [["a", "b c"], ["d"], ["e"], ["f"], ["g"]]
    assert split("it's no command") == []
