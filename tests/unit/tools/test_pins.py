"""The pins: six platforms, each with all four values or not confirmed."""

import re
from pathlib import Path

import pytest

from pkg.shell.errors import BadInput, Failure
from pkg.tools import detect
from pkg.tools.golang import INSTALL_GO
from pkg.tools.pins import Archive, Detected, GoModule, Release, confirmed, find, load, require_confirmed
from pkg.tools.platforms import PLATFORMS

PLACES = {one.key: Archive(f"https://example.com/{one.key}") for one in PLATFORMS}


def release(**changes: Archive) -> Release:
    return Release(version="1.2.3", repository="a/b", platforms={**PLACES, **changes})


def test_the_pins_of_this_repo_are_whole() -> None:
    pins = load()
    assert {name: type(pin) for name, pin in pins.items()} == {
        "flyctl": Release,
        "ko": GoModule,
        "litestream": GoModule,
        "process-compose": Detected,
        "op": Detected,
    }


def test_the_archives_of_flyctl_are_named_as_its_releases_name_them() -> None:
    pin = find(load(), "flyctl")
    assert isinstance(pin, Release)
    words = {"linux": ("Linux", "tar.gz"), "macos": ("macOS", "tar.gz"), "windows": ("Windows", "zip")}
    for platform in PLATFORMS:
        system, suffix = words[platform.system]
        name = f"flyctl_{pin.version}_{system}_{platform.arch}.{suffix}"
        url = f"https://github.com/superfly/flyctl/releases/download/v{pin.version}/{name}"
        assert pin.platforms[platform.key].url == url


def test_an_archive_is_confirmed_whole_or_not_at_all() -> None:
    pin = find(load(), "flyctl")
    assert isinstance(pin, Release)
    for archive in pin.platforms.values():
        values = (archive.size, archive.sha256, archive.binary_sha256)
        assert all(values) or not any(values)
        assert not (all(values) and archive.unconfirmed_sha256)


def test_no_pinned_version_is_known_to_be_empty() -> None:
    pin = find(load(), "flyctl")
    assert isinstance(pin, Release)
    assert pin.version not in pin.empty
    assert pin.empty == ("0.1.144", "0.2.73", "0.3.0", "0.3.11")


def test_every_tool_that_is_installed_by_hand_has_a_hint_for_each_platform() -> None:
    for name, pin in load().items():
        if isinstance(pin, Detected):
            assert all(detect.hint(name, platform) for platform in PLATFORMS)
    assert INSTALL_GO.keys() == {platform.system for platform in PLATFORMS}


@pytest.mark.parametrize("missing", ["size", "sha256", "binary_sha256"])
def test_a_platform_that_lacks_a_value_is_refused_with_the_command_that_confirms_it(missing: str) -> None:
    whole = {"size": 5, "sha256": "a" * 64, "binary_sha256": "b" * 64}
    platform = PLATFORMS[0]
    archive = Archive("https://example.com/a", **{**whole, missing: None})  # type: ignore[arg-type] # values differ in type
    pin = release(**{platform.key: archive})
    assert confirmed(pin, platform) is None
    with pytest.raises(Failure, match=f"b 1.2.3 has no confirmed digest for {platform.key}") as failure:
        require_confirmed("b", pin, platform)
    assert failure.value.fix.startswith("inv tools.pin b 1.2.3 ")
    assert "nothing was requested" in failure.value.meaning


def test_a_digest_from_one_source_confirms_nothing() -> None:
    archive = Archive("https://example.com/a", unconfirmed_sha256="a" * 64)
    assert confirmed(release(linux_arm64=archive), PLATFORMS[1]) is None


def test_a_confirmed_platform_has_its_archive() -> None:
    archive = Archive("https://example.com/a", 5, "a" * 64, "b" * 64)
    found = require_confirmed("b", release(linux_arm64=archive), PLATFORMS[1])
    assert (found.url, found.size, found.sha256, found.binary_sha256) == (archive.url, 5, "a" * 64, "b" * 64)


def test_a_tool_that_is_not_pinned_is_refused_with_those_that_are() -> None:
    with pytest.raises(BadInput, match="no tool is called 'fly'") as failure:
        find(load(), "fly")
    assert "flyctl, ko, litestream" in failure.value.fix


REST = "".join(f'[a.platforms.{one.key}]\nurl="https://x"\n' for one in PLATFORMS)
HEAD = '[a]\nversion="1.2.3"\nsource="release"\nrepository="a/b"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[a", "Expected"),
        ("a = 1", "Expected `object`"),
        ('[a]\nversion="1.2.3"\nsource="nowhere"', "nowhere"),
        ('[a]\nversion="v1.2.3"\nsource="detect"', "version"),
        ('[a]\nversion="1.2.3"\nsource="detect"\nmore=1', "more"),
        ('[a]\nversion="1.2.3"\nsource="go"\nmodule="a"\npackage="a"\nsum="h1:short"', "sum"),
        (HEAD + '[a.platforms.linux_x86_64]\nurl="https://x"', "each platform once"),
        (HEAD + REST + '[a.platforms.plan9_x86_64]\nurl="https://x"', "each platform once"),
        (HEAD + REST + 'sha256="ABC"', "sha256"),
        (HEAD + REST + "size=0", "size"),
        ("", "pins.toml lacks flyctl, ko, litestream, process-compose, op"),
        (HEAD + REST, "lacks flyctl"),
        ('[a]\nversion="1.2.3\\n"\nsource="detect"', "version"),
        ("a = 1", "pins.toml:1 [a]: "),
        ('[b]\nversion="1.2.3"\nsource="detect"\n\n[a]\nsource="detect"\nversion="v1"', "pins.toml:7 [a]: "),
        ('[a]\nsource="detect"', "pins.toml:1 [a]: Object missing required field `version`"),
        (HEAD + REST + "size=0", f"pins.toml:{7 + 2 * 5} [a.platforms.{PLATFORMS[-1].key}]: "),
        (HEAD + "platforms = 3", "pins.toml:5 [a]: "),
    ],
)
def test_a_wrong_line_is_told_and_nothing_is_taken_from_the_file(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "pins.toml").write_text(text)
    with pytest.raises(BadInput, match=re.escape("the pins cannot be read")) as failure:
        load(tmp_path / "pins.toml")
    assert words in failure.value.what
    assert "git checkout" in failure.value.fix


def test_missing_pins_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="the pins cannot be read"):
        load(tmp_path / "pins.toml")
