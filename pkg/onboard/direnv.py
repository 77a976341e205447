"""direnv, and what .envrc hands over."""

import re
import shlex
from pathlib import Path

from pkg.onboard.check import Finding
from pkg.shell.envrc import exported_names, last_words
from pkg.shell.workspace import Workspace

# Where each shell reads its set-up from, under HOME.
SHELLS = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
# `direnv status` says of the .envrc that it found: true or false before 2.33, then 0, 1 or 2.
_STATE = re.compile(r"^Found RC allowed (\w+)$", re.MULTILINE)
# For a shell that is none of SHELLS: what to write, and where, is told there.
HOOK = "add direnv's hook to your shell: https://direnv.net/docs/hook.html"
WORDS = {"true": "allowed", "0": "allowed", "2": "denied"}


def readable(ws: Workspace) -> Finding:
    """The files with the variables can be read."""
    ws.environment.usable()
    return Finding(ok=True, detail="read")


def installed(ws: Workspace) -> Finding:
    """The program direnv is on PATH."""
    found = ws.runner.which("direnv")
    return Finding(found is not None, str(found or "not on PATH"))


def hooked(ws: Workspace) -> Finding:
    """The shell calls direnv at each prompt."""
    if ws.environment.get("DIRENV_DIR"):
        return Finding(ok=True, detail="it has loaded this folder")
    shell = Path(ws.environment.get("SHELL") or "/bin/bash").name
    if shell not in SHELLS:
        return Finding(ok=False, detail=f"{shell} has not loaded this folder", fix=HOOK, command=False)
    file = Path(ws.environment.get("HOME", "~")).expanduser() / SHELLS[shell]
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    has_hook = any("direnv hook" in line.partition("#")[0] for line in lines)
    return Finding(has_hook, f"{file} {'has' if has_hook else 'lacks'} the hook", fix=_hook(shell, file))


def _hook(shell: str, file: Path) -> str:
    line = "direnv hook fish | source" if shell == "fish" else f'eval "$(direnv hook {shell})"'
    folder = f"mkdir -p {shlex.quote(str(file.parent))} && " if shell == "fish" else ""
    return f"{folder}echo '{line}' >> {shlex.quote(str(file))}"


def allowed(ws: Workspace) -> Finding:
    """The user has read .envrc and allowed it, and a shell can read it."""
    if not (ws.root / ".envrc").is_file():
        return Finding(ok=False, detail="there is no .envrc", fix="git checkout .envrc")
    answer = ws.runner.capture(["direnv", "status"], timeout=10)
    if (said := _STATE.search(answer.stdout)) is None:
        return Finding(
            ok=False,
            detail=f"direnv status ended with exit code {answer.code}: {last_words(answer)}",
            fix="put right what direnv says; it needs HOME",
            command=False,
        )
    state = WORDS.get(said[1], "not allowed yet")
    if state == "allowed" and ws.runner.which("bash") is not None:
        parsed = ws.runner.capture(["bash", "-n", ".envrc"], timeout=10)  # reads it, runs nothing
        if parsed.code:
            wrong = parsed.stderr.partition("\n")[0].partition("=")[0]
            return Finding(ok=False, detail=f"allowed, but {wrong}", fix="correct .envrc", command=False)
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
