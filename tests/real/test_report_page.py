"""The page of fly.report in a real browser: no error, all of it to be read, light and dark, on a phone."""

import socket
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.fly.repo import Repo
from tests.real.browser import Browser, browser

DESK, PHONE = 1280, 390


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A simulated Fly on which something happened: a good deploy, a bad one, a certificate that is stuck."""
    made = Repo.new(tmp_path_factory.mktemp("repo"), ago=6 * 3600)
    made.flyctl("certs", "add", "www.example.com", "-a", "infra")
    made.publish("good")
    made.inv("fly.deploy")
    made.publish("worse", "unhealthy")
    made.inv("fly.deploy", "--wait-timeout", "2", code=4)
    made.inv("fly.tokens.create-deploy", "--show")
    return made


@pytest.fixture(scope="module")
def page(repo: Repo) -> Path:
    repo.inv("fly.report")
    return repo.state / "report.html"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, page: Path) -> Iterator[Browser]:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = int(free.getsockname()[1])
    with browser(tmp_path_factory.mktemp("browser"), port) as made:
        made.look(width=DESK)
        made.open(page)
        yield made


def size(picture: Path) -> tuple[int, int]:
    """The width and height that a PNG's header tells."""
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    return width, height


def test_it_loads_without_a_word_on_the_console_and_asks_for_nothing(opened: Browser, page: Path) -> None:
    opened.log()
    opened.open(page)
    assert opened.log() == []
    loaded = opened.run("return performance.getEntriesByType('resource').map(one => one.name)")
    assert loaded == []


def test_it_shows_what_the_simulation_holds(opened: Browser, repo: Repo) -> None:
    text = opened.run("return document.body.innerText")
    for machine in [*repo.machines(), *repo.machines("infra-core")]:
        assert machine["id"] in text
    for word in ("rolled-back", "infra:good", "www.example.com", "core_data", "CPU busy, %", "h left"):
        assert word in text, word
    assert opened.run("return document.title") == "Report: infra, infra-core"


def test_every_chart_has_lines_that_can_be_seen(opened: Browser) -> None:
    seen = opened.run(
        "return [...document.querySelectorAll('.plot path[class^=line]')]"
        ".map(one => [one.getBoundingClientRect().width, getComputedStyle(one).stroke])"
    )
    assert len(seen) == 7 * 3
    assert all(width > 200 and stroke.startswith("rgb") for width, stroke in seen), seen


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_is_cut_off_and_it_is_as_bright_as_the_screen(
    opened: Browser, tmp_path: Path, width: int, dark: bool
) -> None:
    opened.look(width=width, dark=dark, phone=width == PHONE)
    wide = opened.run("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide == [width, width]
    background = opened.run("return getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")
    taken = size(opened.picture(tmp_path / "page.png"))
    assert taken[0] == width
    assert taken[1] > 3000


def test_on_a_phone_each_row_is_a_card_that_names_its_values(opened: Browser) -> None:
    opened.look(width=PHONE, phone=True)
    cell = "document.querySelector('td')"
    assert opened.run(f"return getComputedStyle({cell}).display") == "grid"
    assert opened.run(f"return getComputedStyle({cell}, '::before').content") == '"Health"'
    small = opened.run(
        "return [...document.querySelectorAll('main *')]"
        ".filter(one => one.childNodes.length && one.childNodes[0].nodeType === 3 && one.innerText)"
        ".map(one => parseFloat(getComputedStyle(one).fontSize)).sort((a, b) => a - b)[0]"
    )
    assert small >= 12
    opened.look(width=DESK)


def test_a_screen_reader_is_told_tables_headings_and_charts(opened: Browser) -> None:
    opened.look(width=PHONE, phone=True)
    tree = opened.cdp("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in tree if not node.get("ignored")]
    opened.look(width=DESK)
    for role, least in (("main", 1), ("table", 8), ("columnheader", 30), ("rowheader", 8), ("image", 14)):
        assert roles.count(role) >= least, (role, roles.count(role))
    named = [
        node["name"]["value"]
        for node in tree
        if not node.get("ignored") and node["role"]["value"] == "image" and node.get("name")
    ]
    assert any(name.startswith("CPU busy of infra in %") for name in named)


def test_the_keyboard_reaches_the_apps_first(opened: Browser) -> None:
    opened.run("document.activeElement.blur(); document.querySelector('.skip').focus()")
    assert opened.run("return document.activeElement.getBoundingClientRect().left") > 0
    assert opened.run("return document.activeElement.getAttribute('href')") == "#apps"
