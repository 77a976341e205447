from collections.abc import Callable
from pathlib import Path

import pytest

from pkg.docs.sources import exit_codes, imports, variables

Write = Callable[[str, str], Path]


@pytest.fixture
def code(tmp_path: Path) -> Write:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return tmp_path

    return write


@pytest.mark.parametrize(
    "text",
    [
        "class E(Exception):\n    exit_code: int = 9",
        "class E(Exception):\n    exit_code = 9",
        "raise Failure('x', exit_code=9)",
        "raise invoke.Exit(code=9)",
        "sys.exit(9)",
        "raise SystemExit(9)",
    ],
)
def test_an_exit_code_that_the_code_sets_is_found(code: Write, text: str) -> None:
    root = code("pkg/a/b.py", text)

    assert [(found.value, found.path) for found in exit_codes(root)] == [("9", "pkg/a/b.py")]


@pytest.mark.parametrize("text", ["code = 9", "Result(code=9)", "exit_code = other", "sys.exit()"])
def test_other_numbers_are_no_exit_codes(code: Write, text: str) -> None:
    assert exit_codes(code("pkg/a/b.py", text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "env.get('FLY_X')",
        "env['FLY_X']",
        "env = {'FLY_X': '1'}",
        "'FLY_X' in env",
        "SANDBOX_VARIABLE = 'FLY_X'",
        "_VARIABLES = ('FLY_X',)",
        "CACHE = 'FLY_X'\nenv.get(CACHE)",
    ],
)
def test_a_variable_that_the_code_names_is_found(code: Write, text: str) -> None:
    assert [found.value for found in variables(code("pkg/a/bin/prog", text))] == ["FLY_X"]


@pytest.mark.parametrize(
    "text", ["row['ID']", "row.get('CreatedAt')", "say('FLY_X')", "X = 'FLY_X'", "X = 'FLY_X'\nsay(X)"]
)
def test_other_words_in_capitals_are_no_variables(code: Write, text: str) -> None:
    assert variables(code("pkg/a/b.py", text)) == []


def test_well_known_variables_without_an_underscore_are_found(code: Write) -> None:
    assert [found.value for found in variables(code("pkg/a/b.py", "env.get('PATH')"))] == ["PATH"]


def test_imports_are_told_by_package(code: Write) -> None:
    code("pkg/__init__.py", "")
    code("pkg/a/one.py", "from pkg.b.two import X\nimport pkg.c\nimport json\nfrom pkg.a import y")
    code("pkg/b/two.py", "")
    root = code("tasks.py", "from pkg.a import cli")

    assert imports(root) == {"a": {"b", "c"}, "b": set(), "tasks.py": {"a"}}
