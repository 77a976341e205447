"""What was last seen of an app, kept for the shell's completion: a file an app and kind, a name a line."""

import contextlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from pkg.fly.health import MachineHealth
from pkg.shell.completion.complete import MACHINE, SEEN

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def remember(state: Path, app: str, machines: Sequence[MachineHealth]) -> None:
    """Keep the ids of an app's machines, with words for people."""
    remember_names(state, MACHINE, app, [(one.id, " ".join(_words(one))) for one in machines])


def remember_names(state: Path, kind: str, app: str, names: Sequence[tuple[str, str]]) -> None:
    """Keep the names of what an app has, with words for people.

    It is a convenience: what cannot be written is left out, and nothing is said.

    Args:
        state: the state folder.
        kind: of what; one of `SEEN`.
        app: the app's name; one that is none of Fly's is not kept.
        names: all of that kind; never a secret's value.
    """
    if not _NAME.fullmatch(app):
        return
    text = "".join(f"{name}\t{words}\n" for name, words in names).encode()
    path = state / SEEN[kind] / app
    draft = path.with_name(f".{app}.{os.getpid()}")
    try:
        if path.exists() and path.read_bytes() == text:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(text)
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()


def _words(machine: MachineHealth) -> list[str]:
    return [word for word in (machine.region, machine.group, machine.state, machine.image.short) if word]
