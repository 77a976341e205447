"""The minutes after a release: its answers are compared with those before it."""

import msgspec

from pkg.fly.durations import shown
from pkg.fly.metrics.judging import Tolerance, Window, compared, window
from pkg.fly.metrics.prometheus import Server
from pkg.fly.metrics.questions import SHORTEST
from pkg.shell.errors import BadInput, Failure, Interrupted
from pkg.shell.workspace import Workspace

# Seconds between two words on how long it goes on.
TOLD = 15.0


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


class Tried(msgspec.Struct, frozen=True):
    """How a trial ended.

    Attributes:
        told: both times, and what got worse first.
        worse: whether something got worse than is tolerated.
        blind: whether nothing could be read.
    """

    told: list[str]
    worse: bool = False
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

    @property
    def guard(self) -> bool:
        """Whether a regression is undone."""
        return self._wish.guard

    def begin(self) -> None:
        """Ask how it was before the release.

        Raises:
            Failure: it could not be asked, and a guard that is blind must not begin.
        """
        try:
            self._before = self._window()
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
            judgement = compared(self._before, self._window(), self._wish.tolerance)
        except Interrupted:
            raise
        except Failure as failure:
            return Tried([f"the metrics since could not be read: {failure.what}"], blind=True)
        worse = bool(judgement.regressions)
        left = ["nothing was undone: that takes --guard"] if worse and not self.guard else []
        return Tried([*judgement.regressions, *left, *judgement.lines], worse=worse)

    def _wait(self) -> None:
        clock = self._ws.clock
        end = clock.monotonic() + self._wish.seconds
        with self._ws.console.progress(f"{self._app}: watching its metrics") as progress:
            while (left := end - clock.monotonic()) > 0:
                progress.update(f"{shown(left)} to go")
                clock.sleep(min(TOLD, left))

    def _window(self) -> Window:
        now = self._ws.clock.now().timestamp()
        return window(self._server, self._app, until=now, seconds=self._wish.seconds)


def wish(ws: Workspace, seconds: float, *, guard: bool, tolerance: Tolerance) -> Wish | None:
    """Return what is asked for; None for no trial.

    Args:
        ws: whether Fly is simulated.
        seconds: how long to watch; 0 for not at all.
        guard: whether a regression is undone.
        tolerance: what counts as none.

    Raises:
        BadInput: a guard that does not watch, too short a time, or a tolerance below nothing.
    """
    if guard and not seconds:
        raise BadInput("--guard needs to know for how long", fix="--watch 5m --guard")
    if seconds and not ws.sandbox and seconds < SHORTEST:
        raise BadInput(
            f"--watch {shown(seconds)} is too short",
            meaning="Fly measures every 15 seconds",
            fix="--watch 5m",
        )
    if tolerance.errors < 0 or tolerance.slower < 0:
        raise BadInput(
            "what is tolerated cannot be less than nothing", fix="--guard-errors 1 --guard-slower 50"
        )
    return Wish(seconds, guard, tolerance) if seconds else None
