"""Doing what turns a check green: what is safe at once, the rest after a question."""

from collections.abc import Sequence

from pkg.onboard.check import Check
from pkg.onboard.checklist import RED, Proof, prove
from pkg.shell.errors import Refused
from pkg.shell.workspace import Workspace


def mend(ws: Workspace, checks: Sequence[Check], proofs: dict[str, Proof], *, yes: bool) -> dict[str, Proof]:
    """Run the fixes of what is red, in order, and prove again what they were for.

    Args:
        ws: where.
        checks: the checklist.
        proofs: how it stands.
        yes: run also what is not safe, without asking.

    Returns:
        How it stands then.
    """
    tried: set[str] = set()
    while True:
        todo = next(
            (check for check in checks if _can_mend(proofs[check.name]) and check.name not in tried), None
        )
        if todo is None:
            return proofs
        tried.add(todo.name)
        if _run(ws, todo, proofs[todo.name].fix, yes=yes):
            proofs = prove(ws, checks)


def _can_mend(proof: Proof) -> bool:
    return proof.state == RED and proof.command


def _run(ws: Workspace, check: Check, command: str, *, yes: bool) -> bool:
    """Run a fix, when it may be run; whether it was. What is safe is the check's own fix."""
    if not (check.safe and command == check.fix):
        try:
            ws.confirm(f"{check.name}: run `{command}`?", yes=yes)
        except Refused:
            ws.console.say(f"{check.name}: left to you: {command}")
            return False
    ws.console.say(f"{check.name}: $ {command}")
    # A fix is a line for a shell, as a person would type it.
    # What it writes is progress: stdout is for the checklist alone.
    ws.runner.stream(["sh", "-c", command], changes=True, to_stderr=True)
    ws.environment.forget()  # it may have been `direnv allow`
    return not ws.dry
