"""Proving the checks: independent ones at once, each as soon as what it needs is green."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pkg.onboard.check import Check, Finding
from pkg.shell.errors import Failure
from pkg.shell.parallel import each
from pkg.shell.workspace import Workspace

GREEN, RED, WAITING, SIMULATED = "green", "red", "waiting", "simulated"


@dataclass(frozen=True)
class Proof:
    """How a check ended.

    Attributes:
        name: the check's.
        state: green, red, waiting (for a check that it needs), or simulated (green, on the sandbox).
        detail: what was found.
        fix: the one thing to do; empty when it is green.
        command: whether that is a command, which `--fix` can run.
    """

    name: str
    state: str
    detail: str
    fix: str = ""
    command: bool = False

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.state in (GREEN, SIMULATED)


def prove(
    ws: Workspace, checks: Sequence[Check], told: Callable[[Proof], None] = lambda _: None
) -> dict[str, Proof]:
    """Prove the checks; those that need nothing of each other run at once.

    Args:
        ws: where.
        checks: in an order in which each comes after what it needs.
        told: gets each proof as soon as it is known.

    Returns:
        The proofs by name, in the order of the checks.
    """
    proofs: dict[str, Proof] = {}
    left = list(checks)
    with contextlib.suppress(Failure):  # a step of its own tells that
        ws.environment.usable()  # read once, here, rather than by each thread
    while left:
        ready = [check for check in left if all(need in proofs for need in check.needs)]
        left = [check for check in left if check not in ready]

        def one(check: Check) -> Proof:
            proof = _prove(ws, check, proofs)
            told(proof)
            return proof

        for proof in each(ready, one, runner=ws.runner):
            proofs[proof.name] = proof
    return {check.name: proofs[check.name] for check in checks}


def _prove(ws: Workspace, check: Check, proofs: Mapping[str, Proof]) -> Proof:
    if check.simulated and ws.sandbox:
        return Proof(check.name, SIMULATED, "not asked on the simulation")
    missing = [need for need in check.needs if not proofs[need].done]
    if missing:
        return Proof(check.name, WAITING, f"needs: {', '.join(missing)}", proofs[missing[0]].fix)
    try:
        found = check.prove(ws)
    except Failure as failure:
        found = Finding(ok=False, detail=failure.what, fix=failure.fix, command=False)
    if found.ok:
        return Proof(check.name, GREEN, found.detail)
    if found.fix:
        # Before direnv works, `inv` is not on PATH.
        fix = f"./dev {found.fix}" if found.fix.startswith("inv ") else found.fix
        return Proof(check.name, RED, found.detail, fix, found.command)
    return Proof(check.name, RED, found.detail, check.fix, check.command)
