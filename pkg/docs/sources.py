"""What the code itself says, read from its syntax: imports, exit codes and environment variables."""

import ast
import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

CODE = "pkg"

# Variables without an underscore, which no rule could tell from other words in capitals.
WITHOUT_UNDERSCORE = {"PATH", "CI", "HOME", "TERM", "USER", "SHELL"}

_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
_LOOKUPS = {"get", "pop", "setdefault", "getenv"}


class Found(NamedTuple):
    """Something that the code uses, and where.

    Attributes:
        value: what it is.
        path: the file, from the repo's root.
        line: in that file.
    """

    value: str
    path: str
    line: int


class Module(NamedTuple):
    """What one file says: its exit codes, its variables, and what it imports, cut at the dots."""

    exit_codes: tuple[Found, ...]
    variables: tuple[Found, ...]
    imports: tuple[tuple[str, ...], ...]


def exit_codes(root: Path) -> list[Found]:
    """Return the exit codes that the code sets: `exit_code = 3`, `Exit(code=3)`, `sys.exit(3)`."""
    return [found for module in _modules(root).values() for found in module.exit_codes]


def variables(root: Path) -> list[Found]:
    """Return the environment variables that the code names.

    A name in capitals with an underscore counts where something is looked up by it, or put under it, and
    where it is the value of a constant that is called `…VARIABLE`.
    """
    return [found for module in _modules(root).values() for found in module.variables]


def imports(root: Path) -> dict[str, set[str]]:
    """Return which of our packages import which, `tasks.py` among them."""
    found: dict[str, set[str]] = {}
    for path, module in _modules(root).items():
        parts = Path(path).parts
        if len(parts) != 2:  # pkg/__init__.py is no package's
            package = parts[1] if len(parts) > 2 else path
            ours = {name[1] for name in module.imports if name[0] == CODE and len(name) > 1}
            found.setdefault(package, set()).update(ours - {package})
    return found


def _modules(root: Path) -> dict[str, Module]:
    programs = (root / CODE).glob("*/bin/*")
    paths = sorted([*(root / CODE).rglob("*.py"), *programs, *root.glob("tasks.py")])
    names = ((path, path.relative_to(root).as_posix()) for path in paths)
    return {name: _read(name, path.read_text("utf-8")) for path, name in names}


@functools.cache
def _read(path: str, text: str) -> Module:
    """Return what a file says; several checks ask, and the same text says the same."""
    tree = ast.parse(text)
    nodes = list(ast.walk(tree))
    constants = dict(_constants(tree))
    return Module(
        tuple(found for node in nodes for found in _exit_codes(path, node)),
        tuple(found for node in nodes for found in _variables(path, node, constants)),
        tuple(name for node in nodes for name in _imported(node)),
    )


def _exit_codes(path: str, node: ast.AST) -> Iterator[Found]:
    for value in _exit_values(node):
        if isinstance(value, ast.Constant) and isinstance(value.value, int):
            yield Found(str(value.value), path, value.lineno)


def _exit_values(node: ast.AST) -> Iterator[ast.expr | None]:
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if "exit_code" in map(ast.unparse, targets):
            yield node.value
    elif isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        if name in {"sys.exit", "SystemExit", "os._exit"} and node.args:
            yield node.args[0]
        for keyword in node.keywords:
            if keyword.arg == "exit_code" or (keyword.arg == "code" and name.endswith("Exit")):
                yield keyword.value


def _variables(path: str, node: ast.AST, constants: Mapping[str, ast.expr]) -> Iterator[Found]:
    for key in _keys(node):
        value = constants.get(key.id) if isinstance(key, ast.Name) else key
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and _is_variable(value.value):
            yield Found(value.value, path, key.lineno if key else 0)


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _keys(node: ast.AST) -> Iterator[ast.expr | None]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LOOKUPS:
        yield from node.args[:1]
    elif isinstance(node, ast.Subscript):
        yield node.slice
    elif isinstance(node, ast.Compare):
        yield node.left
    elif isinstance(node, ast.Dict):
        yield from node.keys
    elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith("VARIABLE"):
        yield node.value
    elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith("VARIABLES"):
        yield from (inner for inner in ast.walk(node.value) if isinstance(inner, ast.expr))


def _is_variable(text: str) -> bool:
    return text in WITHOUT_UNDERSCORE or bool(_VARIABLE.fullmatch(text))


def _imported(node: ast.AST) -> Iterator[tuple[str, ...]]:
    if isinstance(node, ast.Import):
        yield from (tuple(alias.name.split(".")) for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        module = node.module.split(".")
        yield from ((*module, alias.name) for alias in node.names)
