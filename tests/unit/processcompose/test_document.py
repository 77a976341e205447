"""Lines of keys in YAML and TOML."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.processcompose.document import Unreadable, read_toml, read_yaml

TOML = """\
app = "a"  # a comment
[env]
NAME.inner = "x"
"quoted" = "y"

[[services]]
port = 1
[[services.checks]]
path = "/a"

[[services]]
port = 2
  [[services.checks]]
  path = "/b"
  [[services.checks]]
  path = "/c"
[checks.worker]
port = 3
"""


def test_keys_of_toml_have_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(TOML)
    document = read_toml(path)
    assert document.line("app") == 1
    assert document.line("env", "NAME", "inner") == 3
    assert document.line("env", "quoted") == 4
    assert document.line("services") == 6
    assert document.line("services", 1, "port") == 12
    assert document.line("services", 1, "checks", 1, "path") == 16
    assert document.line("checks", "worker", "port") == 18


def test_a_key_that_is_not_there_has_the_line_of_what_is_around_it(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a:\n  b:\n    - c: 1\n    - d: 2\n")
    document = read_yaml(path)
    assert document.line("a", "b", 1, "d") == 4
    assert document.line("a", "b", 1, "e", "f") == 4
    assert document.line("x") == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [", 2),
        ("a: 2026-13-01", 0),
        ("a: &a {b: *a}", 0),
        ("a: 1\na: 2\n", 2),
        ("- a\n", 1),
        ("", 1),
        ("a: \x00", 0),
        ("a: *b\n", 1),
    ],
)
def test_what_is_no_mapping_is_unreadable_at_a_line(text: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(Unreadable) as caught:
        read_yaml(path)
    assert caught.value.line == line


def test_bad_toml_is_unreadable_at_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("a = 1\nb = \n")
    with pytest.raises(Unreadable) as caught:
        read_toml(path)
    assert caught.value.line == 2


def test_a_file_that_is_not_there_or_no_text_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="missing"):
        read_yaml(tmp_path / "a.yaml")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Unreadable, match="cannot be read"):
        read_yaml(tmp_path / "b.yaml")


@given(text=st.text(max_size=200))
def test_any_text_is_read_or_unreadable(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("any") / "a"
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    for read in (read_yaml, read_toml):
        with suppress(Unreadable):
            assert all(line >= 1 for line in read(path).lines.values())
