"""Doing something to several machines at once, and watching all of them with one call a tick."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from pkg.fly.answers import Passing, UsageError
from pkg.fly.client import READING, Flyctl, Speaker
from pkg.fly.health import GONE
from pkg.fly.machines.goals import Goal, Sight
from pkg.fly.models import Machine
from pkg.fly.waiting import CERTAIN_FAILURES, Pace
from pkg.shell.errors import BadInput, Failure, Interrupted, TimedOut
from pkg.shell.parallel import each

# flyctl processes at once; each takes a core for a moment.
WORKERS = 8
# Words of flyctl for a machine that another one is changing: nothing was done yet.
HELD = ("lease", "concurrent update", "another update")
# What that means: the name in a lease is its account's, and may be our own.
LEASED = "held by the lease of another flyctl, or of one that was stopped"


class Outcome(msgspec.Struct, frozen=True):
    """How it ended for one machine."""

    id: str
    ok: bool
    words: str
    failure: Failure | None = None

    def row(self) -> dict[str, object]:
        """The outcome as JSON shows it."""
        return {"id": self.id, "ok": self.ok, "words": self.words}


class Work:
    """Does something to machines of one app and waits for the end.

    Args:
        flyctl: asks and changes.
        app: the app's name.
        pace: how often to look, and how long.
        say: tells what should be known at once.
        show: shows the progress in one line.
        dry: only print what would be done.
    """

    def __init__(
        self, flyctl: Flyctl, app: str, *, pace: Pace, say: Speaker, show: Speaker, dry: bool = False
    ) -> None:
        self.flyctl = flyctl
        self.app = app
        self.pace = pace
        self.say = say
        self.show = show
        self.dry = dry

    @property
    def patience(self) -> float:
        """Seconds that one flyctl may take: what is waited for at all, and a minute in which to end."""
        return self.pace.deadline + READING

    def chosen(self, words: str) -> dict[str, Machine]:
        """Return the machines that words mean, by id.

        Args:
            words: ids, machines' names or process groups, with commas between; or `all`.

        Raises:
            BadInput: a word means no machine of the app; those that there are, are named.
        """
        machines = [machine for machine in self.flyctl.machine_list(self.app) if machine.state not in GONE]
        found: dict[str, Machine] = {}
        for word in words.replace(",", " ").split():
            meant = [
                machine for machine in machines if word in {"all", machine.id, machine.name, machine.group}
            ]
            if not meant:
                raise self._unknown(word, machines)
            found |= {machine.id: machine for machine in meant}
        if not found:
            raise self._unknown(words, machines)
        return found

    def _unknown(self, word: str, machines: Sequence[Machine]) -> BadInput:
        known = ", ".join(sorted(machine.id for machine in machines)) or "none"
        groups = ", ".join(sorted({machine.group for machine in machines if machine.group})) or "none"
        return BadInput(
            f"{self.app} has no machine {word!r}",
            meaning=f"machines: {known}; groups: {groups}; nothing was changed",
            fix=f"`inv fly.machines -a {self.app}` shows them; several are written with commas between",
        )

    def do(self, before: Mapping[str, Machine], act: Callable[[str], None], goal: Goal) -> list[Outcome]:
        """Do it to each machine, side by side, and watch until each is where it should be.

        What flyctl said is no proof either way: an API may fail after the deed, or before it.

        Args:
            before: the machines as they are.
            act: does it to the machine of an id; not called for one that is there already.
            goal: where they should be.

        Raises:
            Interrupted: a signal came; what was begun goes on at Fly.
            UsageError: flyctl does not know what it was given; nothing was sent.
        """
        began = self.flyctl.clock.monotonic()
        todo = [ident for ident, machine in before.items() if not goal(machine, machine).reached]
        try:
            failures = self._act(todo, act)
            if self.dry:
                return []
            return self.watch(before, goal, failures, since=began)
        except (KeyboardInterrupt, Interrupted) as error:
            raise Interrupted(
                f"interrupted while working on {', '.join(before)}",
                meaning="what flyctl had begun goes on at Fly; nothing else was started",
                fix=f"`inv fly.machines -a {self.app}` shows how they are; the same command again goes on",
            ) from error

    def watch(
        self,
        before: Mapping[str, Machine],
        goal: Goal,
        failures: Mapping[str, Failure] | None = None,
        *,
        since: float | None = None,
    ) -> list[Outcome]:
        """Look once a tick at all machines until each is there, or cannot get there, or the time is over.

        Args:
            before: the machines as they were.
            goal: where they should be.
            failures: for which of them flyctl failed: they have a short while to prove it wrong.
            since: when the time began that they are given; None for now.
        """
        failed = failures or {}
        clock = self.flyctl.clock
        began = clock.monotonic()
        end = (began if since is None else since) + self.pace.deadline
        doubted: dict[str, float] = dict.fromkeys(failed, began)
        sights: dict[str, Sight] = {}
        certain = 0
        error: Failure | None = None
        while True:
            try:
                now = {machine.id: machine for machine in self.flyctl.machine_list(self.app, once=True)}
                sights = {ident: goal(machine, now.get(ident)) for ident, machine in before.items()}
                error, certain = None, 0
                self.show(progress(sights))
            except Interrupted:
                raise
            except Failure as failure:
                certain = 0 if isinstance(failure, Passing | TimedOut) else certain + 1
                error = failure
                self.say(f"the machines could not be seen: {failure.what}; still watching")
            passed = clock.monotonic()
            self._doubt(sights, failed, doubted, passed)
            waiting = [
                ident
                for ident in before
                if not _decided(sights.get(ident), doubted.get(ident), passed, self.pace.doubt)
            ]
            over = passed >= end or certain >= CERTAIN_FAILURES
            if not waiting or over:
                return [self._outcome(ident, sights.get(ident), failed.get(ident), error) for ident in before]
            clock.sleep(min(self.pace.tick, max(end - passed, 0.0)))

    def _act(self, ids: Sequence[str], act: Callable[[str], None]) -> dict[str, Failure]:
        def attempt(ident: str) -> Failure | None:
            return self.attempt(ident, lambda: act(ident))

        ended = dict(zip(ids, each(ids, attempt, runner=self.flyctl.runner, at_once=WORKERS), strict=True))
        return {ident: failure for ident, failure in ended.items() if failure}

    def attempt(self, ident: str, act: Callable[[], None], *, end: float | None = None) -> Failure | None:
        """Do it once, and again while a lease is in the way; return what flyctl failed with.

        Args:
            ident: what it is done to, for words.
            act: does it.
            end: when there is no time left for another try; None for the deadline from now.

        Raises:
            UsageError: flyctl does not know what it was given; nothing was sent.
        """
        clock = self.flyctl.clock
        end = clock.monotonic() + self.pace.deadline if end is None else end
        told = False
        while True:
            try:
                act()
            except (Interrupted, UsageError):
                raise
            except Failure as failure:
                held = any(word in failure.what.lower() for word in HELD)
                if not held or clock.monotonic() >= end:
                    return failure
                if not told:
                    told = True
                    self.say(f"{ident} is {LEASED}; waiting for that to end")
                clock.sleep(self.pace.tick)
            else:
                return None

    def _doubt(
        self,
        sights: Mapping[str, Sight],
        failed: Mapping[str, Failure],
        doubted: dict[str, float],
        now: float,
    ) -> None:
        """Note since when each machine has been in doubt."""
        for ident, sight in sights.items():
            if sight.doubtful or ident in failed:
                doubted.setdefault(ident, now)
            else:
                doubted.pop(ident, None)

    def _outcome(
        self, ident: str, sight: Sight | None, failure: Failure | None, unseen: Failure | None
    ) -> Outcome:
        if sight and sight.reached:
            note = f" (though flyctl said: {failure.what})" if failure else ""
            return Outcome(ident, ok=True, words=sight.words + note)
        words = sight.words if sight else "not seen"
        if failure is None and unseen is not None:
            failure = unseen
        if failure is None:
            failure = Failure(
                f"{ident} is not where it should be after {self.pace.deadline:g} s: {words}",
                meaning="it may still get there",
                fix=f"`inv fly.logs -a {self.app} --instance {ident}` tells why; "
                f"`inv fly.machines.wait {ident} -a {self.app}` waits on",
            )
        return Outcome(ident, ok=False, words=words, failure=failure)


def progress(sights: Mapping[str, Sight]) -> str:
    """Return one line about how far the machines are; of many, the first that are not there."""
    reached = sum(sight.reached for sight in sights.values())
    rest = [f"{ident} {sight.words}" for ident, sight in sights.items() if not sight.reached]
    return "; ".join([f"{reached} of {len(sights)} done", *rest[:3]])


def _decided(sight: Sight | None, doubted_since: float | None, now: float, patience: float) -> bool:
    if sight is None:
        return False
    in_doubt_for_long = doubted_since is not None and now - doubted_since >= patience
    return sight.reached or sight.lost or in_doubt_for_long
