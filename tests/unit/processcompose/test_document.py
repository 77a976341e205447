"""Lines of keys in YAML and TOML."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.processcompose.document import Document, Unreadable, read_toml, read_yaml

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
        ("a: &a 1\nb: *a", 2),
        ("a: &a {b: *a}", 1),
        ("a: 1\na: 2\n", 2),
        ("- a\n", 1),
        ("", 1),
        ("a: 1\nb: \x00", 2),
        ("a: *b\n", 1),
    ],
)
def test_what_is_no_mapping_is_unreadable_at_a_line(text: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(Unreadable) as caught:
        read_yaml(path)
    assert caught.value.line == line


def test_aliases_that_multiply_are_refused_at_once(tmp_path: Path) -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9)]
    path = tmp_path / "a.yaml"
    path.write_text("\n".join(["l0: &l0 [lol]", *levels]))
    with pytest.raises(Unreadable, match=r"`\*l0`: write it out") as caught:
        read_yaml(path)
    assert caught.value.line == 2


@pytest.mark.parametrize(("text", "line"), [("a = 1\nb = \n", 2), ('a = 1\nb = """', 2), ("a = 1\n\x00", 2)])
def test_bad_toml_is_unreadable_at_a_line(text: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text)
    with pytest.raises(Unreadable) as caught:
        read_toml(path)
    assert caught.value.line == line


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="missing"):
        read_yaml(tmp_path / "a.yaml")


@pytest.mark.parametrize("read", [read_yaml, read_toml])
def test_a_file_that_is_no_text_is_unreadable_at_a_line(
    read: Callable[[Path], Document], tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(b"# one\n# two \xff\xfe\n")
    with pytest.raises(Unreadable, match="no UTF-8: byte 0xff") as caught:
        read(tmp_path / "a")
    assert caught.value.line == 2


@given(text=st.text(max_size=200))
def test_any_text_is_read_or_unreadable(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("any") / "a"
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    for read in (read_yaml, read_toml):
        with suppress(Unreadable):
            assert all(line >= 1 for line in read(path).lines.values())
