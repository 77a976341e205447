"""HTML as values: what is not markup is escaped, so no name and no line of a log becomes part of a page."""

from html import escape

# Elements that have no content, and so no end.
EMPTY = frozenset({"br", "link", "meta"})


class Markup:
    """A piece of a page, which may stand in another one as it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


def element(tag: str, *children: "str | Markup | None", **attributes: str | float | None) -> Markup:
    """Return an element.

    Args:
        tag: its name.
        children: what stands in it; a text is escaped, None is left out.
        attributes: their values are escaped, None is left out. In a name an underscore at the end is dropped,
            others become dashes: `class_`, `aria_label`.
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value), quote=True)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in EMPTY:
        return Markup(f"<{tag}{given}>")
    return Markup(f"<{tag}{given}>{joined(*children)}</{tag}>")


def joined(*pieces: "str | Markup | None") -> Markup:
    """Return pieces as one; a text is escaped, None is left out."""
    return Markup("".join(_text(piece) for piece in pieces if piece is not None))


def _text(piece: "str | Markup") -> str:
    return str(piece) if isinstance(piece, Markup) else escape(visible(piece), quote=False)


def visible(text: str) -> str:
    """Return a text without what a page cannot hold or would turn the reading direction with."""
    return "".join(
        character if character.isprintable() or character in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )
