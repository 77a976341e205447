"""The page shows what there is, says what could not be read, loads nothing, and can be read by everybody."""

import dataclasses
import itertools
import re
from pathlib import Path

import msgspec
import pytest

from pkg.fly.report.gather import Part
from pkg.fly.report.page import STYLE, page
from tests.unit.fly.report.given import app, empty, lost, report
from tests.unit.fly.report.outline import Outline

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e'


@pytest.fixture(scope="module")
def outline() -> Outline:
    return Outline(page(report(app(), lost(), empty())))


def test_everything_that_there_is_is_shown(outline: Outline) -> None:
    for text in (
        "3 machines: 1 in fra, 2 in syd",
        "(by hand)",
        "3 checks, 1 not passing",
        "v12 complete 2026-11-24 11:00, released by plain",
        "v11 failed bad 2026-11-24 10:00",
        "fly.deploy rolled-back 2026-11-24 10:00, by ann@desk, 61 s infra:v11 machine 148e1 is unhealthy",
        "no end",
        "the last that is known of it: machine 148e1 is unhealthy",
        "CPU busy, %",
        "HTTP answers by status: 200: 95%, 500: 5%",
        "a.example.com active plain 2027-01-23 60 -",
        "b.example.com active plain 2026-11-27 3 plain",
        "vol_1 plain 3 GB syd created 148e1 encrypted",
        "plain ann 2026-11-25 1 valid, 24 h left",
        "old ann 2026-11-23 over ended",
        "simulated: nothing here is real",
    ):
        assert text in outline.text, text


def test_a_release_whose_answers_were_worse_is_marked_though_it_was_left() -> None:
    given = report()
    worse = [
        msgspec.structs.replace(each, worse=["more 5xx"] if each.verdict else None) for each in given.journal
    ]
    told = Outline(page(dataclasses.replace(given, journal=worse))).text
    assert "fly.deploy rolled-back answered worse 2026-11-24 10:00" in told
    assert "v11 failed worse 2026-11-24 10:00" in told


def test_a_release_that_something_speaks_against_has_no_green_dot_though_fly_calls_it_complete() -> None:
    given = report(app())
    (first, *others) = given.apps
    assert first.releases.value is not None
    complete = [msgspec.structs.replace(each, status="complete") for each in first.releases.value]
    told = page(
        dataclasses.replace(given, apps=[dataclasses.replace(first, releases=Part(complete)), *others])
    )
    dots = re.findall(r'<li class="is-(\w+)"><strong>(v\d+) ', told)
    assert dots == [("good", "v12"), ("bad", "v11")]


def test_what_needs_a_look_stands_on_top(outline: Outline) -> None:
    top = outline.text[: outline.text.index("Machines by region")]
    for text in (
        "9080e is unhealthy",
        "b.example.com: plain",
        "c.example.com: not issued yet",
        "5% of its answers are 5xx",
    ):
        assert text in top, text


def test_what_could_not_be_read_is_said_in_its_place(outline: Outline) -> None:
    for name in ("machines", "releases", "volumes", "certificates", "tokens", "metrics"):
        assert f"This could not be read: reading {name} failed" in outline.text
        assert f"{name} could not be read" in outline.text
    assert "lost unknown - " in outline.text
    assert "The machines of lost could not be read: how they are is not known." in outline.text


def test_an_app_that_has_nothing_says_so(outline: Outline) -> None:
    for text in (
        "It has no machines.",
        "Nothing checks its machines.",
        "Nothing was measured in this time.",
        "It has no certificates.",
        "It has no volumes.",
        "It has no tokens of its own.",
    ):
        assert text in outline.text, text


def test_the_page_loads_nothing_and_runs_nothing(outline: Outline) -> None:
    tags = {tag for tag, _ in outline.elements}
    assert not tags & {"script", "img", "iframe", "object", "embed", "form", "base", "audio", "video"}
    assert {attributes["href"] for attributes in outline.all("link")} == {"data:,"}
    for _, attributes in outline.elements:
        assert not [
            name for name in attributes if name.startswith("on") or name in {"src", "srcset", "xlink:href"}
        ]
    assert all(attributes["href"].startswith("#") for attributes in outline.all("a"))
    assert not re.search(r"url\(|@import|https?:", STYLE.read_text())
    (policy,) = [
        one["content"] for one in outline.all("meta") if one.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'")


def test_a_hostile_name_is_text_wherever_it_stands() -> None:
    outline = Outline(page(report(text=HOSTILE)))
    tags = {tag for tag, _ in outline.elements}
    assert not tags & {"script", "img"}
    assert not [name for _, attributes in outline.elements for name in attributes if name.startswith("on")]
    assert outline.text.count("<script>alert(1)</script>") >= 8
    assert "\u202e" not in page(report(text=HOSTILE))


def test_a_screen_reader_finds_its_way(outline: Outline) -> None:
    assert outline.all("html") == [{"lang": "en"}]
    assert "Report: infra, lost, empty" in outline.text
    levels = [int(tag[1]) for tag, _ in outline.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert len(outline.all("caption")) == len(outline.all("table"))
    assert all(attributes.get("scope") in {"col", "row"} for attributes in outline.all("th"))
    assert all(attributes["data-label"] for attributes in outline.all("td"))
    ids = [attributes["id"] for _, attributes in outline.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    named = [attributes["aria-labelledby"] for attributes in outline.all("section")]
    targets = [attributes["href"][1:] for attributes in outline.all("a")]
    assert set(named + targets) <= set(ids)


def test_every_drawing_is_told_in_words_or_is_decoration(outline: Outline) -> None:
    drawings = outline.all("svg")
    told = [attributes["aria-label"] for attributes in drawings if attributes.get("role") == "img"]
    assert len(told) == 7
    lines = ("148e1 between 20 and 20, last 20", "9080e between 40 and 40, last 40")
    assert told[0] == f"CPU busy of infra in %, the last 10m: {'; '.join(lines)}."
    assert all("role" in attributes or attributes["aria-hidden"] == "true" for attributes in drawings)


def test_a_phone_and_a_dark_screen_are_thought_of(outline: Outline) -> None:
    viewport = [one["content"] for one in outline.all("meta") if one.get("name") == "viewport"]
    assert viewport == ["width=device-width, initial-scale=1"]
    style = STYLE.read_text()
    for rule in ("prefers-color-scheme: dark", "max-width: 40rem", "prefers-reduced-motion", "@media print"):
        assert rule in style


def colours(style: str) -> list[dict[str, str]]:
    """The palettes for light and for dark."""
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    return [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks]


def luminance(colour: str) -> float:
    """How bright a colour is, as https://www.w3.org/TR/WCAG21/#dfn-relative-luminance reckons it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, brighter = sorted((luminance(one), luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", [0, 1], ids=["light", "dark"])
def test_every_text_has_the_contrast_that_is_asked_for_and_every_line_too(palette: int) -> None:
    found = colours(STYLE.read_text())[palette]
    texts = [("text", "page"), ("text", "card"), ("quiet", "page"), ("quiet", "card"), ("link", "page")]
    texts += [("link", "card"), ("good", "good-back"), ("bad", "bad-back"), ("care", "care-back")]
    assert [pair for pair in texts if contrast(found[pair[0]], found[pair[1]]) < 4.5] == []
    assert [at for at in range(6) if contrast(found[f"line-{at}"], found["card"]) < 3] == []


def test_the_style_is_beside_the_code() -> None:
    assert Path(STYLE).is_file()
