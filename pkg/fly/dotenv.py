"""Files of secrets, `NAME=value` a line, as `secrets.import` reads them: with the quoting of dotenv."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

from pkg.shell.errors import BadInput


def read(text: str, source: str) -> dict[str, str]:
    """Return the secrets of a text; `$` and `${…}` in it are left as they are.

    Args:
        text: lines of NAME=value; values may be quoted, and then have several lines.
        source: where it is from, for errors.

    Raises:
        BadInput: a line is no assignment, or a name comes twice; only line numbers are shown.
    """
    from dotenv.parser import parse_stream  # costs 10 ms

    found: dict[str, str] = {}
    for binding in parse_stream(StringIO(text)):
        line = binding.original.line
        if binding.error or (binding.key is not None and binding.value is None):
            raise BadInput(
                f"{source}, line {line}: no NAME=value",
                meaning="nothing was sent, and the line is not shown: it may hold a secret",
                fix='quote values that hold quotes, # or line ends: NAME="…"',
            )
        if binding.key is None:
            continue
        if binding.key in found:
            raise BadInput(f"{source}, line {line}: {binding.key} comes twice", fix="keep one of them")
        found[binding.key] = binding.value or ""
    if not found:
        raise BadInput(f"{source} has no NAME=value", meaning="nothing was sent")
    return found


def text_of(root: Path, file: str, stdin: Callable[[], str]) -> str:
    """Return the text of a file, or of stdin.

    Args:
        root: what a relative path is relative to.
        file: the path; `-` for stdin.
        stdin: reads stdin.

    Raises:
        BadInput: it cannot be read.
    """
    if file == "-":
        return stdin()
    try:
        return (root / file).read_bytes().decode()
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is no UTF-8 text") from error
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}", meaning="nothing was sent") from error
