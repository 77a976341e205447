"""Machines and verdicts as people read them, and as programs do."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pkg.shell.console import Console
from pkg.shell.errors import Refused

if TYPE_CHECKING:
    from pkg.fly.health import MachineHealth
    from pkg.fly.image import Reference
    from pkg.fly.plan import Plan
    from pkg.fly.verdict import Outcome

COLUMNS = ("MACHINE", "GROUP", "REGION", "STATE", "IMAGE", "CHECKS", "HEALTH")


def machine_rows(machines: Sequence["MachineHealth"]) -> list[list[str]]:
    """Return a row of `COLUMNS` for each machine."""
    return [
        [
            machine.id,
            machine.group or "(by hand)",
            machine.region,
            machine.state,
            short(machine.image),
            machine.checks,
            f"{machine.condition}: {machine.why}" if machine.why else str(machine.condition),
        ]
        for machine in machines
    ]


def short(image: "Reference") -> str:
    """Return an image in few characters, with the start of its digest: tags can move."""
    return f"{image.short}@{image.digest[7:15]}" if image.tag and image.digest else image.short


def machine_json(machine: "MachineHealth") -> dict[str, Any]:
    """Return a machine for programs."""
    return {
        "id": machine.id,
        "group": machine.group,
        "region": machine.region,
        "state": machine.state,
        "image": str(machine.image),
        "digest": machine.image.digest,
        "release": machine.release,
        "health": str(machine.condition),
        "why": machine.why,
        "checks": {"passing": machine.passing, "total": machine.total},
    }


def plan_text(plan: "Plan") -> str:
    """Return what a deploy would do, for people."""
    lines = [f"{plan.facts.app}: {plan.target.image}", f"  from {plan.target.source}"]
    lines += [f"  {change}" for change in plan.changes]
    lines += [f"  note: {note}" for note in plan.notes]
    lines += [f"  forced: {name}, because {reason}" for name, reason in plan.overridden.items()]
    needless = [name for name in plan.forced if name not in plan.overridden]
    lines += [f"  note: --force {name} was not needed: nothing is refused by it" for name in needless]
    return "\n".join(lines)


def check_states(plan: "Plan") -> dict[str, str]:
    """Return every check that a deploy makes first, by name: ok, refused, or forced."""
    from pkg.fly.refusals import CHECKS

    refused = {each.name for each in plan.refusals}
    states = {True: "forced", False: "refused"}
    return {name: states[name in plan.forced] if name in refused else "ok" for name in CHECKS}


def checks_text(plan: "Plan") -> str:
    """Return every check that a deploy makes first, for people."""
    states = check_states(plan)
    named = {
        state: [name for name in states if states[name] == state] for state in ("ok", "refused", "forced")
    }
    return "\n".join(f"  {state}: {', '.join(names)}" for state, names in named.items() if names)


def plan_json(plan: "Plan", advice: Callable[[str], str]) -> dict[str, Any]:
    """Return a plan for programs, what mends a refusal as it must be typed here."""
    facts = plan.facts
    return {
        "app": facts.app,
        "image": str(plan.target.image),
        "source": plan.target.source,
        "changes": [{"what": change.what, "destroys": change.destroys} for change in plan.changes],
        "refused": [
            {
                "name": each.name,
                "what": each.what,
                "why": each.why,
                "fix": advice(each.fix),
                "forced": each.name in plan.forced,
            }
            for each in plan.refusals
        ],
        "checks": check_states(plan),
        "notes": plan.notes,
        "machines": [machine_json(machine) for machine in facts.health],
        "flyctl": facts.version,
        "token": facts.token,
    }


def show_outcome(console: Console, outcome: "Outcome", *, json: bool) -> None:
    """Tell a verdict: to programs on stdout, to people with what runs where and what to do next."""
    with console.verdict():
        if json:
            console.json(outcome_json(outcome, console.advice))
        else:
            _show_to_people(console, outcome)


@contextmanager
def refusal_shown(console: Console, app: str, image: str, *, json: bool) -> Iterator[None]:
    """Let programs read a refusal as they read a verdict; people read the error, which goes on.

    Args:
        console: where to.
        app: the app's name.
        image: what was to be deployed; empty when that was not said.
        json: whether programs read.
    """
    from pkg.fly.refusals import reasons
    from pkg.fly.verdict import Outcome, Verdict

    try:
        yield
    except Refused as refused:
        if json:
            notes = reasons(refused)
            show_outcome(
                console, Outcome(Verdict.REFUSED, app, image, notes=notes, next=refused.fix), json=True
            )
        raise


def _show_to_people(console: Console, outcome: "Outcome") -> None:
    console.out(f"{outcome.app}: {outcome.verdict} (exit {outcome.exit_code}) after {outcome.seconds:.0f} s")
    console.out(f"  {console.advice(outcome.meaning)}")
    console.out(f"  image: {outcome.image}")
    if outcome.previous and outcome.previous != outcome.image:
        console.out(f"  back to: {outcome.previous}")
    for note in outcome.notes:
        console.out(f"  - {console.advice(note)}")
    if outcome.machines:
        console.table(COLUMNS, machine_rows(outcome.machines))
    if outcome.next:
        console.out(f"next: {console.advice(outcome.next)}")


def outcome_json(outcome: "Outcome", advice: Callable[[str], str]) -> dict[str, Any]:
    """Return a verdict for programs, its next step as it must be typed here."""
    return {
        "app": outcome.app,
        "verdict": str(outcome.verdict),
        "exit_code": outcome.exit_code,
        "meaning": outcome.meaning,
        "image": outcome.image,
        "previous": outcome.previous,
        "machines": None
        if outcome.machines is None
        else [machine_json(machine) for machine in outcome.machines],
        "notes": outcome.notes,
        "worse": outcome.worse,
        "next": advice(outcome.next),
        "seconds": outcome.seconds,
        "id": outcome.id,
    }
