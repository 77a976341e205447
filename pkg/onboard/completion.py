"""Tab in the shell: tasks, options, apps, machines and manifests."""

import shlex
from pathlib import Path

from pkg.onboard.check import Finding
from pkg.onboard.direnv import SHELLS
from pkg.shell.workspace import Workspace

SCRIPTS = "pkg/shell/completion"
FIX = f"source {SCRIPTS}/inv.bash, .zsh or .fish from your shell's set-up"


def installed(ws: Workspace) -> Finding:
    """The shell reads the script that completes `inv`."""
    shell = Path(ws.environment.get("SHELL") or "/bin/bash").name
    if shell not in SHELLS:
        return Finding(ok=True, detail=f"there is none for {shell}; it works without")
    file = Path(ws.environment.get("HOME", "~")).expanduser() / SHELLS[shell]
    script = f"completion/inv.{shell}"
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    there = any(script in line.partition("#")[0] for line in lines)
    detail = f"{file} {'reads' if there else 'does not read'} {script}"
    return Finding(there, detail, fix=_fix(file, ws.root / SCRIPTS / f"inv.{shell}"))


def _fix(file: Path, script: Path) -> str:
    """Return the command that lets the shell read the script from now on."""
    line = f"source {shlex.quote(str(script))}"
    folder = "" if file.parent.is_dir() else f"mkdir -p {shlex.quote(str(file.parent))} && "
    return f"{folder}printf '%s\\n' {shlex.quote(line)} >> {shlex.quote(str(file))}"
