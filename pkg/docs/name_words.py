"""Paths, files, keys of manifests and versions in sentences are those that the repo has."""

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pkg.docs.pages import FOLDERS, Page, Problem

PINS = Path("pkg/tools/pins.toml")
KEY_PAGE = "docs/reference/manifest.md"

# Folders that are there only once something has run; git leaves them out.
MADE = (".fly", ".tools", ".venv", ".nox")

# Where code and manifests are; a test may name what does not exist.
CODE = ("pkg", "core", "processcompose")
SUFFIXES = {".py", ".toml", ".yaml", ".yml", ".go", ".json", ".css", ""}

_PATH = re.compile(r"(?!\./)[\w.@-]+(/[\w.@-]+)+/?")
_FILE = re.compile(r"[\w-][\w.-]*\.(py|md|toml|ya?ml|jsonl?|lock|sh|css|go)")
_NAME = re.compile(r"\[{0,2}(?P<name>[a-z][a-z0-9_.]*)\]{0,2}( = .*)?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VERSION = r"(?P<version>\d+\.\d+\.\d+)(?!\d| or (?:later|newer))"
_PINNED = re.compile(f"pinned version, {_VERSION}")


def check_paths(root: Path, pages: Sequence[Page]) -> list[Problem]:
    """Return the paths and the files' names in backticks that the repo does not have.

    A path counts when it begins as one of the repo's, or of the page's own folder, does. A file's name alone
    is that of a file anywhere, or one that the code names.
    """
    names, words = _names(root), _words(root)
    found = []
    for page in pages:
        for code in page.code:
            text = code.text.partition("::")[0]
            missing = (_PATH.fullmatch(text) and _is_missing(root, page, text)) or (
                _FILE.fullmatch(text) and text not in names and text not in words
            )
            if missing and not code.struck:
                found.append(Problem(page.name, code.line, f"`{code.text}`: there is no such file here"))
    return found


def check_names(root: Path, pages: Sequence[Page]) -> list[Problem]:
    """Return the names with an underscore that nothing in the code has: a key of a manifest, most often."""
    words = _words(root)
    return [
        Problem(page.name, code.line, f"`{code.text}`: nothing here is called {name}")
        for page in pages
        for code in page.code
        if not code.struck
        for name in _underscored(code.text)
        if name not in words
    ]


def check_keys(pages: Sequence[Page]) -> list[Problem]:
    """Return the keys that the reference explains, and that are none that the tasks read."""
    page = next((page for page in pages if page.name == KEY_PAGE), None)
    if page is None:
        return [Problem(KEY_PAGE, 1, "the page is missing")]
    read = {row.cells["key"] for row in page.rows if "type" in row.cells}
    return [
        Problem(KEY_PAGE, row.line, f"no task reads the key {key}")
        for row in page.rows
        if "decides" in row.cells
        for key in row.cells["key"].split(", ")
        if not any(one == key or one.startswith((f"{key}.", f"{key}[")) for one in read)
    ]


def check_versions(root: Path, pages: Sequence[Page]) -> list[Problem]:
    """Return the versions of tools in sentences that are not those of their pins; `or later` says a least."""
    pins = _pins(root)
    tools = "|".join(map(re.escape, pins))
    named = re.compile(rf"\b(?P<tool>{tools})(?:'s)? v?{_VERSION}", re.IGNORECASE)
    found = []
    for page in pages:
        for line, text in page.sentences:
            said = [(match["tool"].lower(), match["version"]) for match in named.finditer(text)]
            said += [("flyctl", match["version"]) for match in _PINNED.finditer(text)]
            found += [
                Problem(page.name, line, f"{tool} is pinned at {pins[tool]}, not {version}")
                for tool, version in said
                if version != pins[tool]
            ]
    return found


def _is_missing(root: Path, page: Page, path: str) -> bool:
    """Return whether a path begins as one that is here, and leads nowhere."""
    first = path.partition("/")[0]
    if first in MADE:
        return False
    folders = [folder for folder in (root, (root / page.name).parent) if (folder / first).exists()]
    return bool(folders) and not any((folder / path).exists() for folder in folders)


def _underscored(text: str) -> Iterator[str]:
    found = _NAME.fullmatch(text)
    if found and _FILE.fullmatch(text) is None:
        yield from (part for part in found["name"].split(".") if "_" in part)


def _pins(root: Path) -> Mapping[str, str]:
    """Return the versions of the tools that are installed at exactly that, by name."""
    listed = tomllib.loads((root / PINS).read_text("utf-8"))
    return {
        name: tool["version"]
        for name, tool in listed.items()
        if isinstance(tool, dict) and tool.get("source") in {"release", "go"}
    }


def _names(root: Path) -> set[str]:
    """Return the names of all files of the repo."""
    return {path.name for path in _files(root)}


def _words(root: Path) -> set[str]:
    """Return every word of the code and of the manifests."""
    code = (path for path in _files(root, CODE) if path.suffix in SUFFIXES)
    return {word for path in code for word in _words_of(path.read_text("utf-8"))}


@functools.cache
def _words_of(text: str) -> frozenset[str]:
    return frozenset([*_WORD.findall(text), *(found[0] for found in _FILE.finditer(text))])


def _files(root: Path, folders: Sequence[str] = FOLDERS) -> Iterator[Path]:
    yield from (path for path in root.iterdir() if path.is_file())
    for folder in folders:
        for path in (root / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
