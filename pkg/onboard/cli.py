"""`inv onboard`: the first hour, proven step by step."""

from typing import TYPE_CHECKING

from invoke import Context

from pkg.shell.cli import end, task, workspace

if TYPE_CHECKING:
    from pkg.onboard.checklist import Proof
    from pkg.shell.workspace import Workspace


@task(
    help={
        "fix": "run what turns a step green: the safe ones at once, the others after a question",
        "yes": "with --fix: do not ask",
        "json": "as JSON",
    }
)
def onboard(c: Context, fix: bool = False, yes: bool = False, json: bool = False) -> None:
    """Prove each step of the first hour, with the one fix for what fails."""
    from pkg.onboard import checklist, fixes
    from pkg.onboard.registry import CHECKS

    ws = workspace(c)
    with ws.console.progress("onboard") as progress:
        proofs = checklist.prove(ws, CHECKS, lambda proof: progress.update(f"{proof.name} is {proof.state}"))
    if fix:
        proofs = fixes.mend(ws, CHECKS, proofs, yes=yes)
    _show(ws, list(proofs.values()), json=json)
    end(0 if all(proof.done for proof in proofs.values()) else 1)


def _show(ws: "Workspace", proofs: "list[Proof]", *, json: bool) -> None:
    if json:
        import dataclasses

        ws.console.json([dataclasses.asdict(proof) for proof in proofs])
        return
    rows = [(proof.state, proof.name, proof.detail, proof.fix) for proof in proofs]
    ws.console.table(("STATE", "STEP", "FOUND", "NEXT"), rows)
    left = [proof for proof in proofs if not proof.done]
    if left:
        ws.console.say(f"{len(left)} of {len(proofs)} left; first: {left[0].fix}")
    else:
        ws.console.say(
            f"all {len(proofs)} steps are green{': welcome' if not ws.sandbox else ', as simulated'}"
        )
