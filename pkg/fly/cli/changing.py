"""What tasks that change something share: watching with progress, and telling and noting how it ended."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pkg.fly.cli.options import APP, CONFIG, JSON, WAIT, YES
from pkg.shell.cli import end
from pkg.shell.errors import BadInput
from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    from pkg.fly.machines.work import Outcome, Work

WAIT_SECONDS = 300  # as long as flyctl waits by itself
HELP = {"app": APP, "config": CONFIG, "json": JSON, "yes": YES, "wait_timeout": WAIT}


def helped(*names: str, **more: str) -> dict[str, str]:
    """Return the help of a task's options: of shared ones by name, of its own by their words."""
    return {**{name: HELP[name] for name in ("app", "config", *names)}, **more}


def require_seconds(option: str, seconds: int) -> None:
    """Check a number of seconds.

    Raises:
        BadInput: it is less than one, or more than a day.
    """
    if not 1 <= seconds <= 24 * 3600:
        raise BadInput(
            f"{option} {seconds} is no number of seconds from 1 to a day", meaning="nothing was started"
        )


def require_days(option: str, days: int) -> None:
    """Check a number of days.

    Raises:
        BadInput: it is negative, or more than ten years.
    """
    if not 0 <= days <= 3650:
        raise BadInput(
            f"{option} {days} is no number of days from 0 to ten years", meaning="nothing was started"
        )


@contextmanager
def working(ws: Workspace, app: str, label: str, wait_timeout: int) -> Iterator["Work"]:
    """Give what works on an app's machines, with a progress line while it lasts.

    Args:
        ws: where to run.
        app: the app's name.
        label: what is being done, for the progress.
        wait_timeout: seconds to wait for the machines.

    Raises:
        BadInput: the seconds are none.
        Failure: flyctl cannot be used.
    """
    from pkg.fly.connect import connect, tick
    from pkg.fly.machines.work import Work
    from pkg.fly.waiting import Pace

    require_seconds("--wait-timeout", wait_timeout)
    flyctl = connect(ws)
    pace = Pace.of(min(tick(ws), wait_timeout / 3), wait_timeout)
    with ws.console.progress(label) as progress:
        yield Work(flyctl, app, pace=pace, say=ws.console.say, show=progress.update, dry=ws.dry)


def finish(
    ws: Workspace,
    task: str,
    app: str,
    outcomes: Sequence["Outcome"],
    *,
    json: bool,
    began: float,
    notes: Sequence[str] = (),
) -> None:
    """Tell how each machine ended, note it in the journal, and end with 1 when one is not where it should be.

    Args:
        ws: where to tell and note it.
        task: the task's name.
        app: the app's name.
        outcomes: how each machine ended.
        json: tell it as JSON.
        began: when the task began.
        notes: what else the journal shall know.

    Raises:
        invoke.Exit: one of them failed.
    """
    if ws.dry:
        return
    failed = [outcome for outcome in outcomes if not outcome.ok]
    ends = [f"{outcome.id}: {outcome.words}" for outcome in outcomes]
    note(ws, task, app, [*notes, *ends], code=1 if failed else 0, began=began)
    rows = [(outcome.id, "done" if outcome.ok else "failed", outcome.words) for outcome in outcomes]
    with ws.console.verdict():
        if json:
            ws.console.json([outcome.row() for outcome in outcomes])
        elif rows:
            ws.console.table(("MACHINE", "RESULT", "STATE"), rows)
    for outcome in failed:
        if outcome.failure:
            ws.console.say(f"error: {outcome.failure}")
    end(1 if failed else 0)


def note(
    ws: Workspace, task: str, app: str, notes: Sequence[str], *, code: int = 0, began: float = 0.0
) -> None:
    """Write into the journal what a task did; that it cannot be written is told, and no reason to fail."""
    from pkg.fly import recorder
    from pkg.fly.journal import Entry

    if ws.dry:
        return
    entry = Entry(
        task=task,
        app=app,
        argv=ws.runner.redacted(["inv", *sys.argv[1:]]),
        code=code,
        seconds=round(ws.clock.monotonic() - began, 1) if began else 0.0,
        notes=list(notes),
    )
    recorder.note(ws, entry)


def stamp(ws: Workspace) -> str:
    """Return the present moment, RFC 3339."""
    from pkg.fly.moments import written

    return written(ws.clock.now())
