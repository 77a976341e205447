"""Links: each leads to a file and an anchor that exist, and each page of docs/ is reached from the README."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pkg.docs.pages import Link, Page, Problem

START = "README.md"


def check_links(root: Path, pages: Sequence[Page]) -> list[Problem]:
    """Return the links that lead nowhere. Addresses of the web are held to https and not fetched."""
    by_name = {page.name: page for page in pages}
    return [
        Problem(page.name, link.line, what)
        for page in pages
        for link in page.links
        if (what := _wrong(root, page, link, by_name))
    ]


def check_reachable(pages: Sequence[Page]) -> list[Problem]:
    """Return the pages below docs/ that nobody finds by following links from the README."""
    by_name = {page.name: page for page in pages}
    reached: set[str] = set()
    waiting = [START]
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in reached:
            reached.add(name)
            waiting.extend(_files(by_name[name]))
    return [
        Problem(page.name, 1, f"no link leads here from {START}")
        for page in pages
        if page.name.startswith("docs/") and page.name not in reached
    ]


def _files(page: Page) -> Iterator[str]:
    for link in page.links:
        parts = urlsplit(link.target)
        if not parts.scheme and parts.path:
            yield _resolved(page.name, parts.path)


def _wrong(root: Path, page: Page, link: Link, by_name: dict[str, Page]) -> str:
    parts = urlsplit(link.target)
    if parts.scheme:
        return "" if parts.scheme in {"https", "mailto"} else f"{link.target}: only https leads outside"
    name = _resolved(page.name, parts.path) if parts.path else page.name
    if name.startswith(".."):
        return f"{link.target}: leads out of the repo"
    if not (root / name).exists():
        return f"{link.target}: there is no {name}"
    target = by_name.get(name)
    if parts.fragment and target and unquote(parts.fragment) not in target.anchors:
        return f"{link.target}: {name} has no heading #{parts.fragment}"
    return ""


def _resolved(page: str, path: str) -> str:
    parts: list[str] = []
    for part in (Path(page).parent / unquote(path)).parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts) or "."
