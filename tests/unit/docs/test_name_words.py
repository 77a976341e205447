"""Paths, names, keys and versions in sentences are those that the repo has."""

from pathlib import Path

import pytest

from pkg.docs.name_words import KEY_PAGE, check_keys, check_names, check_paths, check_versions
from pkg.docs.pages import Page, read_page

PINS = """
[flyctl]
version = "0.4.87"
source = "release"
[op]
version = "2.18.0"
source = "detect"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pkg" / "tools").mkdir(parents=True)
    (tmp_path / "pkg" / "tools" / "pins.toml").write_text(PINS)
    (tmp_path / "pkg" / "a.py").write_text('auto_stop = open("kept.json")\n')
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "b.md").write_text("")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text("made_up = 1\n")
    return tmp_path


def page(text: str, name: str = "docs/b.md") -> list[Page]:
    return [read_page(name, text)]


@pytest.mark.parametrize(
    "text",
    [
        "`pkg/a.py`",
        "`pkg/tools/`",
        "`pkg/a.py::test`",
        "`b.md`",
        "`kept.json`",
        "`.fly/journal.jsonl`",
        "`/data/notes.db`",
        "`registry.fly.io/infra`",
        "~~`pkg/gone.py`~~",
    ],
)
def test_what_is_here_or_somewhere_else_is_fine(root: Path, text: str) -> None:
    assert check_paths(root, page(text)) == []


@pytest.mark.parametrize("text", ["`pkg/b.py`", "`pkg/tools/pin.toml`", "`gone.py`", "`lost.json`"])
def test_a_file_that_is_not_here_is_told(root: Path, text: str) -> None:
    (problem,) = check_paths(root, page(f"one\n{text}"))
    assert str(problem) == f"docs/b.md:2: {text}: there is no such file here"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("`auto_stop`", []),
        ('`auto_stop = "off"`', []),
        ("`[[auto_stop]]`", []),
        ("`plain`", []),
        ("`some_file.py`", []),
        ("`auto_stopp`", ["auto_stopp"]),
        ("`[http.in_vain]`", ["in_vain"]),
        ("`made_up`", ["made_up"]),
    ],
)
def test_a_name_that_no_code_has_is_told(root: Path, text: str, missing: list[str]) -> None:
    assert [problem.what.rpartition(" ")[2] for problem in check_names(root, page(text))] == missing


def test_keys_that_are_explained_are_read_by_a_task() -> None:
    read = "| key | type |\n| --- | --- |\n| `deploy.strategy` | text |\n| `mounts[].source` | text |\n\n"
    told = "| key | decides |\n| --- | --- |\n| `deploy`, `mounts` | x |\n| `deploy.strategi` | x |\n"
    (problem,) = check_keys(page(read + told, KEY_PAGE))
    assert str(problem) == f"{KEY_PAGE}:9: no task reads the key deploy.strategi"
    assert [problem.what for problem in check_keys([])] == ["the page is missing"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("of flyctl 0.4.87.", []),
        ("the pinned version, 0.4.87", []),
        ("flyctl 0.4.10 or later", []),
        ("Python 3.11.7, op 2.30.1", []),
        ("Flyctl v0.4.86", ["flyctl is pinned at 0.4.87, not 0.4.86"]),
        ("the pinned version, 0.4.88", ["flyctl is pinned at 0.4.87, not 0.4.88"]),
    ],
)
def test_a_version_is_that_of_the_pin(root: Path, text: str, said: list[str]) -> None:
    assert [problem.what for problem in check_versions(root, page(text))] == said
