"""Writing into the journal: a deploy while it goes on, and what took one step or did not even begin."""

import contextlib
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from pkg.fly.journal import GO_BACK, RAN, STARTED, STEP, VERDICT, Entry, Journal, Story
from pkg.fly.moments import written
from pkg.fly.refusals import reasons
from pkg.fly.verdict import Outcome, Verdict
from pkg.shell.clock import Clock
from pkg.shell.console import Console
from pkg.shell.errors import Failure, Interrupted, Refused
from pkg.shell.workspace import Workspace


def who(ws: Workspace) -> str:
    """Return who runs this: user and host."""
    user = ws.environment.get("USER") or ws.environment.get("LOGNAME") or f"uid {os.getuid()}"
    return f"{user}@{platform.node()}"


def note(ws: Workspace, entry: Entry) -> None:
    """Write what a task did in one step; that it cannot be written is told, and no reason to fail.

    Args:
        ws: where the journal is.
        entry: the task, the app and how it went; when, and by whom, is filled in.
    """
    at, pid = written(ws.clock.now()), os.getpid()
    try:
        Journal.of(ws).append(msgspec.structs.replace(entry, at=at, kind=RAN, who=who(ws), pid=pid))
    except Failure as failure:
        ws.console.say_once(f"warning: {failure}")


@dataclass
class Attempt:
    """What was tried.

    Attributes:
        image: what was to be released; empty until that is known.
    """

    image: str = ""


@contextlib.contextmanager
def attempt(ws: Workspace, task: str, app: str) -> Iterator[Attempt]:
    """Keep in the journal that a task ended before it changed anything; what is begun has a `Recorder`.

    Args:
        ws: where the journal is.
        task: the task.
        app: the app's name.

    Raises:
        Interrupted: a Ctrl-C came; it says that nothing was changed.
    """
    began, tried = ws.clock.monotonic(), Attempt()
    try:
        yield tried
    except (Failure, KeyboardInterrupt) as ended:
        took = round(ws.clock.monotonic() - began, 1)
        ended_as = msgspec.structs.replace(_ended(ended), task=task, app=app, image=tried.image, seconds=took)
        note(ws, ended_as)
        if isinstance(ended, KeyboardInterrupt | Interrupted):
            what = ended.what if isinstance(ended, Interrupted) else "interrupted"
            raise Interrupted(what, meaning=f"nothing was changed on {app}") from None
        raise


def _ended(ended: Failure | KeyboardInterrupt) -> Entry:
    if isinstance(ended, KeyboardInterrupt | Interrupted):
        return Entry(code=Interrupted.exit_code, verdict=Verdict.INTERRUPTED)
    verdict = Verdict.REFUSED if isinstance(ended, Refused) else ""
    return Entry(code=ended.exit_code, verdict=verdict, notes=reasons(ended))


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
        self._start = base
        self._steps: list[Entry] = []

    @property
    def story(self) -> Story:
        """What has happened so far, as the journal tells it."""
        return Story(self._start, tuple(self._steps), None)

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
        self._start = self._completed(entry, STARTED)
        self._journal.append(self._start)

    def begin(self, step: str, argv: str = "") -> None:
        """Say that a step begins."""
        self._begin(Entry(step=step, argv=argv))

    def going_back(self, image: str, version: int) -> None:
        """Say that an earlier image is brought back from here on.

        Args:
            image: the image.
            version: its release; 0 when that is not known.
        """
        self._begin(Entry(step=GO_BACK, image=image, version=version))

    def done(self, code: int = 0, bad: Sequence[str] = ()) -> None:
        """Say that the step has ended, and what was wrong with machines that run the image."""
        seconds = round(self._clock.monotonic() - self._step_began, 1)
        self._step(Entry(step=self.story.stopped_at, code=code, seconds=seconds, bad=list(bad)))

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
            worse=outcome.worse,
            blameless=outcome.blameless,
            down=outcome.down,
            next=outcome.next,
        )
        self._write(entry, VERDICT)

    def _begin(self, entry: Entry) -> None:
        self._step_began = self._clock.monotonic()
        self._step(entry)

    def _step(self, entry: Entry) -> None:
        self._steps.append(entry)
        self._write(entry, STEP)

    def _write(self, entry: Entry, kind: str) -> None:
        try:
            self._journal.append(self._completed(entry, kind))
        except Failure as failure:
            self._console.say_once(f"warning: {failure}")

    def _completed(self, entry: Entry, kind: str) -> Entry:
        base = self._base
        at = written(self._clock.now())
        return msgspec.structs.replace(
            entry, at=at, kind=kind, task=base.task, app=base.app, id=base.id, who=base.who, pid=base.pid
        )
