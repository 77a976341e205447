"""The page's file: written whole, or not at all."""

import contextlib
import os
from pathlib import Path

from pkg.shell.errors import Failure
from pkg.shell.workspace import Workspace

NAME = "report.html"


def place(ws: Workspace, output: str) -> Path:
    """Return where the page goes.

    Args:
        ws: its state folder is the place when none is named.
        output: a file or a folder; empty when none is named.
    """
    if not output:
        return ws.state / NAME
    path = Path(output).expanduser().absolute()
    return path / NAME if path.is_dir() else path


def write(path: Path, text: str) -> None:
    """Write the page.

    Raises:
        Failure: it cannot be written; what was there before still is.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise Failure(
            f"{path} cannot be written: {error.strerror}", fix="name another file with --output, or make room"
        ) from error
