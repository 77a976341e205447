"""What is asked of machines, checked before anything is sent."""

import re
from collections.abc import Sequence

from pkg.fly import image as images
from pkg.fly.health import AT_REST
from pkg.fly.machines.goals import Goal, at_rest, running, settled
from pkg.fly.machines.work import Outcome, Work
from pkg.fly.models import Machine
from pkg.shell.errors import BadInput, Refused

STATES = ("settled", "started", "stopped", "suspended")
_PAIR = re.compile(r"[\w.-]+=[^\x00\n]*")


def goal_of(state: str) -> Goal:
    """Return the goal that a state's name means.

    Raises:
        BadInput: there is no such state to wait for.
    """
    if state not in STATES:
        raise BadInput(f"{state!r} is no state to wait for", fix=f"one of: {', '.join(STATES)}")
    if state == "settled":
        return settled
    return running() if state == "started" else at_rest(state)


def require_change(image: str, metadata: Sequence[str], passthrough: Sequence[str]) -> str:
    """Check what an update shall change.

    Returns:
        The digest of the image, empty when it has none or the image stays.

    Raises:
        BadInput: nothing is to change, the image is no reference, or a pair is none.
    """
    if not (image or metadata or passthrough):
        raise BadInput(
            "nothing to update",
            fix="give --image, --metadata NAME=VALUE, or flyctl's own flags after `--`; "
            "to restart: inv fly.machines.restart",
        )
    for pair in metadata:
        if not _PAIR.fullmatch(pair):
            raise BadInput(f"--metadata {pair!r} is no NAME=VALUE")
    return images.parse(image).digest if image else ""


def with_way_back(outcome: Outcome, before: Machine, image: str, app: str) -> Outcome:
    """Return how an update to an image ended; one that failed also tells what the machine ran before."""
    failure, ref = outcome.failure, before.image_ref.ref
    if failure and ref != image:
        update = f"inv fly.machines.update {outcome.id} --image {ref} -a {app}"
        back = f"it ran {ref} before: `{update}` brings it back"
        failure.fix = f"{failure.fix}\n{back}" if failure.fix else back
    return outcome


def awake(work: Work, word: str) -> Machine:
    """Return the one machine that a word means, which must run.

    Raises:
        BadInput: it means none, or several.
        Refused: it is at rest.
    """
    machine = one(work, word)
    if machine.state in AT_REST:
        raise Refused(
            f"{machine.id} is {machine.state}: nothing can run in it",
            meaning="nothing was sent",
            fix=f"inv fly.machines.start {machine.id} -a {work.app}",
        )
    return machine


def one(work: Work, word: str) -> Machine:
    """Return the one machine that a word means.

    Raises:
        BadInput: it means none, or several.
    """
    found = list(work.chosen(word).values())
    if len(found) > 1:
        raise BadInput(
            f"{word!r} means {len(found)} machines of {work.app}",
            fix=f"name one of: {', '.join(machine.id for machine in found)}",
        )
    return found[0]
