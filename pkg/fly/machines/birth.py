"""Making a machine exactly once: under a name by which a run after a killed one finds it again."""

from collections.abc import Callable

from pkg.fly.machines.goals import Goal
from pkg.fly.machines.work import Outcome, Work
from pkg.fly.models import Machine, Volume
from pkg.shell.errors import BadInput, Failure, Interrupted


def by_name(work: Work, name: str) -> Machine | None:
    """Return the machine of a name, or None."""
    return next((machine for machine in work.flyctl.machine_list(work.app) if machine.name == name), None)


def born(work: Work, name: str, make: Callable[[str], None], *, goal: Goal, resumed: bool) -> Outcome | None:
    """Make a machine of a name, unless a run before this one has, and watch until it is where it should be.

    Args:
        work: does and watches.
        name: the machine's name.
        make: makes one of the name that it is given.
        goal: where it should be.
        resumed: whether an earlier run may have made it.

    Returns:
        How it ended; None in a dry run.

    Raises:
        Failure: it was not made, or a dry run finds that it would not be.
        BadInput: there is a machine of that name already.
        Interrupted: a signal came.
    """
    began = work.flyctl.clock.monotonic()
    found = by_name(work, name)
    failure: Failure | None = None
    if found and not resumed:
        raise BadInput(
            f"{work.app} has a machine called {name} already: {found.id}",
            meaning="nothing was made",
            fix="give another --name",
        )
    if found:
        work.say(f"{name} was made by a run that did not come to its end; going on from there")
    else:
        failure, found = _made(work, name, make)
        if work.dry:
            if failure:
                raise failure
            return None
    if found is None:
        raise failure or Failure(
            f"flyctl made no machine {name}, and said no word about it",
            fix=f"`inv fly.machines -a {work.app}` shows what there is",
        )
    [outcome] = watch(work, found, goal, since=began)
    return outcome


def _made(work: Work, name: str, make: Callable[[str], None]) -> tuple[Failure | None, Machine | None]:
    """Make the machine; return what flyctl failed with, and the machine when it is there.

    Raises:
        Interrupted: a signal came.
    """
    try:
        failure = work.attempt(name, lambda: make(name))
        return failure, None if work.dry else by_name(work, name)
    except (KeyboardInterrupt, Interrupted) as error:
        raise Interrupted(
            f"interrupted while making {name} of {work.app}",
            meaning="nothing was made" if work.dry else "the machine, or its volume, may have been made",
            fix="the same command again goes on from there; "
            f"`inv fly.machines -a {work.app}` shows what there is",
        ) from error


def watch(work: Work, machine: Machine, goal: Goal, *, since: float) -> list[Outcome]:
    """Watch a new machine until it is where it should be.

    Raises:
        Interrupted: a signal came.
    """
    try:
        return work.watch({machine.id: machine}, goal, since=since)
    except (KeyboardInterrupt, Interrupted) as error:
        raise Interrupted(
            f"interrupted while watching {machine.id}",
            meaning="the machine is there and goes on by itself",
            fix=f"inv fly.machines.wait {machine.id} -a {work.app}",
        ) from error


def free_volume(
    volumes: list[Volume], name: str, region: str, *, taken: frozenset[str] = frozenset()
) -> Volume | None:
    """Return a volume of a name that no machine has, in a region, or None.

    Args:
        volumes: the app's.
        name: the volume's name, as mounts call it.
        region: where it must be.
        taken: ids that are spoken for.
    """
    fitting = [
        volume
        for volume in volumes
        if (volume.name, volume.region) == (name, region)
        and volume.state == "created"
        and not volume.attached_machine_id
        and volume.id not in taken
    ]
    return min(fitting, key=lambda volume: volume.created_at, default=None)
