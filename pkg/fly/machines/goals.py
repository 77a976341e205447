"""Where a machine should be, and how far it is from there."""

from collections.abc import Callable

import msgspec

from pkg.fly.health import AT_REST, GONE, Condition, judge, newest_first
from pkg.fly.models import Machine

# Made, and never started.
CREATED = "created"


class Sight(msgspec.Struct, frozen=True):
    """How far a machine is from its goal.

    Attributes:
        reached: it is there.
        words: how it is.
        doubtful: something is wrong that seldom gets well by waiting.
        lost: it cannot get there any more.
    """

    reached: bool
    words: str
    doubtful: bool = False
    lost: bool = False


# From how a machine was (None: not there) and how it is (None: gone) to how far it is.
Goal = Callable[[Machine | None, Machine | None], Sight]


def at_rest(state: str) -> Goal:
    """Return the goal to be in a state that is no `started`, as `stopped` or `suspended`."""

    def look(_before: Machine | None, now: Machine | None) -> Sight:
        if now is None or now.state in GONE:
            return Sight(reached=False, words="it is gone", lost=True)
        return Sight(reached=now.state == state, words=now.state)

    return look


def running(*, anew: bool = False, image: str = "") -> Goal:
    """Return the goal to be started and to pass all checks.

    Args:
        anew: only when something has happened to it since: a restart or an update.
        image: the digest that it must run; empty for any.
    """

    def look(before: Machine | None, now: Machine | None) -> Sight:
        if now is None or now.state in GONE:
            return Sight(reached=False, words="it is gone", lost=True)
        return _unchanged(before, now, anew=anew, image=image) or _running(before, now)

    return look


def resting(*, anew: bool = False, image: str = "") -> Goal:
    """Return the goal to be there and not started, as a standby, or after an update with `--skip-start`.

    Args:
        anew: only when something has happened to it since.
        image: the digest that it must have; empty for any.
    """

    def look(before: Machine | None, now: Machine | None) -> Sight:
        if now is None or now.state in GONE:
            return Sight(reached=False, words="it is gone", lost=True)
        at_rest = Sight(reached=now.state in AT_REST | {CREATED}, words=f"{now.state}, not started")
        return _unchanged(before, now, anew=anew, image=image) or at_rest

    return look


def gone(_before: Machine | None, now: Machine | None) -> Sight:
    """Tell whether a machine exists no more."""
    if now is None or now.state == "destroyed":
        return Sight(reached=True, words="destroyed")
    return Sight(reached=False, words=now.state)


def settled(_before: Machine | None, now: Machine | None) -> Sight:
    """Tell whether a machine is where it stays: at rest, or started with its checks passing."""
    if now is None or now.state in GONE:
        return Sight(reached=True, words="destroyed")
    if now.state in AT_REST:
        return Sight(reached=True, words=now.state)
    return _running(None, now)


def touched(before: Machine, now: Machine) -> bool:
    """Return whether something has happened to a machine: a new version of it, or a new event."""
    return before.instance_id != now.instance_id or newest_first(before) != newest_first(now)


def _unchanged(before: Machine | None, now: Machine, *, anew: bool, image: str) -> Sight | None:
    """Return what a machine is like that is not yet what it shall be; None when it is."""
    if anew and before is not None and not touched(before, now):
        return Sight(reached=False, words=f"{now.state}, as before")
    if image and now.image_ref.digest != image:
        return Sight(reached=False, words=f"{now.state}, runs {now.image_ref.ref}")
    return None


def _running(before: Machine | None, now: Machine) -> Sight:
    health = judge(now)
    words = f"{now.state}, {health.checks} checks" if health.total else f"{now.state}, no checks"
    if health.condition in {Condition.HEALTHY, Condition.UNCHECKED}:
        return Sight(reached=True, words=words)
    if health.condition is Condition.CRASHED:
        return Sight(reached=False, words=f"crashed: {health.why}", doubtful=True)
    if health.condition in {Condition.STOPPED, Condition.STANDBY}:
        ended = before is not None and touched(before, now) and newest_first(now)[0].type == "exit"
        return Sight(reached=False, words=now.state, doubtful=ended)
    return Sight(reached=False, words=f"{words}: {health.why}" if health.why else words)
