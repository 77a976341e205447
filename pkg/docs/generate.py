"""The generated parts of pages: cog runs the snippets that stand in their comments."""

from pathlib import Path

from pkg.docs.pages import Problem, files
from pkg.shell.errors import BadInput

MARK = "[[[cog"


def generated(path: Path) -> str:
    """Return what a page should hold: its text with its generated parts made anew.

    Args:
        path: the page.

    Raises:
        BadInput: a snippet or a marker is broken; the text says which.
    """
    from cogapp.cogapp import Cog, CogError  # type: ignore[import-untyped]  # it has no types

    try:
        made = Cog().process_string(path.read_text("utf-8"), str(path))
    except CogError as error:
        raise BadInput(str(error), fix="mend the snippet in that page's comment") from error
    return str(made)


def pages_with_parts(root: Path) -> list[Path]:
    """Return the pages that have generated parts."""
    return [path for path in files(root) if MARK in path.read_text("utf-8")]


def check_generated(root: Path) -> list[Problem]:
    """Return the pages whose generated parts are not what the code says."""
    found = []
    for path in pages_with_parts(root):
        name, text = path.relative_to(root).as_posix(), path.read_text("utf-8")
        try:
            made = generated(path)
        except BadInput as broken:
            found.append(Problem(name, 1, broken.what))
            continue
        if text != made:
            line = _first_difference(text, made)
            found.append(Problem(name, line, "is older than the code: `inv docs.build`"))
    return found


def stale(root: Path) -> list[tuple[Path, str]]:
    """Return the pages that a build would change, each with its new text."""
    made = [(path, generated(path)) for path in pages_with_parts(root)]
    return [(path, text) for path, text in made if text != path.read_text("utf-8")]


def _first_difference(before: str, after: str) -> int:
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    return next((number for number, (one, other) in enumerate(pairs, start=1) if one != other), 1)
