"""The minutes after a release: its answers are compared with those before it."""

from datetime import datetime

import msgspec

from pkg.fly.durations import shown
from pkg.fly.facts import Facts
from pkg.fly.metrics.judging import Tolerance, Window, compared, window
from pkg.fly.metrics.prometheus import Server
from pkg.fly.metrics.questions import SHORTEST
from pkg.fly.moments import NEVER, moment
from pkg.shell.errors import BadInput, Failure, Interrupted, Refused
from pkg.shell.workspace import Workspace

# Seconds between two words on how long it goes on.
TOLD = 15.0
# Seconds: the deploy holds the app while it watches, so that nobody could mend what is wrong meanwhile.
LONGEST = 3600.0
# Seconds, which are waited for; the simulation counts each answer as it is given.
SHORTEST_SIMULATED = 1.0
# Steps of a deploy that change no machine any more.
AFTERWARDS = frozenset({"watch the metrics", "look again", "check replication"})


class Wish(msgspec.Struct, frozen=True):
    """What is asked for.

    Attributes:
        seconds: how long to watch, and how long before the release to compare with.
        guard: whether a regression is undone.
        tolerance: what counts as none.
    """

    seconds: float
    guard: bool
    tolerance: Tolerance

    def __str__(self) -> str:
        undone = "; one that answers worse is undone" if self.guard else ""
        return f"its answers of {shown(self.seconds)} are compared with those of the same time before{undone}"


class Tried(msgspec.Struct, frozen=True):
    """How a trial ended.

    Attributes:
        told: both times, and what got worse first.
        worse: what got worse than is tolerated; None when nothing can be said of that.
        blind: whether nothing could be read.
    """

    told: list[str]
    worse: list[str] | None = None
    blind: bool = False


class Trial:
    """A release on trial.

    Args:
        ws: waits, and tells.
        server: asked for the app's answers.
        app: the app's name.
        wish: what is asked for.
    """

    def __init__(self, ws: Workspace, server: Server, app: str, wish: Wish) -> None:
        self._ws = ws
        self._server = server
        self._app = app
        self._wish = wish
        self._before: Window | None = None
        self._cut = ""

    @property
    def guard(self) -> bool:
        """Whether a regression is undone."""
        return self._wish.guard

    def begin(self, facts: Facts) -> None:
        """Ask how it was before the release, while the machines ran what they run now.

        Args:
            facts: what is known beforehand.

        Raises:
            Failure: it could not be asked, or for too short a time; a guard that is blind must not begin.
        """
        try:
            self._before = self._window(self._seconds_before(facts))
        except Interrupted:
            raise
        except Failure as failure:
            if self.guard:
                raise
            self._ws.console.say(f"note: the metrics will not be compared: {failure.what}")

    def run(self) -> Tried:
        """Wait, ask how it is since, and compare with how it was."""
        if self._before is None:
            return Tried(["the metrics were not compared"], blind=True)
        self._wait()
        try:
            since = self._window(self._wish.seconds)
        except Interrupted:
            raise
        except Failure as failure:
            return Tried([f"the metrics since could not be read: {failure.what}"], blind=True)
        judgement = compared(self._before, since, self._wish.tolerance)
        worse = judgement.regressions
        left = ["nothing was undone: that takes --guard"] if worse and not self.guard else []
        cut = [self._cut] if self._cut else []
        told = [*worse, *left, *judgement.lines, *cut]
        return Tried(told, worse=None if judgement.unknown else worse)

    def _wait(self) -> None:
        clock = self._ws.clock
        end = clock.monotonic() + self._wish.seconds
        with self._ws.console.progress(f"{self._app}: watching its metrics") as progress:
            while (left := end - clock.monotonic()) > 0:
                progress.update(f"{shown(left)} to go")
                clock.sleep(min(TOLD, left))

    def _seconds_before(self, facts: Facts) -> float:
        """Return how far to look back from now: not to when the machines ran something else.

        Raises:
            Refused: that is too short a time to measure anything in.
        """
        since, clock = changed(facts), self._ws.clock
        if self._ws.sandbox:
            clock.sleep(max(0.0, SHORTEST_SIMULATED - (clock.now() - since).total_seconds()))
        there = (clock.now() - since).total_seconds()
        if there >= self._wish.seconds:
            return self._wish.seconds
        at = f"{since:%Y-%m-%d %H:%M:%S} UTC"
        if there < SHORTEST and not self._ws.sandbox:
            raise Refused(
                f"there is nothing to compare with: {self._app} runs what it runs since {at},"
                f" {shown(there)} ago",
                meaning="what it answered before that was another release's",
                fix=f"wait until it has run for {shown(min(self._wish.seconds, 2 * SHORTEST))}, then deploy",
            )
        self._cut = f"before: {shown(there)} only, since the last change, at {at}"
        return there

    def _window(self, seconds: float) -> Window:
        now = self._ws.clock.now().timestamp()
        return window(self._server, self._app, until=now, seconds=seconds)


def changed(facts: Facts) -> datetime:
    """Return since when an app's machines run what they run now.

    That is the newest release, or the last that a deploy from here did to them: what it undoes, it undoes
    after its last release has begun.

    Raises:
        Failure: the releases could not be read.
    """
    if facts.releases is None:
        raise Failure(
            f"since when {facts.app} runs what it runs is not known: {facts.unread.get('releases', '')}",
            fix=f"`inv fly.releases -a {facts.app}` shows whether they can be read again",
        )
    released = [moment(release.created_at) for release in facts.releases[:1]]
    story = facts.story
    steps = [story.started, *story.steps] if story else []
    done = [moment(entry.at) for entry in steps if entry.step not in AFTERWARDS]
    return max([*released, *done], default=NEVER)


def wish(ws: Workspace, seconds: float, *, guard: bool, tolerance: Tolerance) -> Wish | None:
    """Return what is asked for; None for no trial.

    Args:
        ws: whether Fly is simulated.
        seconds: how long to watch; 0 for not at all.
        guard: whether a regression is undone.
        tolerance: what counts as none.

    Raises:
        BadInput: a guard that does not watch, too short or too long a time, or a tolerance below nothing.
    """
    if guard and not seconds:
        raise BadInput("--guard needs to know for how long", fix="--watch 5m --guard")
    if not seconds and tolerance != Tolerance():
        raise BadInput(
            "--guard-errors and --guard-slower need to know for how long",
            meaning="without --watch nothing is compared",
            fix="--watch 5m --guard",
        )
    if seconds and not ws.sandbox and seconds < SHORTEST:
        raise BadInput(
            f"--watch {shown(seconds)} is too short",
            meaning="Fly measures every 15 seconds",
            fix="--watch 5m",
        )
    if seconds > LONGEST:
        raise BadInput(
            f"--watch {shown(seconds)} is too long",
            meaning="the deploy holds the app while it watches: nothing else could be deployed from here",
            fix=f"--watch {shown(LONGEST)} at most; `inv fly.metrics --since 6h` looks further back",
        )
    if tolerance.errors < 0 or tolerance.slower < 0:
        raise BadInput(
            "what is tolerated cannot be less than nothing", fix="--guard-errors 1 --guard-slower 50"
        )
    return Wish(seconds, guard, tolerance) if seconds else None
