"""A pin moves when two sources agree and a day has passed; else nothing moves."""

import datetime as dt
import tomllib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from pkg.shell.errors import BadInput, Failure, Refused
from pkg.tools import pin as pinning
from pkg.tools.pins import PATH, find, load
from pkg.tools.platforms import PLATFORMS, Platform
from pkg.tools.store import Store
from tests.fakes import START, FakeRunner, ManualClock, MemoryConsole
from tests.unit.tools.loopback import Server
from tests.unit.tools.releases import Site, archive, binary

NEW = "0.5.0"
LINUX = Platform("linux", "x86_64")
SUM = "h1:" + "B" * 43 + "="


@pytest.fixture
def site(server: Server) -> Site:
    return Site(server, NEW)


@pytest.fixture
def desk(
    tmp_path: Path, store: Store, console: MemoryConsole, runner: FakeRunner, site: Site
) -> pinning.Desk:
    path = tmp_path / "pins.toml"
    path.write_text(PATH.read_text())
    return pinning.Desk(path, store, console, runner, site.variables)


def move(desk: pinning.Desk, version: str = NEW, name: str = "flyctl") -> bool:
    return pinning.pin(name, find(load(desk.path), name), version, desk)


def test_a_new_version_is_confirmed_for_all_platforms_and_written_down(desk: pinning.Desk) -> None:
    assert move(desk)
    written = tomllib.loads(desk.path.read_text())["flyctl"]
    assert written["version"] == NEW
    for platform in PLATFORMS:
        place = written["platforms"][platform.key]
        body = archive(NEW, platform)
        assert place["url"].startswith(
            f"https://github.com/superfly/flyctl/releases/download/v{NEW}/flyctl_{NEW}_"
        )
        assert place["size"] == len(body)
        assert place["sha256"] == sha256(body).hexdigest()
        assert place["binary_sha256"] == sha256(binary(NEW, platform)).hexdigest()
        assert "unconfirmed_sha256" not in place
    assert list(desk.store.cache.iterdir()) == []


def test_comments_and_all_other_tools_stay_as_they_are(desk: pinning.Desk) -> None:
    before = desk.path.read_text()
    move(desk)
    after = desk.path.read_text()
    comments = [line for line in before.splitlines() if line.startswith("#")]
    assert [line for line in after.splitlines() if line.startswith("#")] == comments
    assert after[after.index("[ko]") :] == before[before.index("[ko]") :]
    assert [path.name for path in desk.path.parent.glob("*pins*")] == ["pins.toml"]


def test_what_is_pinned_already_is_compared_and_not_downloaded_again(
    desk: pinning.Desk, server: Server
) -> None:
    move(desk)
    server.requests.clear()
    assert not move(desk)
    assert [path for path in server.asked if "Linux" in path or "Windows" in path or "macOS" in path] == []


def test_a_digest_that_one_source_gave_before_must_be_the_same(desk: pinning.Desk, site: Site) -> None:
    current = f'[flyctl]\nversion = "{NEW}"'
    text = desk.path.read_text().replace("0.4.87", NEW)
    assert current in text
    desk.path.write_text(text)
    with pytest.raises(Refused, match="is not what the pins know"):
        move(desk)
    for line in text.splitlines():
        if line.startswith("unconfirmed_sha256"):
            text = text.replace(line + "\n", "")
    desk.path.write_text(text)
    assert move(desk)


def test_a_release_that_changed_after_it_was_pinned_is_refused(desk: pinning.Desk, site: Site) -> None:
    move(desk)
    before = desk.path.read_text()
    site.asset(LINUX)["digest"] = "sha256:" + "0" * 64
    site.listed["flyctl_0.5.0_Linux_x86_64.tar.gz"] = "0" * 64
    site.publish()
    with pytest.raises(Refused, match="tell the team"):
        move(desk)
    assert desk.path.read_text() == before


def young(site: Site) -> None:
    site.api["published_at"] = (START - dt.timedelta(hours=23)).isoformat()


def draft(site: Site) -> None:
    site.api["draft"] = True


def prerelease(site: Site) -> None:
    site.api["prerelease"] = True


def empty(site: Site) -> None:
    site.api["assets"] = []


def without_list(site: Site) -> None:
    site.api["assets"].pop()


def without_platform(site: Site) -> None:
    site.api["assets"].remove(site.asset(PLATFORMS[1]))


def without_digest(site: Site) -> None:
    site.asset(LINUX)["digest"] = None


def unlisted(site: Site) -> None:
    del site.listed["flyctl_0.5.0_Linux_x86_64.tar.gz"]


def disagreeing(site: Site) -> None:
    site.listed["flyctl_0.5.0_Linux_x86_64.tar.gz"] = "1" * 64


def of_another_kind(site: Site) -> None:
    site.asset(LINUX)["digest"] = "md5:1"
    site.listed["flyctl_0.5.0_Linux_x86_64.tar.gz"] = "md5:1"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (young, "younger than 24 hours"),
        (draft, "no finished release"),
        (prerelease, "no finished release"),
        (empty, "without any file"),
        (without_list, "no list of checksums"),
        (without_platform, "do not agree on flyctl_0.5.0_Linux_arm64.tar.gz"),
        (without_digest, "GitHub's API says nothing"),
        (unlisted, "the release's list says nothing"),
        (disagreeing, "the release's list says 1111"),
        (of_another_kind, "do not agree on"),
    ],
)
def test_a_release_that_cannot_be_trusted_is_refused_and_nothing_is_written(
    desk: pinning.Desk, site: Site, change: Callable[[Site], None], words: str
) -> None:
    before = desk.path.read_text()
    change(site)
    site.publish()
    with pytest.raises(Refused) as refused:
        move(desk)
    assert words in str(refused.value)
    assert refused.value.exit_code == 3
    assert desk.path.read_text() == before
    assert not [path for path in site.server.asked if path.endswith((".zip", ".tar.gz"))]


def test_a_young_release_is_refused_with_the_time_from_which_it_will_do(
    desk: pinning.Desk, site: Site, clock: ManualClock
) -> None:
    young(site)
    site.publish()
    with pytest.raises(Refused) as refused:
        move(desk)
    assert refused.value.fix == "run it again after 2026-11-24 13:00 UTC"
    clock.advance(3600)
    assert move(desk)


@pytest.mark.parametrize("version", ["0.1.144", "0.2.73", "0.3.0", "0.3.11"])
def test_a_version_that_is_known_to_be_empty_is_refused_before_any_request(
    desk: pinning.Desk, server: Server, version: str
) -> None:
    with pytest.raises(Refused, match="without any file"):
        move(desk, version)
    assert server.requests == []


def test_a_release_that_is_not_there_is_told(desk: pinning.Desk) -> None:
    with pytest.raises(Failure, match=r"releases/tags/v0\.5\.1 is not there"):
        move(desk, "0.5.1")


def test_an_answer_that_is_no_release_is_told(desk: pinning.Desk, server: Server) -> None:
    server.put("/repos/superfly/flyctl/releases/tags/v0.5.0", b'{"message": "hello"}')
    with pytest.raises(Failure, match="told of no release"):
        move(desk)


def test_an_archive_that_is_not_the_one_that_both_sources_name_is_refused(
    desk: pinning.Desk, server: Server
) -> None:
    before = desk.path.read_text()
    route = f"/superfly/flyctl/releases/download/v{NEW}/flyctl_{NEW}_Linux_arm64.tar.gz"
    server.files[route].body = bytes(len(server.files[route].body))
    with pytest.raises(Failure, match="is not what was pinned: sha256"):
        move(desk)
    assert desk.path.read_text() == before
    assert list(desk.store.cache.iterdir()) == []


def test_an_older_name_of_the_list_will_do(desk: pinning.Desk, site: Site) -> None:
    site.checksums = "checksums.txt"
    site.api["assets"][-1]["name"] = "checksums.txt"
    site.publish()
    assert move(desk)


def test_a_full_disk_is_explained(desk: pinning.Desk) -> None:
    desk.store.cache.write_text("a file")
    with pytest.raises(Failure, match=r"flyctl 0\.5\.0 was not pinned") as failure:
        move(desk)
    assert "INFRA_TOOLS_CACHE" in failure.value.fix


def go(runner: FakeRunner, version: str, total: str, made: dt.datetime) -> None:
    module = f"github.com/google/ko@v{version}"
    runner.answer("go", "list", "-m", "-json", module, json={"Time": made})
    runner.answer("go", "mod", "download", "-json", module, json={"Sum": total})


def test_a_go_module_is_pinned_with_the_checksum_that_go_proves(
    desk: pinning.Desk, runner: FakeRunner
) -> None:
    go(runner, "0.20.0", SUM, START - dt.timedelta(days=2))
    assert move(desk, "0.20.0", "ko")
    written = tomllib.loads(desk.path.read_text())["ko"]
    assert (written["version"], written["sum"]) == ("0.20.0", SUM)
    # Outside the repo, whose core/ is a Go module itself.
    assert {call.cwd for call in runner.calls} == {desk.store.cache}
    assert desk.store.cache.is_dir()


def test_a_young_go_module_is_refused(desk: pinning.Desk, runner: FakeRunner) -> None:
    go(runner, "0.20.0", SUM, START - dt.timedelta(hours=1))
    with pytest.raises(Refused, match="younger than 24 hours"):
        move(desk, "0.20.0", "ko")


def test_a_go_module_that_changed_after_it_was_pinned_is_refused(
    desk: pinning.Desk, runner: FakeRunner
) -> None:
    version = load(desk.path)["ko"].version
    go(runner, version, SUM, START - dt.timedelta(days=2))
    with pytest.raises(Refused, match="is not what the pins know"):
        move(desk, version, "ko")


def test_a_tool_that_is_installed_by_hand_is_not_pinned_so(desk: pinning.Desk) -> None:
    with pytest.raises(BadInput, match="op is installed by hand"):
        move(desk, "2.30.0", "op")


@pytest.mark.parametrize(("text", "version"), [("0.4.87", "0.4.87"), ("v0.4.87", "0.4.87")])
def test_a_version_may_be_given_with_or_without_a_v(text: str, version: str) -> None:
    assert pinning.parse_version(text) == version


@pytest.mark.parametrize("text", ["latest", "0.4", "0.4.87-beta", "", "0.4.87/../..", "vv1.2.3"])
def test_what_is_no_version_is_told(text: str) -> None:
    with pytest.raises(BadInput, match="is no version"):
        pinning.parse_version(text)
