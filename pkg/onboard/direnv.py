"""direnv, and what .envrc hands over."""

import re
from pathlib import Path

from pkg.onboard.check import Finding
from pkg.shell.envrc import exported_names
from pkg.shell.workspace import Workspace

# Where each shell reads its set-up from, under HOME.
SHELLS = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
# `direnv status` says of the .envrc that it found: true or false before 2.33, then 0, 1 or 2.
_STATE = re.compile(r"^Found RC allowed (\w+)$", re.MULTILINE)
WORDS = {"true": "allowed", "0": "allowed", "2": "denied"}


def installed(ws: Workspace) -> Finding:
    """The program direnv is on PATH."""
    found = ws.runner.which("direnv")
    return Finding(found is not None, str(found or "not on PATH"))


def hooked(ws: Workspace) -> Finding:
    """The shell calls direnv at each prompt."""
    if ws.environment.get("DIRENV_DIR"):
        return Finding(ok=True, detail="it has loaded this folder")
    shell = Path(ws.environment.get("SHELL", "/bin/bash")).name
    file = Path(ws.environment.get("HOME", "~")).expanduser() / SHELLS.get(shell, SHELLS["bash"])
    try:
        has_hook = "direnv hook" in file.read_text()
    except OSError:
        has_hook = False
    return Finding(has_hook, f"{file} {'has' if has_hook else 'lacks'} the hook", fix=_hook(shell, file))


def _hook(shell: str, file: Path) -> str:
    line = "direnv hook fish | source" if shell == "fish" else f'eval "$(direnv hook {shell})"'
    return f"echo '{line}' >> '{file}'"


def allowed(ws: Workspace) -> Finding:
    """The user has read .envrc and allowed it."""
    said = _STATE.search(ws.runner.capture(["direnv", "status"], timeout=10).stdout)
    if said is None:
        return Finding(ok=False, detail="direnv found no .envrc", fix="git checkout .envrc")
    state = WORDS.get(said[1], "not allowed yet")
    return Finding(state == "allowed", state)


def values(ws: Workspace) -> Finding:
    """What .envrc exports has a value that is neither empty nor a reference that nobody resolved."""
    ws.environment.resolve(ws.runner)
    names = sorted(exported_names(ws.root / ".envrc"))
    empty = [name for name in names if not ws.environment.get(name)]
    literal = [name for name in names if ws.environment.get(name).startswith("op://")]
    wrong = [f"{name} is empty" for name in empty] + [
        f"{name} is a literal op:// reference" for name in literal
    ]
    return Finding(not wrong, "; ".join(wrong) or f"{', '.join(names)}")
