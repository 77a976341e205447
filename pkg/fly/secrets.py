"""Secrets of an app: staged by stdin, compared by name, then given to the machines in one deploy."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from pkg.fly.answers import Leased, Passing
from pkg.fly.client import Flyctl, Speaker
from pkg.fly.health import GONE, STARTED, MachineHealth, judge_deployed, one_image
from pkg.fly.image import same
from pkg.fly.machines.goals import running
from pkg.fly.machines.work import LEASED, Outcome, Work
from pkg.fly.models import Machine, Secret
from pkg.fly.secrets_wire import Wire
from pkg.shell.errors import Failure, TimedOut

# What `secrets list` says of one that the machines do not have yet (recorded: operate.json).
STAGED = "Staged"
DEPLOYED = "Deployed"
# Seconds that flyctl has at least to say no, where hardly any time is left.
LEAST = 1.0
# How often staging is tried: it may be repeated, since it sets what it sets.
TRIES = 3


class Row(msgspec.Struct, frozen=True):
    """One secret as the comparison shows it.

    Attributes:
        name: its name.
        here: whether `secrets.toml` has a reference for it.
        there: its status at Fly; empty when Fly does not have it.
        needed: whether the manifest names it.
        problem: what is wrong; empty for nothing.
    """

    name: str
    here: bool
    there: str
    needed: bool
    problem: str


def stage(flyctl: Flyctl, app: str, wire: Wire, *, say: Speaker) -> None:
    """Stage secrets, the batch first, and compare the names afterwards.

    Args:
        flyctl: changes.
        app: the app's name.
        wire: the secrets, as they go.
        say: tells that something is tried again.

    Raises:
        Failure: flyctl did not take them, or a name is missing afterwards; what was staged stays staged.
    """
    if wire.batch:
        _persist(flyctl, lambda: flyctl.secrets_import(app, wire.batch), say)
    for name, value in wire.alone.items():
        _persist(flyctl, lambda name=name, value=value: flyctl.secrets_set(app, name, value), say)  # type: ignore[misc]  # a lambda's defaults bind now


def missing(flyctl: Flyctl, app: str, names: Iterable[str]) -> list[str]:
    """Return which of the names Fly does not have."""
    there = {secret.name for secret in flyctl.secrets_list(app)}
    return [name for name in names if name not in there]


def require_arrived(flyctl: Flyctl, app: str, names: Sequence[str]) -> None:
    """Compare the names with what Fly has now.

    Raises:
        Failure: some did not arrive.
    """
    if lost := missing(flyctl, app, names):
        raise Failure(
            f"{len(lost)} of {len(names)} secrets did not arrive at {app}: {', '.join(lost)}",
            meaning="flyctl said that it took them; the others are staged",
            fix="run it again; it sets the same values once more",
        )


def unset(flyctl: Flyctl, app: str, names: Sequence[str], *, say: Speaker) -> None:
    """Stage the removal of secrets that are there.

    Raises:
        Failure: flyctl did not take it.
    """
    if names:
        _persist(flyctl, lambda: flyctl.secrets_unset(app, names), say)


def deploy(work: Work) -> list[Outcome]:
    """Give the machines what is staged, and watch until each is well again.

    Returns:
        How it ended for each machine that was started; empty in a dry run, and for an app without machines:
        there, secrets wait for the first deploy.

    Raises:
        Failure: the machines do not have the secrets.
    """
    clock = work.flyctl.clock
    began = clock.monotonic()
    end = began + work.pace.deadline
    machines = [machine for machine in work.flyctl.machine_list(work.app) if _concerned(machine)]
    if not machines and not work.dry:
        work.say(f"{work.app} has no machine: the secrets wait for its first deploy")
        return []
    failure = work.attempt(
        work.app,
        lambda: work.flyctl.secrets_deploy(work.app, timeout=max(round(end - clock.monotonic(), 1), LEAST)),
        end=end,
    )
    if work.dry:
        return []
    waiting = [secret.name for secret in work.flyctl.secrets_list(work.app) if secret.status == STAGED]
    if waiting:
        raise _not_deployed(work, waiting, failure)
    started = {machine.id: machine for machine in machines if machine.state == STARTED}
    # A removal shows in no list: where flyctl failed, only what has happened to a machine proves it.
    outcomes = work.watch(started, running(anew=failure is not None), since=began)
    if failure:
        well = all(outcome.ok for outcome in outcomes)
        yet = "; yet every machine has the secrets and is well" if well else ""
        work.say(f"flyctl said: {failure.what}{yet}")
    return outcomes


def compare(
    here: Mapping[str, str], there: Sequence[Secret], needed: Sequence[str], *, file: str
) -> list[Row]:
    """Return every secret that is known anywhere, what is wrong first.

    Args:
        here: the references of `secrets.toml`.
        there: what Fly has.
        needed: what the manifest names.
        file: the file of references, for words.
    """
    status = {secret.name: secret.status or DEPLOYED for secret in there}
    rows = [
        Row(
            name=name,
            here=name in here,
            there=status.get(name, ""),
            needed=name in needed,
            problem=_problem(name in here, status.get(name, ""), name in needed, file),
        )
        for name in sorted({*here, *status, *needed})
    ]
    return sorted(rows, key=lambda row: (not row.problem, row.name))


def _problem(here: bool, there: str, needed: bool, file: str) -> str:  # noqa: FBT001 - three facts, told at the call
    if not there:
        return "missing at Fly, and the manifest needs it" if needed else "missing at Fly"
    if there != DEPLOYED:
        return "staged: the machines do not have it yet"
    return "" if here else f"not in {file}: unused, or forgotten there"


def _concerned(machine: Machine) -> bool:
    return machine.deployed and machine.state not in GONE


def _not_deployed(work: Work, waiting: Sequence[str], failure: Failure | None) -> Failure:
    """Return the error for machines that lack secrets; a machine that is not well is the cause."""
    health = judge_deployed(work.flyctl.machine_list(work.app))
    sick = [machine for machine in health if machine.bad]
    causes = [f"machine {machine.id}: {machine.why}" for machine in sick]
    return Failure(
        "; ".join(
            [
                f"the machines of {work.app} do not have all secrets: {', '.join(waiting)} still staged",
                *causes,
                *([f"flyctl said: {failure.what}"] if failure else []),
            ]
        ),
        command=failure.command if failure else (),
        meaning=_meaning(sick, failure),
        fix=_cure(work.app, sick[0], health) if sick else f"inv fly.secrets.deploy -a {work.app}",
    )


def _meaning(sick: Sequence[MachineHealth], failure: Failure | None) -> str:
    safe = "the values are at Fly and nothing is lost"
    if sick:
        return f"{safe}; flyctl goes on to the next machine only when this one is well"
    if isinstance(failure, Leased):
        return f"{safe}; the machines are {LEASED}, and it ends within two minutes"
    return f"{safe}; machines get them at the next deploy"


def _cure(app: str, sick: MachineHealth, machines: Sequence[MachineHealth]) -> str:
    """Return what to do about a machine that is not well, before the secrets are deployed again."""
    logs = f"`inv fly.logs -a {app} --instance {sick.id}` tells why"
    alike = [each for each in machines if each.group == sick.group and not each.bad]
    others = one_image(alike)
    if others is None or same(others, sick.image):
        return logs
    back = f"inv fly.machines.update {sick.id} -a {app} -i {others}"
    return f"{logs}; `{back}` puts the image of the others back"


def _persist(flyctl: Flyctl, act: Callable[[], None], say: Speaker) -> None:
    """Do what may be done twice, again when the API or the network fails."""
    for attempt in range(1, TRIES + 1):
        try:
            act()
        except (Passing, TimedOut) as failure:
            if attempt == TRIES:
                raise
            say(f"{failure.what}; trying again")
            flyctl.clock.sleep(attempt)
        else:
            return
