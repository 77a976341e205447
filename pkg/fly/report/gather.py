"""All that the page shows, asked at once; what cannot be read is told in its place."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from pkg.fly.certificates import Certificate
from pkg.fly.certificates import judge as judge_certificate
from pkg.fly.client import Flyctl
from pkg.fly.health import GONE, AppHealth, MachineHealth, app_health, judge, judge_deployed
from pkg.fly.journal import Entry, entries
from pkg.fly.metrics import source
from pkg.fly.metrics.measures import Measured, measure
from pkg.fly.metrics.prometheus import Server, authorization
from pkg.fly.models import Machine, Release, Status, Volume
from pkg.fly.overview import HARM
from pkg.fly.tokens import Row
from pkg.fly.tokens import rows as token_rows
from pkg.shell.errors import Failure, Interrupted
from pkg.shell.parallel import each
from pkg.shell.workspace import Workspace

T = TypeVar("T")


@dataclass(frozen=True)
class Part(Generic[T]):
    """An answer, or why there is none."""

    value: T | None = None
    error: str = ""


@dataclass(frozen=True)
class AppReport:
    """One app.

    Attributes:
        app: its name.
        machines: the app and its machines, as Fly tells them.
        releases: the last ones, newest first.
        volumes: all of them.
        certificates: all of them, judged.
        tokens: all of them, without their values.
        metrics: what the machines measured.
    """

    app: str
    machines: Part[Status]
    releases: Part[list[Release]]
    volumes: Part[list[Volume]]
    certificates: Part[list[Certificate]]
    tokens: Part[list[Row]]
    metrics: Part[Measured] = Part()

    @property
    def found(self) -> list[Machine]:
        """The machines that are there."""
        every = self.machines.value.machines if self.machines.value else []
        return [machine for machine in every if machine.state not in GONE]

    @property
    def health(self) -> list[MachineHealth]:
        """The machines that deploys manage, judged."""
        return judge_deployed(self.found)

    @property
    def by_hand(self) -> list[MachineHealth]:
        """The machines that somebody made."""
        return [judge(one) for one in self.found if not one.group]

    @property
    def condition(self) -> AppHealth | None:
        """How the app is; None when that is not known."""
        return app_health(self.health) if self.machines.value else None

    @property
    def unread(self) -> dict[str, str]:
        """What could not be read, and why."""
        parts: dict[str, Part[Any]] = {
            "machines": self.machines,
            "releases": self.releases,
            "volumes": self.volumes,
            "certificates": self.certificates,
            "tokens": self.tokens,
            "metrics": self.metrics,
        }
        return {name: part.error for name, part in parts.items() if part.error}


@dataclass(frozen=True)
class Report:
    """Everything on the page.

    Attributes:
        at: when it was asked.
        simulated: whether it is of the simulated Fly.
        flyctl: flyctl's version.
        apps: each app, the worst first.
        journal: what was done from this checkout.
        seconds: how far metrics look back.
    """

    at: datetime
    simulated: bool
    flyctl: str
    apps: list[AppReport]
    journal: list[Entry]
    seconds: float


Asks = dict[str, Callable[[], Any]]


def gather(ws: Workspace, flyctl: Flyctl, apps: Sequence[str], *, seconds: float) -> Report:
    """Return all that is on the page.

    Args:
        ws: where to ask.
        flyctl: asked for all but the metrics.
        apps: the apps' names.
        seconds: how far metrics look back.

    Raises:
        Failure: not one app could be read.
    """
    with contextlib.ExitStack() as stack:
        measured = _metrics(ws, flyctl, stack, seconds)
        questions = {app: _asks(ws, flyctl, app) for app in apps}
        jobs = [(app, name, ask) for app, asks in questions.items() for name, ask in asks.items()]
        found = dict(
            zip(
                [(app, name) for app, name, _ in jobs],
                each([ask for _, _, ask in jobs], _answer, runner=ws.runner),
                strict=True,
            )
        )
        asked = [AppReport(app, **{name: found[app, name] for name in questions[app]}) for app in apps]
        metrics = each(asked, lambda one: _answer(lambda: measured(one)), runner=ws.runner)
    reports = [replace(one, metrics=part) for one, part in zip(asked, metrics, strict=True)]
    if reports and all(report.machines.error for report in reports):
        raise Failure(
            f"no app could be read: {reports[0].machines.error}",
            meaning="there is nothing to show",
            fix="`inv fly.doctor` says what is wrong",
        )
    reports.sort(key=lambda report: (HARM.index(report.condition), report.app))
    return Report(
        at=ws.clock.now(),
        simulated=ws.sandbox,
        flyctl=flyctl.version_name,
        apps=reports,
        journal=entries(ws),
        seconds=seconds,
    )


def _asks(ws: Workspace, flyctl: Flyctl, app: str) -> Asks:
    return {
        "machines": lambda: flyctl.status(app),
        "releases": lambda: flyctl.releases(app),
        "volumes": lambda: flyctl.volumes_list(app),
        "certificates": lambda: _certificates(ws, flyctl, app),
        "tokens": lambda: token_rows(flyctl.tokens_list(app)),
    }


def _answer(ask: Callable[[], T]) -> Part[T]:
    try:
        return Part(ask())
    except Interrupted:
        raise
    except Failure as failure:
        return Part(error=failure.what)


def _metrics(
    ws: Workspace, flyctl: Flyctl, stack: contextlib.ExitStack, seconds: float
) -> Callable[[AppReport], Measured]:
    """Return what measures an app; when that cannot be, it fails for each app in the same words."""
    try:
        token = source.token(ws, flyctl)
        base = stack.enter_context(source.base(ws))
    except Interrupted:
        raise
    except Failure as failure:
        error = failure

        def fail(_: AppReport) -> Measured:
            raise error

        return fail

    def measured(one: AppReport) -> Measured:
        if one.machines.value is None:
            raise Failure(f"whose app it is could not be read: {one.machines.error}")
        owner = one.machines.value.organization.slug
        server = Server(base, owner, authorization(token), ws.environment.variables)
        now = ws.clock.now().timestamp()
        return measure(server, one.app, one.releases.value or [], now=now, seconds=seconds)

    return measured


def _certificates(ws: Workspace, flyctl: Flyctl, app: str) -> list[Certificate]:
    now = ws.clock.now()
    listed = flyctl.certs_list(app)
    return [judge_certificate(app, flyctl.certs_check(app, one.hostname), now=now) for one in listed]
