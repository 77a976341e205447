"""`inv fly.metrics`: what the machines measured, as charts."""

from typing import TYPE_CHECKING, Any

from invoke import Context

from pkg.fly.cli.options import COMMON, JSON, the_app
from pkg.shell.cli import end, task, workspace
from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pkg.fly.metrics.chart import Look
    from pkg.fly.metrics.measures import Measured
    from pkg.fly.metrics.work import Source

# Seconds between two looks: Fly has nothing new more often.
AGAIN = 15.0


@task(
    help={
        **COMMON,
        "since": "how far to look back: 30m, 1h, 2d; Fly keeps about 15 days",
        "watch": "show it again and again, until Ctrl-C",
        "png": "draw it into this file as well; needs matplotlib",
        "json": JSON,
    }
)
def metrics(
    c: Context,
    *,
    app: str = "",
    config: str = "",
    since: str = "1h",
    watch: bool = False,
    png: str = "",
    json: bool = False,
) -> None:
    """Show CPU, memory, network, HTTP status and latency by machine."""
    from pkg.fly.connect import connect
    from pkg.fly.durations import seconds
    from pkg.fly.metrics.chart import Look
    from pkg.fly.metrics.questions import checked_span
    from pkg.fly.metrics.work import opened

    ws = workspace(c)
    back = checked_span(seconds(since, "--since"))
    picture = _picture_file(png)
    name = the_app(ws, app, config)
    look = Look(width=ws.console.width, colour=ws.console.terminal)
    with opened(ws, connect(ws), name) as source:

        def show(shown: Workspace) -> int:
            return _show(shown, source, back, look, picture, json=json)

        end(_watch(ws, show) if watch else show(ws))


def _watch(ws: Workspace, show: "Callable[[Workspace], int]") -> int:
    from pkg.fly.cli import watching
    from pkg.fly.connect import tick
    from pkg.fly.metrics.failures import Away, NoData

    return watching.watch(ws, show, tick(ws) if ws.sandbox else AGAIN, bearable=(Away, NoData))


def _show(
    ws: Workspace, source: "Source", back: float, look: "Look", picture: "Path | None", *, json: bool
) -> int:
    from pkg.fly.metrics.measures import required
    from pkg.fly.metrics.panels import scene
    from pkg.fly.metrics.png import save

    found = source.measure(back)
    if json:
        ws.console.json(as_json(found))
        required(found)
    else:
        _draw(ws, required(found), look)
    if picture:
        save(picture, scene(found))
        ws.console.say(f"wrote {picture}")
    return 0


def _draw(ws: Workspace, found: "Measured", look: "Look") -> None:
    from pkg.fly.durations import shown
    from pkg.fly.metrics import panels
    from pkg.fly.metrics.chart import drawn

    ws.console.out(f"{found.app}: the last {shown(found.span.end - found.span.start)}, times in UTC")
    ws.console.out(drawn(panels.scene(found), look))
    ws.console.out()
    ws.console.table(panels.COLUMNS, panels.rows(found))
    statuses = panels.statuses(found)
    if statuses:
        shares = ", ".join(f"{status} {panels.number(share)}%" for status, share in statuses.items())
        ws.console.out(f"HTTP answers: {shares}")
    for mark in found.marks:
        ws.console.out(f"release {mark.text} ({mark.status}): {mark.image}")


def _picture_file(png: str) -> "Path | None":
    """Return the file that `--png` names, which can be drawn."""
    from pathlib import Path

    from pkg.fly.metrics.png import require

    if not png:
        return None
    path = Path(png).expanduser()
    require(path)
    return path


def as_json(found: "Measured") -> dict[str, Any]:
    """Return what was measured for programs: each quantity with its unit, each line with its machine."""
    units = {
        "cpu": "percent",
        "memory": "bytes",
        "memory_total": "bytes",
        "received": "bytes per second",
        "sent": "bytes per second",
        "responses": "answers per second",
        "latency_p50": "seconds",
        "latency_p95": "seconds",
    }
    return {
        "app": found.app,
        "organization": found.organization,
        "start": found.span.start,
        "end": found.span.end,
        "step": found.span.step,
        "releases": [
            {"at": mark.at, "version": mark.version, "status": mark.status, "image": mark.image}
            for mark in found.marks
        ],
        "metrics": {name: {"unit": unit, "lines": getattr(found, name)} for name, unit in units.items()},
    }
