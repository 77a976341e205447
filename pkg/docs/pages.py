"""The repo's Markdown pages, read into what the checks ask about: headings, links, code, blocks, tables."""

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from markdown_it.token import Token

# Where pages are. Hidden folders (.venv, .nox, .fly) hold none of ours.
FOLDERS = ("docs", "pkg", "core", "processcompose", "tests")

_REASON = re.compile(r"<!--\s*not run:\s*(?P<reason>.*?)\s*-->", re.DOTALL)
_FIRST = re.compile(r"<!-- first, on the simulation:\n(?P<commands>.*?)-->", re.DOTALL)


class Problem(NamedTuple):
    """Something that a page says and that is not so."""

    page: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.what}"


class Link(NamedTuple):
    """A link or an image, and where it leads."""

    line: int
    target: str


class Code(NamedTuple):
    """Code inside a sentence or a table's cell.

    Attributes:
        line: where it is.
        text: what stands between the backticks.
        column: the head of the table's column that it is in, or nothing.
        struck: whether it is struck through, which says that it does not exist.
    """

    line: int
    text: str
    column: str
    struck: bool


class Block(NamedTuple):
    """A fenced block.

    A comment `<!-- first, on the simulation:` with commands below it is one as well: readers do not see
    it, and what follows it runs in the state that the page is about.

    Attributes:
        line: of its first line of content.
        language: the word after the fence.
        text: its content.
        not_run: the reason in a `<!-- not run: … -->` above it, or None.
    """

    line: int
    language: str
    text: str
    not_run: str | None


class Row(NamedTuple):
    """A row of a table: its line, and its cells as plain text by the head of their column."""

    line: int
    cells: dict[str, str]


@dataclass
class Page:
    """One Markdown file.

    Attributes:
        name: its path from the repo's root, with slashes.
        anchors: the anchors of its headings, as GitHub makes them.
        headings: the headings' texts with their lines.
        links: all links and images.
        code: code inside text.
        sentences: the text of each paragraph, heading and cell, with its first line.
        blocks: fenced blocks.
        rows: the rows of all tables.
    """

    name: str
    anchors: set[str] = field(default_factory=set)
    headings: list[tuple[int, str]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    code: list[Code] = field(default_factory=list)
    sentences: list[tuple[int, str]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def files(root: Path) -> list[Path]:
    """Return the repo's Markdown files in the order of their names."""
    found = list(root.glob("*.md"))
    for folder in FOLDERS:
        found += (root / folder).rglob("*.md")
    return sorted(path for path in found if not _hidden(path.relative_to(root)))


def read_pages(root: Path) -> list[Page]:
    """Return all pages of the repo, read."""
    return [_read(path.relative_to(root).as_posix(), path.read_text("utf-8")) for path in files(root)]


@functools.cache
def _read(name: str, text: str) -> Page:
    """Read a page once: the same text says the same."""
    return read_page(name, text)


def read_page(name: str, text: str) -> Page:
    """Return a page, read.

    Args:
        name: its path from the repo's root.
        text: its Markdown (GitHub's dialect).
    """
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("gfm-like", {"linkify": False}).disable("linkify").parse(text)
    page = Page(name)
    reader = _Reader(page)
    for before, token in pairwise([None, *tokens]):
        if token is not None:
            reader.read(before, token)
    return page


class _Reader:
    """Walks over the tokens of a page and keeps what the checks need."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._heads: list[str] = []
        self._cells: list[str] = []
        self._in_head = False
        self._row_line = 0
        self._slugs: dict[str, int] = {}

    def read(self, before: "Token | None", token: "Token") -> None:
        """Take one token; `before` is the one in front of it."""
        line = token.map[0] + 1 if token.map else 0
        match token.type:
            case "fence":
                words = token.info.split()
                self.page.blocks.append(
                    Block(line + 1, words[0] if words else "", token.content, _not_run(before))
                )
            case "html_block" if found := _FIRST.search(token.content):
                self.page.blocks.append(Block(line + 1, "sh", found["commands"], None))
            case "thead_open":
                self._heads, self._in_head = [], True
            case "thead_close":
                self._in_head = False
            case "tr_open":
                self._cells, self._row_line = [], line
            case "tr_close" if not self._in_head:
                cells = dict(zip(self._heads, self._cells, strict=False))
                self.page.rows.append(Row(self._row_line, cells))
            case "inline":
                self._inline(before, token, line or self._row_line)
            case _:
                pass

    def _inline(self, before: "Token | None", token: "Token", line: int) -> None:
        text = plain(token.children or [])
        self.page.sentences.append((line, text))
        kind = before.type if before else ""
        column = ""
        if kind == "th_open":
            self._heads.append(text)
        elif kind == "td_open":
            column = self._heads[len(self._cells)] if len(self._cells) < len(self._heads) else ""
            self._cells.append(text)
        elif kind == "heading_open":
            self.page.headings.append((line, text))
            self.page.anchors.add(self._anchor(text))
        self._children(token.children or [], line, column)

    def _children(self, children: Sequence["Token"], line: int, column: str) -> None:
        struck = False
        for child in children:
            match child.type:
                case "softbreak" | "hardbreak":
                    line += 1
                case "s_open" | "s_close":
                    struck = child.type == "s_open"
                case "link_open":
                    self.page.links.append(Link(line, str(child.attrGet("href") or "")))
                case "image":
                    self.page.links.append(Link(line, str(child.attrGet("src") or "")))
                case "code_inline":
                    self.page.code.append(Code(line, child.content, column, struck))
                case _:
                    pass

    def _anchor(self, heading: str) -> str:
        slug = anchor(heading)
        seen = self._slugs.get(slug, 0)
        self._slugs[slug] = seen + 1
        return f"{slug}-{seen}" if seen else slug


def anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading: lower case, no punctuation, hyphens for spaces."""
    kept = (character for character in heading.strip().lower() if _kept(character))
    return "".join(kept).replace(" ", "-")


def plain(children: Sequence["Token"]) -> str:
    """Return the text of inline tokens without their marks."""
    return "".join(_plain(children)).strip()


def _plain(children: Sequence["Token"]) -> Iterator[str]:
    for child in children:
        if child.type in {"text", "code_inline"}:
            yield child.content
        elif child.type in {"softbreak", "hardbreak"}:
            yield " "
        elif child.children:
            yield from _plain(child.children)


def _kept(character: str) -> bool:
    return character in " -_" or unicodedata.category(character)[0] in "LNM"


def _not_run(before: "Token | None") -> str | None:
    found = _REASON.search(before.content) if before and before.type == "html_block" else None
    return found["reason"] if found else None


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "node_modules" for part in path.parts)
