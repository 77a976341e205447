"""`inv history`: what this checkout did to Fly."""

from typing import TYPE_CHECKING

from invoke import Context

from pkg.fly.cli.options import JSON
from pkg.shell.cli import task, workspace
from pkg.shell.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pkg.fly.journal import Entry, Story


@task(help={"app": "one app only", "limit": "how many runs, the newest last", "json": JSON})
def history(c: Context, app: str = "", limit: int = 20, json: bool = False) -> None:
    """Show what this checkout ran on Fly, and how it ended."""
    from msgspec import structs

    from pkg.fly import journal
    from pkg.fly.unfinished import is_running

    ws = workspace(c)
    if limit < 1:
        raise BadInput(f"--limit {limit} leaves nothing to show", fix="give it 1 or more")
    entries = newest([entry for entry in journal.entries(ws) if app in {"", entry.app}], limit)
    if json:
        typed = ws.console.advice
        ws.console.json(
            [structs.replace(each, next=typed(each.next), again=typed(each.again)) for each in entries]
        )
        return
    for lines in runs(entries, lambda story: is_running(ws, story)):
        ws.console.out(ws.console.advice("\n".join(lines)))
    if not entries:
        ws.console.say(f"nothing was run {f'on {app} ' if app else ''}from here yet")


def newest(entries: "Sequence[Entry]", limit: int) -> "list[Entry]":
    """Return the entries of so many of the newest runs: all of one deploy are one, told by its id.

    Args:
        entries: oldest first.
        limit: how many runs.
    """
    runs = [entry.id or number for number, entry in enumerate(entries)]
    kept = set(list(dict.fromkeys(runs))[-limit:])
    return [entry for entry, run in zip(entries, runs, strict=True) if run in kept]


def runs(entries: "Sequence[Entry]", running: "Callable[[Story], bool]") -> "Iterator[list[str]]":
    """Return each run for people, in the order of their first entries.

    Args:
        entries: oldest first.
        running: whether the process of a deploy still works on it.
    """
    from pkg.fly import journal

    stories = {story.started.id: story for story in journal.stories(entries)}
    for entry in entries:
        if entry.kind == journal.RAN:
            yield ran_lines(entry)
        elif entry.kind == journal.STARTED:
            story = stories[entry.id]
            yield story_lines(story, running=running(story))


def story_lines(story: "Story", *, running: bool = False) -> list[str]:
    """Return a deploy or a rollback for people: how it ended, then each command.

    Args:
        story: what the journal has of it.
        running: whether its process still works on it: then it has no end yet.
    """
    from pkg.fly.journal import ENDLESS

    started, verdict = story.started, story.verdict
    if verdict:
        worse = ", answered worse" if verdict.worse else ""
        ended = f"{verdict.verdict}{worse} (exit {verdict.code}, {verdict.seconds:.0f} s)"
    else:
        ended = "it is under way" if running else ENDLESS
    lines = [f"{_when(started)}  {started.task} {started.app}: {ended}", f"    image {started.image}"]
    lines += [_within(f"forced {name}: {reason}") for name, reason in started.forced.items()]
    for step in story.steps:
        if step.argv:
            lines.append(_within(f"$ {step.argv}"))
        elif step.code is not None:
            how = "ok" if step.code == 0 else f"no ({step.code})"
            lines.append(f"    {step.step}: {how} after {step.seconds:.1f} s")
    where = f"{'it is at' if running else 'the last that is known is'} {story.stopped_at}"
    notes = verdict.notes if verdict else [where, *story.bad]
    next_ = [_within(f"next: {verdict.next}")] if verdict and verdict.next else []
    return [*lines, *(_within(f"- {note}") for note in notes), *next_]


def ran_lines(entry: "Entry") -> list[str]:
    """Return a task of one step for people."""
    ended = entry.verdict or ("ok" if not entry.code else "failed")
    lines = [
        f"{_when(entry)}  {entry.task} {entry.app}: {ended} (exit {entry.code or 0}, {entry.seconds:.0f} s)"
    ]
    lines += [_within(f"$ {entry.argv}")] if entry.argv else []
    return lines + [_within(f"- {note}") for note in entry.notes]


def _within(text: str) -> str:
    """Return what belongs to a run, indented, its further lines as well: no text looks like another run."""
    lines = ["".join(each if each.isprintable() else " " for each in line) for line in text.splitlines()]
    return "    " + "\n      ".join(lines)


def _when(entry: "Entry") -> str:
    return entry.at[:19].replace("T", " ")
