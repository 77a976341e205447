"""`inv fly.report`: a page that shows how everything is."""

from typing import TYPE_CHECKING

from invoke import Context

from pkg.fly.cli.options import COMMON, the_app
from pkg.shell.cli import task, workspace
from pkg.shell.errors import Failure
from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from pkg.fly.report.gather import Report


@task(
    help={
        **COMMON,
        "app": "one app only; by default every app that has a manifest here",
        "config": "the app of one manifest only",
        "output": "the file, in a folder that is there; by default report.html in the state folder",
        "since": "how far metrics look back: 30m, 6h, 2d",
        "open": "show it in the browser",
    }
)
def report(
    c: Context,
    *,
    app: str = "",
    config: str = "",
    output: str = "",
    since: str = "6h",
    open_: bool = False,
) -> None:
    """Write one HTML page on apps, machines, releases, metrics and what ends.

    It ends with 1 when the machines of an app could not be read; the page is written, and says so.
    """
    from pkg.fly.connect import connect
    from pkg.fly.durations import seconds
    from pkg.fly.manifest import find_all, read
    from pkg.fly.metrics.questions import checked_span
    from pkg.fly.report.file import place, write
    from pkg.fly.report.gather import gather
    from pkg.fly.report.page import page

    ws = workspace(c)
    back = checked_span(seconds(since, "--since"))
    path = place(ws, output)
    one = bool(app or config)
    apps = [the_app(ws, app, config)] if one else [read(each).app for each in find_all(ws.root)]
    with ws.console.progress(f"asking about {', '.join(apps)}"):
        found = gather(ws, connect(ws), apps, seconds=back)
    _tell(ws, found)
    if ws.dry:
        ws.console.say(f"would write {path}")
        return
    write(path, ws.redactor.redact(page(found)))
    ws.console.out(str(path))
    if open_:
        _open(ws, path)
    if lost := [one.app for one in found.apps if one.machines.error]:
        raise Failure(
            f"the machines of {' and '.join(lost)} could not be read",
            meaning="the page is written, and says so: how they are is not known",
            fix="`inv fly.doctor` says what is wrong",
        )


def _tell(ws: Workspace, found: "Report") -> None:
    """Say what could not be read; the page says it as well."""
    for one in found.apps:
        for name, why in one.unread.items():
            ws.console.say(f"note: {one.app}: the {name} could not be read: {why}")


def _open(ws: Workspace, path: "Path") -> None:
    import webbrowser

    if not webbrowser.open(path.as_uri()):
        ws.console.say(f"no browser was found; open {path.as_uri()} in one")
