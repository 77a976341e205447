"""References are taken apart exactly; the record of the last publish is read, or refused with its reason."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.fly import image
from pkg.shell.errors import BadInput

DIGEST = "sha256:" + "a" * 64
RECORD = f"""[image]
app = "infra"
ref = "registry.fly.io/infra:v1@{DIGEST}"
commit = "{"c" * 40}"
published = 2026-11-24T08:00:00Z
ko = "0.19.1"
dirty = false
"""


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"registry.fly.io/infra:v1@{DIGEST}", ("registry.fly.io/infra", "v1", DIGEST)),
        ("registry.fly.io/infra:v1", ("registry.fly.io/infra", "v1", "")),
        (f"registry.fly.io/infra@{DIGEST}", ("registry.fly.io/infra", "", DIGEST)),
        ("localhost:5000/a/b:x", ("localhost:5000/a/b", "x", "")),
    ],
)
def test_a_reference_is_taken_apart(text: str, parts: tuple[str, str, str]) -> None:
    found = image.parse(text)
    assert (found.name, found.tag, found.digest) == parts
    assert str(found) == text
    assert found.pinned is bool(parts[2])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "infra",
        "registry.fly.io/infra",
        "registry.fly.io/infra@sha256:abc",
        "a b:c",
        "--image",
        "x/y:",
        "-x/y:z",
        "x/y:ä",
    ],
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no image reference"):
        image.parse(text)


@given(st.text(max_size=40))
def test_parsing_accepts_or_refuses_and_never_breaks(text: str) -> None:
    with contextlib.suppress(BadInput):
        assert str(image.parse(text)) == text


def test_digests_decide_whether_two_images_are_the_same() -> None:
    one = image.parse(f"registry.fly.io/infra:v1@{DIGEST}")
    assert image.same(one, image.parse(f"registry.fly.io/infra:other@{DIGEST}"))
    assert not image.same(one, image.parse("registry.fly.io/infra:v1@sha256:" + "b" * 64))
    assert image.same(one, image.parse("registry.fly.io/infra:v1"))
    assert not image.same(one, image.parse("registry.fly.io/infra:v2"))


def test_the_short_name_is_what_people_say() -> None:
    assert image.parse(f"registry.fly.io/infra:v1@{DIGEST}").short == "infra:v1"
    assert image.parse(f"registry.fly.io/infra@{DIGEST}").short == "infra@aaaaaaaaaaaa"


def write(folder: Path, text: str) -> Path:
    (folder / "core").mkdir(exist_ok=True)
    (folder / image.RECORD).write_text(text)
    return folder


def test_the_record_is_read(tmp_path: Path) -> None:
    record = image.read_record(write(tmp_path, RECORD), tmp_path / "state")
    assert record is not None
    assert record.image.tag == "v1"
    assert record.commit == "c" * 40
    assert not record.dirty


def test_nothing_published_is_no_error(tmp_path: Path) -> None:
    assert image.read_record(tmp_path, tmp_path / "state") is None


def test_the_sandboxs_record_goes_first(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "image.toml").write_text(RECORD.replace(":v1@", ":sim@"))
    record = image.read_record(write(tmp_path, RECORD), state)
    assert record is not None
    assert record.image.tag == "sim"


def test_an_image_that_only_a_simulation_has_was_not_published(tmp_path: Path) -> None:
    folder = write(tmp_path, RECORD.replace("0.19.1", "simulated"))
    assert image.read_record(folder, tmp_path / "state") is None
    there = image.read_record(folder, tmp_path / "state", simulated=True)
    assert there is not None
    assert there.simulated


def test_a_record_that_is_no_text_names_the_file_and_the_way_back(tmp_path: Path) -> None:
    write(tmp_path, RECORD)
    (tmp_path / image.RECORD).write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="no UTF-8 text") as caught:
        image.read_record(tmp_path, tmp_path / "state")
    assert "git checkout" in caught.value.fix


def test_a_record_that_is_a_folder_names_the_way_back(tmp_path: Path) -> None:
    (tmp_path / "state" / "image.toml").mkdir(parents=True)
    with pytest.raises(BadInput, match="cannot be read: Is a directory") as caught:
        image.read_record(tmp_path, tmp_path / "state")
    assert "move it away" in caught.value.fix


def test_the_repos_own_record_is_read_or_says_that_it_is_simulated() -> None:
    root = Path(__file__).parents[3]
    assert image.read_record(root, root / "nowhere", simulated=True) is not None


@pytest.mark.parametrize(
    "text",
    [
        "[image",
        "[image]\napp = 1\n",
        RECORD.replace("registry", "!"),
        RECORD.replace(DIGEST, "sha256:1"),
        RECORD.replace(f"@{DIGEST}", ""),
        RECORD.replace("c" * 40, "--output=/tmp/x"),
        RECORD.replace("c" * 40, "c" * 40 + "\\n"),
        RECORD.replace("c" * 40, "C" * 40),
        RECORD.replace("0.19.1", "0.19.1\\u001b[2J"),
        RECORD.replace('"infra"', '"infra\\u0007"'),
    ],
)
def test_a_broken_record_names_the_file_and_the_way_back(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput) as caught:
        image.read_record(write(tmp_path, text), tmp_path / "state")
    assert "image.toml" in caught.value.what
    assert caught.value.what.isprintable()
    assert "git checkout" in caught.value.fix
