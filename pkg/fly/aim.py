"""What a release is meant to lead to, and how far the machines have come."""

from collections.abc import Iterable, Sequence
from enum import Enum

import msgspec

from pkg.fly.health import Condition, MachineHealth
from pkg.fly.image import Reference


class Before(msgspec.Struct, frozen=True):
    """A machine as it was before: its instance changes whenever it is updated or restarted."""

    instance: str
    digest: str
    release: int


class Aim(msgspec.Struct, frozen=True):
    """An image that all machines shall run, and how they were before."""

    image: Reference
    before: dict[str, Before]

    @classmethod
    def of(cls, image: Reference, machines: Iterable[MachineHealth]) -> "Aim":
        """Return the aim to bring an image onto machines that are as given now."""
        return cls(image, {m.id: Before(m.instance, m.image.digest, m.release) for m in machines})

    def touched(self, machine: MachineHealth) -> bool:
        """Return whether a machine is new, or was updated since."""
        before = self.before.get(machine.id)
        return before is None or before.instance != machine.instance

    def left(self, machines: Iterable[MachineHealth]) -> list[MachineHealth]:
        """Return the machines that no newer release has changed: a release of the same image tells by this.

        A restart gives a new instance as well, so the number of the release decides where there is one.
        """
        return [machine for machine in machines if not self._released(machine)]

    def _released(self, machine: MachineHealth) -> bool:
        before = self.before.get(machine.id)
        if before is None or not machine.release:
            return self.touched(machine)
        return machine.release > before.release

    def reached_by(self, machine: MachineHealth) -> bool:
        """Return whether a machine runs the image: by its digest.

        Where the digest of the aim is not known, a tag alone proves nothing, since it may have pointed
        elsewhere before: the machine must then belong to a newer release as well. The registry may also
        tell the digest of the one platform of an index: then the machine has the tag, was updated, and its
        digest is another than before.
        """
        image = machine.image
        if self.image.digest and image.digest == self.image.digest:
            return True
        if (image.name, image.tag) != (self.image.name, self.image.tag) or not self.image.tag:
            return False
        before = self.before.get(machine.id)
        if self.image.digest:
            return self.touched(machine) and (before is None or before.digest != image.digest)
        return self.touched(machine) and (before is None or machine.release > before.release)


class Stage(Enum):
    """How far a release is."""

    REACHED = "every machine runs the image, and nothing is wrong"
    FAILED = "it will not get better by waiting"
    DOUBTFUL = "something is wrong that may pass within moments"
    WAITING = "on its way"


class Progress(msgspec.Struct, frozen=True):
    """The machines, seen from an aim."""

    arrived: list[MachineHealth]
    elsewhere: list[MachineHealth]

    @classmethod
    def of(cls, machines: Sequence[MachineHealth], aim: Aim) -> "Progress":
        """Sort the machines by whether they run the image."""
        found = cls([], [])
        for machine in machines:
            (found.arrived if aim.reached_by(machine) else found.elsewhere).append(machine)
        return found

    @property
    def bad(self) -> list[MachineHealth]:
        """Machines that run the image and are not well."""
        return [machine for machine in self.arrived if machine.bad]

    @property
    def proven(self) -> int:
        """How many machines run the image and pass their checks."""
        return sum(machine.condition is Condition.HEALTHY for machine in self.arrived)

    @property
    def stopped(self) -> list[str]:
        """The ids of the machines that have the image and are stopped."""
        return [machine.id for machine in self.arrived if machine.condition is Condition.STOPPED]

    @property
    def checked(self) -> str:
        """How many machines passed their checks, and how many have not been asked; empty when all were."""
        kinds = {
            Condition.STOPPED: ("is stopped and was not checked", "are stopped and were not checked"),
            Condition.STANDBY: ("is a standby and was not checked", "are standbys and were not checked"),
            Condition.UNCHECKED: ("has no checks", "have no checks"),
        }
        quiet = []
        for kind, (one, many) in kinds.items():
            if count := sum(machine.condition is kind for machine in self.arrived):
                quiet.append(f"{count} {one if count == 1 else many}")
        good = (
            "1 machine passes its checks" if self.proven == 1 else f"{self.proven} machines pass their checks"
        )
        return "; ".join([good, *quiet]) if quiet else ""

    @property
    def pending(self) -> bool:
        """Whether a machine is on its way."""
        return any(machine.condition is Condition.PENDING for machine in (*self.arrived, *self.elsewhere))

    def __str__(self) -> str:
        total = len(self.arrived) + len(self.elsewhere)
        trouble = [
            f"{machine.id} ({machine.group}) {machine.condition}: {machine.why}" for machine in self.bad
        ]
        ways = [
            f"{machine.id} {machine.state}"
            for machine in self.arrived
            if machine.condition is Condition.PENDING
        ]
        return "; ".join(
            [
                f"{len(self.arrived)} of {total} run it, {self.proven} pass their checks",
                *trouble[:3],
                *ways[:3],
            ]
        )


def stage(progress: Progress, *, flyctl_failed: bool) -> Stage:
    """Return how far a release is.

    Args:
        progress: the machines, seen from the aim.
        flyctl_failed: whether flyctl has given up: then nothing moves the other machines any more.
    """
    if progress.arrived and not progress.elsewhere and not progress.bad and not progress.pending:
        return Stage.REACHED
    if flyctl_failed:
        return Stage.DOUBTFUL if progress.pending or progress.bad else Stage.FAILED
    if any(machine.condition is Condition.CRASHED for machine in progress.bad):
        return Stage.DOUBTFUL
    return Stage.DOUBTFUL if progress.elsewhere and not progress.pending else Stage.WAITING
