"""What is under way, or was left half done, from this checkout: no call of flyctl is needed to say so."""

from collections.abc import Collection

import msgspec

from pkg.fly import lock
from pkg.fly.image import parse
from pkg.fly.journal import ENDLESS, Story, entries, last_story
from pkg.fly.verdict import Verdict
from pkg.shell.errors import BadInput
from pkg.shell.workspace import Workspace

# What a deploy does only to a release that is bad: to deploy it again would bring it back.
UNDOING = frozenset({"restart", "watch the restart", "rollback", "watch the rollback"})


class Unfinished(msgspec.Struct, frozen=True):
    """A deploy or a rollback without an end.

    Attributes:
        running: whether its process still lives.
        task: the task.
        image: what is deployed.
        who: user and host.
        since: when it began, RFC 3339.
        step: the last thing that it is known to have done.
        why: why it has no end; empty while it runs.
        next: what to type; empty while it runs.
    """

    running: bool
    task: str
    image: str
    who: str
    since: str
    step: str
    why: str = ""
    next: str = ""

    @property
    def what(self) -> str:
        """What is not finished, and why, without what to do about it."""
        what = f"{self.task} of {_short(self.image)} by {self.who}, begun {self.since},"
        if self.running:
            return f"{what} is under way: {self.step}"
        return f"{what} has no end: {self.why}; the last that is known is `{self.step}`"

    def __str__(self) -> str:
        return self.what if self.running else f"{self.what}. {self.next}"


def unfinished(ws: Workspace, app: str) -> Unfinished | None:
    """Return the app's deploy that has no end; None when the last one ended.

    Raises:
        Failure: the journal cannot be read.
    """
    held = lock.other_holder(ws.state / lock.FOLDER, app)
    story = last_story(entries(ws), app)
    running = bool(held and held[1])
    if story is None or is_ended(story):
        if held is None or not running:
            return None
        holder = held[0]
        return Unfinished(running, holder.task, holder.image, holder.who, holder.since, "its checks")
    started = story.started
    found = Unfinished(running, started.task, started.image, started.who, started.at, story.stopped_at)
    if running:
        return found
    why = "it was interrupted" if story.verdict else ENDLESS
    next_ = advice(app, started.task, {step.step for step in story.steps}, started.version)
    return msgspec.structs.replace(found, why=why, next=next_)


def advice(app: str, task: str, steps: Collection[str], version: int) -> str:
    """Return what finishes a deploy or a rollback that did not end.

    Args:
        app: the app's name.
        task: the task that did not end.
        steps: what it had begun.
        version: the release to go back to, see `Entry`; 0 when that is not known.
    """
    undoing = not UNDOING.isdisjoint(steps)
    if task == "fly.deploy" and not undoing:
        return f"`inv fly.deploy -a {app}` finishes the job"
    if version and task == "fly.deploy":
        return f"`inv fly.releases.revert v{version} -a {app}` brings the release before back"
    if version and not undoing:
        return f"`inv fly.releases.revert v{version} -a {app}` finishes the job"
    return (
        f"`inv fly.releases.revert VERSION -a {app}` brings a good release back, "
        f"`inv fly.releases -a {app}` tells which"
    )


def is_running(ws: Workspace, story: Story) -> bool:
    """Return whether the process that began a deploy still holds the app's lock for it."""
    if story.verdict is not None:
        return False
    held = lock.holder(ws.state / lock.FOLDER, story.started.app)
    return held is not None and held[1] and held[0].pid == story.started.pid


def is_ended(story: Story) -> bool:
    """Return whether a deploy came to a verdict that is not an interruption."""
    return story.verdict is not None and story.verdict.verdict != Verdict.INTERRUPTED


def _short(image: str) -> str:
    try:
        return parse(image).short
    except BadInput:
        return image or "an image"
