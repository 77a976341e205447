"""What a command in a simulated machine answers: nothing runs, so only plain words are taken at their word.

`true`, `false`, `exit N` and `echo WORDS` mean what they mean in a shell, also behind `sh -c`. Of any other
command it is not known what it would say: it ends well, as recorded, and its answer tells that it is made up.
"""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath

from pkg.flysim.platform.store import Json

MADE_UP = "ok (made up: no command runs in a simulated machine)\n"
# What a shell would do something with beyond splitting words.
_SHELL = re.compile(r"[$`;&|<>()*?\n\\]")


def answer(command: str) -> Json:
    """Return how a command ends, and what it says."""
    code, stdout = _ended(command) or (0, MADE_UP)
    return {"exit_code": code, "stdout": stdout, "stderr": ""}


def _ended(command: str) -> tuple[int, str] | None:
    """Return the exit code and the words of a plain command; None for any other."""
    try:
        words = [] if _SHELL.search(command) else shlex.split(command)
    except ValueError:
        words = []
    program, arguments = (PurePosixPath(words[0]).name, words[1:]) if words else ("", [])
    ended: tuple[int, str] | None = None
    match program, arguments:
        case (("sh" | "bash"), ["-c", line]):
            ended = _ended(line)
        case (("true" | "false"), _):
            ended = int(program == "false"), ""
        case "exit", []:
            ended = 0, ""
        case "exit", [code] if re.fullmatch(r"[0-9]{1,9}", code):
            ended = int(code) % 256, ""
        case "echo", said if not (said and said[0].startswith("-")):
            ended = 0, " ".join(said) + "\n"
    return ended
