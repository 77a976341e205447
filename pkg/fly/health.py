"""How a machine is, and how an app is, judged by what the machines say of themselves."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from pkg.fly.image import Reference, of_machine
from pkg.fly.models import Check, Event, Machine

PASSING = "passing"
STARTED = "started"
AT_REST = frozenset({"stopped", "suspended"})
GONE = frozenset({"destroyed", "destroying"})
# Events after which what happened before does not count any more.
DECISIVE = frozenset({"exit", "start", "update", "replacing", "launch"})


class Condition(StrEnum):
    """How one machine is."""

    HEALTHY = "healthy"  # started, and all of its checks pass
    UNCHECKED = "unchecked"  # started; nothing checks it
    STANDBY = "standby"  # stopped on purpose: it waits for another machine's host to fail
    STOPPED = "stopped"  # stopped, and not by a crash
    PENDING = "pending"  # on its way: starting, replacing, or its checks have not answered yet
    UNHEALTHY = "unhealthy"  # started, and a check does not pass; or its host does not answer
    CRASHED = "crashed"  # its process ended by itself


class AppHealth(StrEnum):
    """How an app is."""

    HEALTHY = "healthy"  # what can be checked passes, and all machines run one image
    MIXED = "mixed"  # healthy, but machines run different images
    UNHEALTHY = "unhealthy"
    PENDING = "pending"
    UNVERIFIED = "unverified"  # nothing could be checked: all stopped, or no checks
    EMPTY = "no machines"


class MachineHealth(msgspec.Struct, frozen=True):
    """One machine, judged; `why` says what is wrong, empty when nothing is."""

    id: str
    group: str
    region: str
    state: str
    image: Reference
    condition: Condition
    why: str
    passing: int
    total: int
    release: int
    instance: str

    @property
    def checks(self) -> str:
        """Its checks in two numbers."""
        return f"{self.passing}/{self.total}" if self.total else "-"

    @property
    def bad(self) -> bool:
        """Whether something is wrong with it."""
        return self.condition in {Condition.UNHEALTHY, Condition.CRASHED}

    @property
    def settled(self) -> bool:
        """Whether it is where it stays, and nothing is wrong."""
        return not self.bad and self.condition is not Condition.PENDING


def judge(machine: Machine) -> MachineHealth:
    """Return how a machine is."""
    results = machine.checks or []
    total = max(expected_checks(machine), len(results))
    condition, why = _condition(machine, results, total)
    return MachineHealth(
        id=machine.id,
        group=machine.group,
        region=machine.region,
        state=machine.state,
        image=of_machine(machine.image_ref),
        condition=condition,
        why=why,
        passing=sum(check.status == PASSING for check in results),
        total=total,
        release=machine.release,
        instance=machine.instance_id,
    )


def judge_deployed(machines: Sequence[Machine]) -> list[MachineHealth]:
    """Return how those machines are that deploys manage, in a steady order."""
    mine = [machine for machine in machines if machine.deployed and machine.state not in GONE]
    return [
        judge(machine)
        for machine in sorted(mine, key=lambda machine: (machine.group, machine.region, machine.id))
    ]


def app_health(machines: Sequence[MachineHealth]) -> AppHealth:
    """Return how an app is.

    Args:
        machines: those that deploys manage.
    """
    conditions = {machine.condition for machine in machines}
    if not machines:
        return AppHealth.EMPTY
    if any(machine.bad for machine in machines):
        return AppHealth.UNHEALTHY
    if Condition.PENDING in conditions:
        return AppHealth.PENDING
    if Condition.HEALTHY not in conditions:
        return AppHealth.UNVERIFIED
    return AppHealth.HEALTHY if one_image(machines) else AppHealth.MIXED


def one_image(machines: Sequence[MachineHealth]) -> Reference | None:
    """Return the image that all machines run; None when they run several, or there are none."""
    digests = {machine.image.digest or str(machine.image) for machine in machines}
    return machines[0].image if len(digests) == 1 else None


def expected_checks(machine: Machine) -> int:
    """Return how many checks a machine has: right after a start they have not answered yet."""
    settings = machine.settings
    return len(settings.checks) + sum(len(service.checks or []) for service in settings.services)


def crash(machine: Machine) -> str:
    """Return how the machine's process ended by itself, when that is the last word on it; else empty."""
    decisive = [event for event in newest_first(machine) if event.type in DECISIVE]
    return how_it_ended(decisive[0]) if decisive else ""


def crashes_since(machine: Machine, moment: int) -> list[str]:
    """Return how the machine's process ended by itself after a moment, the last time first.

    Args:
        machine: as flyctl tells it.
        moment: milliseconds since 1970.
    """
    events = [event for event in newest_first(machine) if event.timestamp > moment]
    return [how for event in events if (how := how_it_ended(event))]


def newest_first(machine: Machine) -> list[Event]:
    """Return the machine's events; those of one millisecond stay as flyctl has them, newest first."""
    return sorted(machine.events or [], key=lambda event: -event.timestamp)


def how_it_ended(event: Event) -> str:
    """Return how a process ended by itself; empty when it was told to, or ended well."""
    ended = event.request.exit_event if event.type == "exit" and event.request else None
    if ended is None or ended.requested_stop:
        return ""
    if ended.oom_killed:
        return "it ran out of memory"
    code = ended.exit_code or ended.guest_exit_code
    return f"it exited with {code}" + (f": {ended.error}" if ended.error else "") if code else ""


def _condition(machine: Machine, results: Sequence[Check], total: int) -> tuple[Condition, str]:
    if machine.host_status != "ok":
        return Condition.UNHEALTHY, f"its host is {machine.host_status}"
    if machine.state == STARTED:
        return _checked(results, total)
    if machine.state == "failed":
        return Condition.CRASHED, crash(machine) or "it failed to start"
    if machine.state not in AT_REST:
        return Condition.PENDING, machine.state
    if how := crash(machine):
        return Condition.CRASHED, how
    return (Condition.STANDBY if machine.standby else Condition.STOPPED), ""


def _checked(results: Sequence[Check], total: int) -> tuple[Condition, str]:
    if not total:
        return Condition.UNCHECKED, ""
    failing = [check for check in results if check.status != PASSING]
    if failing:
        first = failing[0]
        output = f": {first.output.strip().splitlines()[0]}" if first.output and first.output.strip() else ""
        return Condition.UNHEALTHY, f"{first.name} is {first.status}{output}"
    if len(results) < total:
        return Condition.PENDING, "its checks have not answered yet"
    return Condition.HEALTHY, ""
