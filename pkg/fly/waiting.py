"""Watching an app's machines until they are where they should be: one flyctl call a tick."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence

import msgspec

from pkg.fly.aim import Stage
from pkg.fly.answers import Passing
from pkg.fly.client import Flyctl, Speaker
from pkg.fly.health import MachineHealth, crashes_since, judge_deployed, newest_first
from pkg.fly.models import Machine
from pkg.shell.clock import Clock
from pkg.shell.errors import Failure, Interrupted, TimedOut

# After so many answers in a row that no further try can change (token refused, app gone), watching ends.
CERTAIN_FAILURES = 3


class Pace(msgspec.Struct, frozen=True):
    """Seconds: between two looks, for the whole, and for something that is wrong to get well by itself."""

    tick: float
    deadline: float
    doubt: float

    @classmethod
    def of(cls, tick: float, deadline: float) -> "Pace":
        """Return the pace for a deadline: ten looks at least, and three for what is doubtful."""
        tick = min(tick, deadline / 10)
        return cls(tick, deadline, max(3 * tick, deadline / 10))


class Watched(msgspec.Struct, frozen=True):
    """What was seen.

    Attributes:
        machines: as they were last seen; None when no look succeeded.
        stage: how far they were; FAILED also when the time ran out.
        error: why the last looks failed; empty when the last one succeeded.
    """

    machines: list[MachineHealth] | None
    stage: Stage
    error: str = ""


class Watcher:
    """Looks at an app's machines.

    Args:
        flyctl: asks for them.
        app: the app's name.
        clock: waits between two looks.
        say: tells at once what the user should know: a crash, an API that does not answer.
        since: the newest event of each machine before the watch, as of `newest_events`; earlier crashes are
            old news.

    Attributes:
        latest: the machines as flyctl last told them.
        crashes: of each machine that has crashed since, how its process ended.
    """

    def __init__(
        self, flyctl: Flyctl, app: str, *, clock: Clock, say: Speaker, since: dict[str, int]
    ) -> None:
        self._flyctl = flyctl
        self._app = app
        self._clock = clock
        self._say = say
        self._since = since
        self.crashes: dict[str, str] = {}
        self.latest: list[Machine] = []

    def watch(
        self,
        judge: Callable[[Sequence[MachineHealth]], Stage],
        pace: Pace,
        show: Callable[[Sequence[MachineHealth]], None],
    ) -> Watched:
        """Look once a tick until it is decided, or the time is over.

        A failed look is told and borne: the API may be away for a while. What is doubtful, or has crashed,
        has `pace.doubt` seconds to get well.

        Args:
            judge: says of the machines how far they are.
            pace: how often, and for how long.
            show: shows the progress.
        """
        began = self._clock.monotonic()
        end = began + pace.deadline
        doubtful_since: float | None = None
        machines: list[MachineHealth] | None = None
        stage, error, certain = Stage.WAITING, "", 0
        while True:
            try:
                machines, error, certain = self._look(), "", 0
                stage = judge(machines)
                show(machines)
            except Interrupted:
                raise
            except Failure as failure:
                error = failure.what
                certain = 0 if isinstance(failure, Passing | TimedOut) else certain + 1
                self._say(f"the machines could not be seen: {error}; still watching")
            now = self._clock.monotonic()
            if not (stage is Stage.DOUBTFUL or (stage is Stage.WAITING and self.crashes)):
                doubtful_since = None
            elif doubtful_since is None:
                doubtful_since = now
            if not error and stage in {Stage.REACHED, Stage.FAILED}:
                return Watched(machines, stage)
            over = now >= end or certain >= CERTAIN_FAILURES
            if over or (doubtful_since is not None and now - doubtful_since >= pace.doubt):
                return Watched(machines, Stage.FAILED, error)
            self._clock.sleep(min(pace.tick, max(end - now, 0.0)))

    @contextlib.contextmanager
    def alongside(self, tick: float) -> Iterator[None]:
        """Look now and then while flyctl works, only to tell a crash at once.

        flyctl waits its whole timeout for a machine that has crashed
        (https://github.com/superfly/flyctl/issues/2653).

        Args:
            tick: seconds between two looks.
        """
        stop = threading.Event()

        def look() -> None:
            while not stop.wait(tick):
                try:
                    self._look()
                except Interrupted:
                    return
                except Failure:
                    continue  # what it means is for the watch to say, which comes after

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _look(self) -> list[MachineHealth]:
        self.latest = self._flyctl.machine_list(self._app, once=True)
        self._tell_crashes(self.latest)
        return judge_deployed(self.latest)

    def _tell_crashes(self, machines: Sequence[Machine]) -> None:
        for machine in machines:
            if machine.id in self.crashes or not machine.deployed:
                continue
            if crashes := crashes_since(machine, self._since.get(machine.id, 0)):
                self.crashes[machine.id] = crashes[0]
                self._say(f"machine {machine.id} ({machine.group}, {machine.region}) crashed: {crashes[0]}")


def newest_events(machines: Sequence[Machine]) -> dict[str, int]:
    """Return the time of each machine's newest event, in milliseconds since 1970."""
    return {machine.id: events[0].timestamp for machine in machines if (events := newest_first(machine))}
