"""Which program a name on PATH is: asked once for each binary, remembered by its path, size and time."""

import contextlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pkg.shell.errors import INSTALL, CommandFailed, Refused, not_on_path
from pkg.shell.runner import Runner

SIMULATED = "simulated"
_SECONDS = 30


def identity(runner: Runner, state: Path, argv: Sequence[str]) -> dict[str, object]:
    """Return what a program answers about itself in JSON.

    Args:
        runner: starts it.
        state: the folder where the answer is remembered (`programs.json`).
        argv: the question, for instance `flyctl version --json`.

    Raises:
        CommandMissing: there is no such program on PATH.
        CommandFailed: it does not answer with a JSON object.
    """
    path = runner.which(argv[0])
    if path is None:
        raise not_on_path(argv[0], argv)
    facts = path.stat()
    key = f"{path.resolve()}:{facts.st_size}:{facts.st_mtime_ns}:{' '.join(argv[1:])}"
    known = _remembered(state / "programs.json")
    if isinstance(kept := known.get(key), dict):
        return kept
    result = runner.capture(argv, timeout=_SECONDS)
    answer = _json_object(result.stdout)
    if answer is None:
        raise CommandFailed(
            f"{path} does not say what it is",
            result=result,
            meaning="it may be broken, or another program of that name",
            fix=INSTALL.get(argv[0], f"install {argv[0]} anew"),
        )
    others = {name: value for name, value in known.items() if not name.startswith(f"{path.resolve()}:")}
    _remember(state / "programs.json", {**others, key: answer})
    return answer


def flyctl_identity(runner: Runner, state: Path, *, sandbox: bool) -> dict[str, object]:
    """Return what the flyctl on PATH answers to `version --json`, if it is the one that may be used.

    Args:
        runner: starts it.
        state: the folder where the answer is remembered.
        sandbox: whether Fly is simulated.

    Raises:
        CommandMissing: there is no flyctl on PATH.
        CommandFailed: it does not answer with a JSON object.
        Refused: it is simulated and the task is meant for Fly, or the other way round.
    """
    answer = identity(runner, state, ["flyctl", "version", "--json"])
    simulated = answer.get("Environment") == SIMULATED
    if simulated and not sandbox:
        raise Refused(
            f"the flyctl on PATH ({runner.which('flyctl')}) is the simulated one",
            meaning="nothing was asked of Fly and nothing changed",
            fix="take its folder off PATH, or run the task in the sandbox: inv sandbox <task>",
        )
    if sandbox and not simulated:
        raise Refused(
            f"the flyctl on PATH ({runner.which('flyctl')}) is a real one, in the sandbox",
            meaning="nothing was asked of Fly and nothing changed",
            fix="start the sandbox with `inv sandbox <task>`, which puts the simulated flyctl first",
        )
    return answer


def _json_object(text: str) -> dict[str, object] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _remembered(file: Path) -> dict[str, object]:
    """Return the answers that are kept; where they cannot be read, programs are asked again."""
    try:
        return _json_object(file.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError):
        return {}


def _remember(file: Path, answers: dict[str, object]) -> None:
    """Keep the answers; where that is not possible (a full disk) programs are asked again next time."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{file.name}.", dir=file.parent) as folder:
            part = Path(folder) / file.name
            part.write_text(json.dumps(answers), encoding="utf-8")
            part.replace(file)
