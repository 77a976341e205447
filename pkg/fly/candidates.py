"""Releases as candidates to go back to: what each ran, whether that was verified, and whether it runs now."""

import msgspec

from pkg.fly.client import Flyctl
from pkg.fly.health import AT_REST, MachineHealth, judge_deployed
from pkg.fly.image import Reference, parse, same
from pkg.fly.journal import entries
from pkg.fly.models import Release
from pkg.fly.objections import Objection, objection
from pkg.fly.rollback import DONE, pinned_by, proof_of
from pkg.shell.errors import BadInput
from pkg.shell.parallel import both
from pkg.shell.workspace import Workspace


class Candidate(msgspec.Struct, frozen=True):
    """A release.

    Attributes:
        release: as flyctl tells it.
        image: its image, with its digest where that is known; None when flyctl names none.
        verified: when it was last proven healthy, RFC 3339; empty when it never was from here.
        machines: the machines that run it now.
        stopped: the machines that have it, and are stopped.
        eligible: whether going back to it makes sense: done once, not what runs everywhere now, and nothing
            speaks against it.
        against: what speaks against it; None for nothing.
    """

    release: Release
    image: Reference | None
    verified: str
    machines: list[str]
    stopped: list[str]
    eligible: bool
    against: Objection | None


def candidates(ws: Workspace, flyctl: Flyctl, app: str) -> list[Candidate]:
    """Return the releases, newest first, with what this checkout knows of them.

    Raises:
        Failure: they could not be read.
    """
    releases, machines = both(
        lambda: flyctl.releases(app), lambda: flyctl.machine_list(app), runner=ws.runner
    )
    health = judge_deployed(machines)
    journal = entries(ws)
    running = [machine.image for machine in health]
    found = []
    for release in releases:
        image = _image(release)
        if image:
            image = pinned_by(journal, running, image)
        proof = proof_of(journal, app, image) if image else None
        against = objection(journal, app, image) if image else None
        here = [machine for machine in health if image and _has(machine, image, release)]
        found.append(
            Candidate(
                release=release,
                image=image,
                verified=proof.at if proof else "",
                machines=[machine.id for machine in here if machine.state not in AT_REST],
                stopped=[machine.id for machine in here if machine.state in AT_REST],
                eligible=bool(image)
                and release.status in DONE
                and len(here) < len(health)
                and against is None,
                against=against,
            )
        )
    return found


def _has(machine: MachineHealth, image: Reference, release: Release) -> bool:
    """Return whether a machine has a release: its image, put there by it."""
    return same(machine.image, image) and machine.release == release.version


def _image(release: Release) -> Reference | None:
    try:
        return parse(release.image)
    except BadInput:
        return None
