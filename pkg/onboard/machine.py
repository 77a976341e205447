"""This machine: Python, uv, and git as the repo wants them."""

import platform
import sys
from pathlib import Path

from pkg.onboard.check import Finding
from pkg.shell.workspace import Workspace

OLDEST = (3, 11)


def python(ws: Workspace) -> Finding:
    """The tasks run in the repo's own environment, on a Python that is new enough."""
    own = Path(sys.prefix).resolve() == (ws.root / ".venv").resolve()
    detail = f"{platform.python_version()} in {sys.prefix}"
    return Finding(
        sys.version_info >= OLDEST and own, detail if own else f"{detail}, not in this repo's .venv"
    )


def uv(ws: Workspace) -> Finding:
    """The installer uv is there, which makes environments quickly."""
    found = ws.runner.which("uv")
    return Finding(found is not None, str(found or "not on PATH"))


def git_identity(ws: Workspace) -> Finding:
    """Git knows who commits."""
    said = [
        ws.runner.capture(["git", "config", key], timeout=10).stdout.strip()
        for key in ("user.name", "user.email")
    ]
    missing = [key for key, value in zip(("user.name", "user.email"), said, strict=True) if not value]
    if missing:
        return Finding(ok=False, detail=f"{' and '.join(missing)} not set")
    return Finding(ok=True, detail=f"{said[0]} <{said[1]}>")


def git_hooks(ws: Workspace) -> Finding:
    """The checks of the repo run before each commit."""
    folder = ws.runner.capture(["git", "rev-parse", "--git-path", "hooks"], timeout=10)
    if folder.code:
        return Finding(
            ok=False,
            detail="this is no git checkout",
            fix="work in a clone of the repo: an unpacked archive has no history to deploy from",
            command=False,
        )
    hook = ws.root / folder.stdout.strip() / "pre-commit"
    try:
        installed = "pre-commit" in hook.read_text(encoding="utf-8", errors="replace")
    except OSError:
        installed = False
    if installed:
        return Finding(ok=True, detail="installed")
    own = ws.runner.capture(["git", "config", "--show-scope", "core.hooksPath"], timeout=10)
    if own.code == 0:
        scope, _, path = own.stdout.strip().partition("\t")
        return Finding(
            ok=False,
            detail=f"core.hooksPath ({scope}) sends git to {path}, and pre-commit installs nothing then",
            fix="unset core.hooksPath, or let your own pre-commit hook call: pre-commit run",
            command=False,
        )
    return Finding(ok=False, detail="no pre-commit hook")
