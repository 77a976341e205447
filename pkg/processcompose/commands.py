"""What a process runs, as far as its text tells."""

import re

from pkg.processcompose.models import Process

# What makes one command of several, of which not each decides; `&&` does not, nor do `>&2` and `&>file`.
_SEVERAL = re.compile(r"[;|\n]|(?<![&>])&(?![&>])")
# Ways of a command to succeed though its work failed.
_HIDES = re.compile(
    r"\|\|\s*(?:(?:\S*/)?true|:|exit\s+0|echo|printf)(?=[\s;)\"'}]|$)|;\s*(?:(?:\S*/)?true|:|exit\s+0)\s*;?\s*$"
)


def key(process: Process) -> str:
    """Return the key that says what a process runs."""
    return "command" if process.command else "entrypoint"


def words(process: Process) -> list[str]:
    """Return what a process runs, word by word, without `exec`; the end of a line stays in its word."""
    found = process.entrypoint or re.split(r"[ \t]+", process.command.strip())
    return found[1:] if found[:1] == ["exec"] else found


def shell_text(process: Process) -> str:
    """Return what a process runs, without the shell's comments."""
    text = process.command or " ".join(process.entrypoint)
    return re.sub(r"(?m)(?:^|(?<=\s))#.*$", "", text)


def runs_litestream(process: Process, verb: str) -> bool:
    """Return whether a process runs a verb of Litestream, or looks as if it did."""
    return bool(re.search(rf"(?:^|[\s/;&|(])litestream\s+{verb}\b", shell_text(process)))


def is_several(process: Process) -> bool:
    """Return whether a process runs several commands of which one may fail unseen."""
    return any(_SEVERAL.search(part) for part in _parts(process))


def hides_failure(process: Process) -> bool:
    """Return whether a process succeeds whatever happens."""
    return any(_HIDES.search(part) for part in _parts(process))


def _parts(process: Process) -> tuple[str, ...]:
    return (process.command.strip(), *process.entrypoint)
