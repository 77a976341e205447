"""A line and a Tab typed into a shell at a terminal: what the shell makes of it."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PROMPT = "ready> "
# The shell's own, so that what was typed is told, and nothing runs.
TELLING = "inv() { printf 'typed:'; printf '<%s>' \"$@\"; echo; }"


def completed(
    shell: Sequence[str], script: Path, line: str, folder: Path, env: Mapping[str, str]
) -> list[str]:
    """Return the words after `inv` in a line, once Tab and Return were typed behind it.

    Args:
        shell: an interactive one that reads none of its own files.
        script: the completion that is sourced.
        line: what is typed.
        folder: where.
        env: the shell's environment.
    """
    ours, its = os.openpty()
    variables = {"TERM": "dumb", "PS1": PROMPT, **env}
    with subprocess.Popen(
        shell, stdin=its, stdout=its, stderr=its, cwd=folder, env=variables, start_new_session=True
    ) as run:
        os.close(its)
        try:
            for typed in (f"source '{script}'\r", f"{TELLING}\r", f"{line}\t\r"):
                _until(ours, PROMPT)
                os.write(ours, typed.encode())
            told = _until(ours, ">\r\n")
        finally:
            run.kill()
            os.close(ours)
    return told.rpartition("typed:<")[2].partition(">\r\n")[0].split("><")


def _until(terminal: int, end: str) -> str:
    seen = ""
    while end not in seen:
        seen += os.read(terminal, 1000).decode()
    return seen
