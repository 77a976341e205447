"""How an app is, in one call of flyctl; and how all apps of the repo are, side by side."""

from collections.abc import Sequence

from msgspec import Struct, structs

from pkg.fly.client import Flyctl
from pkg.fly.health import (
    GONE,
    AppHealth,
    Condition,
    MachineHealth,
    app_health,
    judge,
    judge_deployed,
    one_image,
)
from pkg.fly.journal import entries, last_story
from pkg.fly.manifest import find_all, read, shown
from pkg.fly.seen import remember
from pkg.fly.unfinished import Unfinished, unfinished
from pkg.shell.errors import BadInput, Failure, Interrupted
from pkg.shell.parallel import each
from pkg.shell.workspace import Workspace

WORKERS = 8


class Overview(Struct, frozen=True):
    """An app at a glance.

    Attributes:
        app: its name.
        health: how it is; None when that could not be found out.
        machines: those that deploys manage.
        by_hand: those that somebody made with `machine run`.
        down: machines that the last deploy from this checkout found up and left stopped, and that still are.
        unfinished: a deploy from this checkout that has no end.
        journal_error: why it is not known whether there is such a deploy; empty when it is.
        error: why nothing is known.
    """

    app: str
    health: AppHealth | None
    machines: list[MachineHealth] = []
    by_hand: list[MachineHealth] = []
    down: list[str] = []
    unfinished: Unfinished | None = None
    journal_error: str = ""
    error: str = ""

    @property
    def well(self) -> bool:
        """Whether there is nothing to do."""
        return self.health is AppHealth.HEALTHY

    @property
    def summary(self) -> str:
        """Its health and what it runs, in a few words."""
        if self.health is None:
            return f"unknown: {self.error}"
        image = one_image(self.machines)
        count = "1 machine" if len(self.machines) == 1 else f"{len(self.machines)} machines"
        runs = f"{count} on {image.short}" if image else count
        told = [runs] if self.machines else []
        told += [f"{machine.id} {machine.condition}" for machine in self.machines if machine.bad]
        told += [f"{each} down since the last deploy" for each in self.down]
        stopped = sum(machine.condition is Condition.STOPPED for machine in self.machines) - len(self.down)
        told += [f"{stopped} stopped"] if stopped else []
        return ", ".join([str(self.health), *told])


def overview(ws: Workspace, flyctl: Flyctl, app: str) -> Overview:
    """Return how an app is.

    Raises:
        Failure: it could not be found out.
    """
    told = flyctl.status(app).machines
    machines = judge_deployed(told)
    by_hand = [judge(machine) for machine in told if not machine.group and machine.state not in GONE]
    remember(ws.state, app, [*machines, *by_hand])
    found = Overview(app=app, health=app_health(machines), machines=machines, by_hand=by_hand)
    try:
        return _with_journal(ws, found)
    except Failure as failure:  # a journal that cannot be read makes no app unwell
        return structs.replace(found, journal_error=str(failure))


def _with_journal(ws: Workspace, found: Overview) -> Overview:
    """Add what this checkout has done to the app.

    Raises:
        Failure: the journal cannot be read.
    """
    story = last_story(entries(ws), found.app)
    known = story.verdict.down if story and story.verdict else []
    down = [each.id for each in found.machines if each.id in known and each.condition is Condition.STOPPED]
    health = AppHealth.UNHEALTHY if down else found.health
    return structs.replace(
        found, health=health, down=down, unfinished=unfinished(ws, found.app, found.machines)
    )


def all_overviews(ws: Workspace, flyctl: Flyctl) -> list[Overview]:
    """Return how the app of each manifest is; a manifest that cannot be read is told in its place.

    Raises:
        BadInput: there is no manifest.
    """
    apps: list[str] = []
    broken: list[Overview] = []
    for path in find_all(ws.root):
        try:
            apps.append(read(path).app)
        except BadInput as failure:
            broken.append(Overview(shown(path, ws.root), None, error=failure.what))
    return [*overviews(ws, flyctl, apps), *broken]


def overviews(ws: Workspace, flyctl: Flyctl, apps: Sequence[str]) -> list[Overview]:
    """Return how apps are, asked side by side; what could not be found out is told in its place."""

    def look(app: str) -> Overview:
        try:
            return overview(ws, flyctl, app)
        except Interrupted:
            raise
        except Failure as failure:
            return Overview(app, None, error=failure.what)

    return each(apps, look, runner=ws.runner, at_once=WORKERS)


# What needs somebody at once comes first; None: nothing is known of it.
HARM = (
    AppHealth.UNHEALTHY,
    None,
    AppHealth.EMPTY,
    AppHealth.MIXED,
    AppHealth.PENDING,
    AppHealth.UNVERIFIED,
    AppHealth.HEALTHY,
)


def worst_first(found: Sequence[Overview]) -> list[Overview]:
    """Return apps in order of harm, alike ones by name."""
    return sorted(found, key=lambda each: (HARM.index(each.health), each.app))
