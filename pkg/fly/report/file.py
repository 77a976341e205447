"""The page's file: written whole, or not at all."""

import contextlib
import os
from pathlib import Path

from pkg.fly.report.page import MADE
from pkg.shell.errors import BadInput, Failure
from pkg.shell.workspace import Workspace

NAME = "report.html"


def place(ws: Workspace, output: str) -> Path:
    """Return where the page goes.

    Args:
        ws: its state folder is the place when none is named.
        output: a file or a folder; empty when none is named.

    Raises:
        BadInput: its folder is not there, or something else than an older report is in its place.
    """
    if not output:
        return ws.state / NAME
    path = Path(output).expanduser().absolute()
    path = path / NAME if path.is_dir() else path
    if not path.parent.is_dir():
        raise BadInput(f"there is no folder {path.parent}", fix="make it, or name another one with --output")
    if path.exists() and not _is_ours(path):
        raise BadInput(
            f"{path} is no report of ours",
            meaning="it would be lost, so nothing was written",
            fix="name another file with --output, or remove it",
        )
    return path


def _is_ours(path: Path) -> bool:
    """Return whether a file is a page that this task has made."""
    try:
        return path.is_file() and str(MADE).encode() in path.read_bytes()[:4096]
    except OSError:
        return False


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
