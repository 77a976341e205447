"""Writing a deploy into the journal while it goes on."""

import msgspec

from pkg.fly.journal import STARTED, STEP, VERDICT, Entry, Journal
from pkg.fly.verdict import Outcome
from pkg.shell.clock import Clock
from pkg.shell.console import Console
from pkg.shell.errors import Failure


class Recorder:
    """Writes the entries of one deploy.

    The first one must succeed, or nothing is begun. A later one that cannot be written (a full disk) is
    told, and the deploy goes on: stopping half-way would be worse.

    Args:
        journal: where to.
        clock: tells when.
        console: tells what could not be written.
        base: what all entries share: id, app, task and who.
    """

    def __init__(self, journal: Journal, clock: Clock, console: Console, base: Entry) -> None:
        self._journal = journal
        self._clock = clock
        self._console = console
        self._base = base
        self._began = clock.monotonic()
        self._step_began = self._began
        self.step = ""

    @property
    def id(self) -> str:
        """The name of the deploy."""
        return self._base.id

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return round(self._clock.monotonic() - self._began, 1)

    def started(self, entry: Entry) -> None:
        """Say that it begins.

        Raises:
            Failure: it cannot be written; nothing must be begun.
        """
        self._journal.append(self._completed(entry, STARTED))

    def begin(self, step: str, argv: str = "") -> None:
        """Say that a step begins."""
        self.step = step
        self._step_began = self._clock.monotonic()
        self._write(Entry(step=step, argv=argv), STEP)

    def done(self, code: int = 0) -> None:
        """Say that the step has ended."""
        seconds = round(self._clock.monotonic() - self._step_began, 1)
        self._write(Entry(step=self.step, code=code, seconds=seconds), STEP)

    def verdict(self, outcome: Outcome, verified: Entry) -> None:
        """Say how it ended.

        Args:
            outcome: the verdict.
            verified: the image that was proven healthy, and its manifest; empty fields for none.
        """
        entry = msgspec.structs.replace(
            verified,
            image=outcome.image,
            verdict=outcome.verdict,
            code=outcome.exit_code,
            seconds=outcome.seconds,
            notes=outcome.notes,
        )
        self._write(entry, VERDICT)

    def _write(self, entry: Entry, kind: str) -> None:
        try:
            self._journal.append(self._completed(entry, kind))
        except Failure as failure:
            self._console.say(f"warning: {failure}")

    def _completed(self, entry: Entry, kind: str) -> Entry:
        base = self._base
        at = self._clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
        return msgspec.structs.replace(
            entry, at=at, kind=kind, task=base.task, app=base.app, id=base.id, who=base.who, pid=base.pid
        )
