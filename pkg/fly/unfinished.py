"""What is under way, or was left half done, from this checkout: no call of flyctl is needed to say so."""

from collections.abc import Sequence

import msgspec

from pkg.fly import lock
from pkg.fly.health import AppHealth, MachineHealth, app_health, one_image
from pkg.fly.image import parse, same
from pkg.fly.journal import ENDLESS, Story, entries, last_story
from pkg.fly.verdict import Verdict
from pkg.shell.errors import BadInput
from pkg.shell.redact import MASK
from pkg.shell.workspace import Workspace


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
        next: what to type; empty while it runs, and when nothing is left to do.
        begun: whether anything is known to have been begun at Fly.
        over: whether another image is on every machine by now, and well, after this one was bad.
    """

    running: bool
    task: str
    image: str
    who: str
    since: str
    step: str
    why: str = ""
    next: str = ""
    begun: bool = True
    over: bool = False

    @property
    def what(self) -> str:
        """What is not finished, and why, without what to do about it."""
        what = f"{self.task} of {_short(self.image)} by {self.who}, begun {self.since},"
        if self.running:
            return f"{what} is under way: {self.step}"
        begun = "" if self.begun else ", so nothing is known to have changed"
        return f"{what} has no end: {self.why}; the last that is known is `{self.step}`{begun}"

    def __str__(self) -> str:
        if self.over:
            return f"{self.what}. Another image is on every machine by now, and well: nothing is left to do"
        return self.what if self.running else f"{self.what}. {self.next}"


def unfinished(ws: Workspace, app: str, machines: Sequence[MachineHealth] = ()) -> Unfinished | None:
    """Return the app's deploy that has no end; None when the last one ended.

    Args:
        ws: where the journal and the locks are.
        app: the app's name.
        machines: the app's, where they are known: they tell whether a bad release is gone by now.

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
    if story.bad:
        why = f"{why}; at the last look {story.bad[0]}"
    over = _is_gone(story, machines)
    return msgspec.structs.replace(
        found, why=why, next="" if over else advice(story), begun=bool(story.steps), over=over
    )


def advice(story: Story) -> str:
    """Return what finishes a deploy or a rollback that did not end: the same again, unless it was bad.

    Args:
        story: what it did.
    """
    started, back = story.started, story.back
    app = started.app
    again = started.again or (f"inv fly.deploy -a {app}" if started.task == "fly.deploy" else "")
    if again and not _is_bad(story):
        hidden = f", with what {MASK} stands for" if MASK in again else ""
        return f"`{again}` finishes the job{hidden}"
    if version := back.version if back else started.version:
        return f"`inv fly.releases.revert v{version} -a {app}` brings the release before back"
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


def _is_bad(story: Story) -> bool:
    return bool(story.bad or story.back)


def _is_gone(story: Story, machines: Sequence[MachineHealth]) -> bool:
    """Return whether a bad release is on no machine any more, and what is there is well."""
    image = one_image(machines)
    if not _is_bad(story) or image is None or app_health(machines) is not AppHealth.HEALTHY:
        return False
    return bool(story.started.image) and not same(image, parse(story.started.image))


def _short(image: str) -> str:
    try:
        return parse(image).short
    except BadInput:
        return image or "an image"
