"""The order of imports, which is the order of the design: read from the code of every module."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]

# What each package may import of the others. The simulation meets the rest on PATH only, as flyctl does.
MAY_IMPORT: dict[str, set[str]] = {
    "shell": set(),
    "tools": {"shell"},
    "fly": {"shell"},
    "ko": {"shell", "fly"},
    "litestream": {"shell", "fly"},
    "processcompose": {"shell", "fly"},
    "docs": {"shell"},
    "sandbox": {"shell", "fly"},
    "onboard": {"shell", "tools", "fly", "ko", "litestream", "processcompose"},
    "flysim": set(),
}


class Import(NamedTuple):
    """One imported module, and where."""

    file: str
    line: int
    module: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"


class Source(NamedTuple):
    """A module of ours."""

    path: Path
    name: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.name.split(".")[1] if self.name.startswith("pkg.") else self.name

    @property
    def is_cli(self) -> bool:
        return "cli" in self.name.split(".")[2:]

    @property
    def imports(self) -> list[Import]:
        file = str(self.path.relative_to(ROOT))
        return [
            Import(file, getattr(node, "lineno", 0), module)
            for node in ast.walk(self.tree)
            for module in imported(node, self)
        ]


def imported(node: ast.AST, source: Source) -> Iterator[str]:
    """Yield what a statement imports; of `from a import b` both, since b may be a module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parts = source.name.split(".")
            above = parts if source.path.name == "__init__.py" else parts[:-1]
            base = ".".join([*above[: len(above) - node.level + 1], *([base] if base else [])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)


def sources() -> Iterator[Source]:
    programs = [ROOT / "pkg/flysim/bin" / name for name in ("flyctl", "flysim")]
    for path in sorted([*ROOT.glob("pkg/**/*.py"), ROOT / "tasks.py", *programs]):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield Source(path, name, ast.parse(path.read_text(encoding="utf-8")))


SOURCES = list(sources())
PACKAGES = sorted({source.package for source in SOURCES if source.name.startswith("pkg.")})


def told(found: Iterator[Import]) -> str:
    return "\n".join(sorted({str(one) for one in found}))


def taken_from_os(source: Source) -> Iterator[Import]:
    """Yield each `os.name` that a module uses, or imports by name."""
    file = str(source.path.relative_to(ROOT))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            yield Import(file, node.lineno, f"os.{node.attr}")
    yield from (one for one in source.imports if one.module.startswith("os."))


def test_every_module_was_found() -> None:
    assert len(SOURCES) > 100
    assert {"pkg.shell.runner", "pkg.fly.cli", "pkg.flysim.bin.flyctl", "tasks"} <= {
        one.name for one in SOURCES
    }


def test_every_package_has_its_place_in_the_order() -> None:
    assert set(PACKAGES) == set(MAY_IMPORT)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_stands_before_it(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package}
    assert not told(
        one
        for source in SOURCES
        if source.package == package
        for one in source.imports
        if one.module.startswith("pkg.") and one.module.split(".")[1] not in allowed
    )


def test_the_order_has_no_circle() -> None:
    seen: set[str] = set()
    for package, allowed in MAY_IMPORT.items():
        assert allowed <= seen, package
        seen.add(package)


def test_within_a_package_only_cli_imports_cli() -> None:
    assert not told(
        one
        for source in SOURCES
        if source.name.startswith("pkg.") and not source.is_cli
        for one in source.imports
        if one.module.startswith("pkg.") and "cli" in one.module.split(".")[2:]
    )


def test_only_tasks_and_their_edges_import_invoke() -> None:
    assert not told(
        one
        for source in SOURCES
        if source.name.startswith("pkg.") and not source.is_cli
        for one in source.imports
        if one.module == "invoke" or one.module.startswith("invoke.")
    )


def test_only_the_runner_starts_processes() -> None:
    starters = ("subprocess", "multiprocessing", "pty", "asyncio.subprocess")
    assert not told(
        one
        for source in SOURCES
        if source.name != "pkg.shell.runner"
        for one in source.imports
        if one.module.startswith(starters)
    )


def test_no_process_is_started_through_os() -> None:
    starting = ("os.system", "os.popen", "os.fork", "os.spawn", "os.posix_spawn", "os.exec", "os.startfile")
    assert not told(
        one for source in SOURCES for one in taken_from_os(source) if one.module.startswith(starting)
    )


def test_only_the_environment_reads_the_variables_of_the_process() -> None:
    readers = {"os.environ", "os.environb", "os.getenv", "os.putenv", "os.unsetenv"}
    assert not told(
        one
        for source in SOURCES
        if source.name != "pkg.shell.environment" and source.package != "flysim"
        for one in taken_from_os(source)
        if one.module in readers
    )
