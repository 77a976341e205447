"""Commands inside sentences, cut into words: which of them name something, and which stand for something."""

import functools
import re
import shlex
from collections.abc import Iterator, Sequence

from pkg.docs.pages import Code, Page

# The head of a column that quotes what other texts say; what stands in it need not exist.
HEARSAY = "Elsewhere"

_PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_/:.-]*|[\[<{$].*|.*…|\.\.\.")
_ENDS = {"|", "||", "&&", ";", ">", ">>", "<", "&"}


def commands(page: Page) -> Iterator[tuple[Code, list[str]]]:
    """Yield each inline code of a page with its words, once for each command in it; no hearsay."""
    for code in page.code:
        if not code.column.startswith(HEARSAY):
            for words in split(code.text):
                yield code, words


def split(text: str) -> list[list[str]]:
    """Return the commands of a line, each as its words."""
    return [list(words) for words in _split(text)]


@functools.cache
def _split(text: str) -> list[list[str]]:
    """Do that once for each text: several checks ask."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        words = list(lexer)
    except ValueError:  # an open quote: code, but no command
        return []
    found: list[list[str]] = [[]]
    for word in words:
        if word in _ENDS:
            found.append([])
        else:
            found[-1].append(word)
    return [words for words in found if words]


def stands_for_something(word: str) -> bool:
    """Return whether a word is a placeholder: `NAME`, `<id>`, `[…]`, `$APP`, `…`."""
    return bool(_PLACEHOLDER.fullmatch(word))


def join(words: Sequence[str]) -> str:
    """Return the words as one line for people."""
    return " ".join(words)
