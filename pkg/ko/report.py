"""What was published, whether the registry still has it, and what each app runs: gathered, and told."""

from collections.abc import Callable

import msgspec

from pkg.fly.client import Flyctl
from pkg.fly.connect import TOKENS
from pkg.fly.image import Record, read_record
from pkg.ko import APPS, fleet, registry, source
from pkg.ko.fleet import Running
from pkg.shell.console import Console
from pkg.shell.environment import REFERENCE
from pkg.shell.errors import Failure, Interrupted
from pkg.shell.workspace import Workspace


class Report(msgspec.Struct, frozen=True):
    """The state of core's image.

    Attributes:
        published: the record; None when nothing was published yet.
        in_registry: whether the registry has it; None when that is not known.
        registry_trouble: why it is not known.
        commits_since: commits that changed core/ since; None when it has no commit in this checkout.
        apps: what each app runs.
        simulated: whether Fly is simulated.
    """

    published: Record | None
    in_registry: bool | None
    registry_trouble: str
    commits_since: int | None
    apps: list[Running]
    simulated: bool

    @property
    def differs(self) -> bool:
        """Whether an app runs another image than what was published."""
        return any(each.published is False for each in self.apps)

    @property
    def trouble(self) -> bool:
        """Whether the image is gone, or an app could not be asked."""
        return self.in_registry is False or any(each.trouble for each in self.apps)


def gather(ws: Workspace, connect: Callable[[Workspace], Flyctl]) -> Report:
    """Ask everything; what cannot be asked is said in the report, and hides nothing else.

    Args:
        ws: the workspace.
        connect: returns flyctl; the record and the registry need none.

    Raises:
        BadInput: the record cannot be read.
    """
    record = read_record(ws.root, ws.state, simulated=ws.sandbox)
    flyctl = _connected(ws, connect)
    there, trouble = _in_registry(ws, flyctl, record)
    return Report(
        published=record,
        in_registry=there,
        registry_trouble=trouble,
        commits_since=_commits_since(ws, record),
        apps=fleet.running(ws, flyctl, record, APPS),
        simulated=ws.sandbox,
    )


def _connected(ws: Workspace, connect: Callable[[Workspace], Flyctl]) -> Flyctl | Failure:
    """Return flyctl, or why there is none, which is said here."""
    try:
        return connect(ws)
    except Interrupted:
        raise
    except Failure as failure:
        ws.console.say(f"error: {failure}")
        return failure


def show(console: Console, report: Report) -> None:
    """Tell a report to people."""
    for line in _lines(report):
        console.out(console.advice(line))
    rows = [(each.app, str(each.machines), _state(each), "\n".join(each.images)) for each in report.apps]
    console.table(("app", "machines", "runs", "image"), rows)
    if any(each.against and each.published is False for each in report.apps):
        console.say("next: `inv core.publish` a better one; `inv core.promote` would try this one again")
    elif report.differs:
        console.say("next: `inv core.promote` brings what was published to each app")


def _lines(report: Report) -> list[str]:
    record = report.published
    if record is None:
        return ["nothing was published yet: `inv core.publish`"]
    lines = [
        f"published  {record.ref}",
        f"           {record.published:%Y-%m-%d %H:%M} UTC, {_made(record)}",
        f"           {_registry_words(report)}",
        *(f"           {each.app}: {each.against}" for each in report.apps if each.against),
    ]
    if not record.of_commit:
        return lines
    if report.commits_since is None:
        lines.append("           its commit is not in this checkout")
    elif report.commits_since:
        count = report.commits_since
        lines.append(
            f"           core/ has {count} newer commit{'s' if count > 1 else ''}: `inv core.publish`"
        )
    return lines


def _made(record: Record) -> str:
    if not record.of_commit:
        return "simulated: of no commit"
    by = "simulated: ko did not run" if record.simulated else f"by ko {record.ko}"
    return f"{by}, from {'a dirty tree at ' if record.dirty else ''}{record.commit[:12]}"


def _commits_since(ws: Workspace, record: Record | None) -> int | None:
    if record is None or not record.of_commit:
        return None
    return source.commits_since(ws.runner, record.commit, "core")


def _registry_words(report: Report) -> str:
    if report.in_registry is None:
        return f"whether the registry has it is not known: {report.registry_trouble}"
    if report.simulated and report.in_registry:
        return "the simulated registry has it, as it has all that nobody made missing"
    return "the registry has it" if report.in_registry else "the registry has it no more: publish it again"


def _state(running: Running) -> str:
    if running.trouble:
        return f"not known: {running.trouble}"
    if running.published is None:
        return "nothing was published yet"
    return "what was published" if running.published else "another image"


def _in_registry(ws: Workspace, flyctl: Flyctl | Failure, record: Record | None) -> tuple[bool | None, str]:
    """Return whether the registry has what was published; None, and why, when that is not known."""
    if record is None:
        return None, ""
    try:
        if ws.sandbox:
            return _simulation_has(flyctl, record), ""
        return registry.has(record.image, _token(ws), ws.environment.variables), ""
    except Interrupted:
        raise
    except Failure as failure:
        return None, failure.what


def _token(ws: Workspace) -> str:
    """Return the token that flyctl works with, which may still have to be fetched from 1Password."""
    if any(ws.environment.get(name).startswith(REFERENCE) for name in TOKENS):
        ws.environment.resolve(ws.runner)
    return next((token for name in TOKENS if (token := ws.environment.get(name))), "")


def _simulation_has(flyctl: Flyctl | Failure, record: Record) -> bool:
    """Ask the simulated flyctl, which knows the simulated images; there is no registry to ask."""
    if isinstance(flyctl, Failure):
        raise flyctl
    try:
        flyctl.find_image(record.app, "fly.toml", record.ref)
    except Failure as failure:
        if "could not find image" in str(failure).lower():
            return False
        raise
    return True
