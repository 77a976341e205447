"""`inv fly.logs`: what an app says."""

from typing import TYPE_CHECKING

from invoke import Context

from pkg.fly.cli.options import COMMON, the_app
from pkg.shell.cli import end, task, workspace
from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    from pkg.fly.log_lines import Choice
    from pkg.fly.models import LogLine

# The guide's word for what flyctl does anyway; flyctl itself refuses it (recorded: daily.json).
TAIL = frozenset({"--tail", "--tail=true"})


@task(
    passes_on=True,
    help={
        **COMMON,
        "instance": "one machine only",
        "json": "one JSON object for each line",
        "since": "not before this: 10m, 2h, 1d, or a moment",
        "grep": "only messages in which this regular expression is found",
        "region": "only machines in this region",
    },
)
def logs(
    c: Context,
    *,
    app: str = "",
    config: str = "",
    instance: str = "",
    since: str = "",
    grep: str = "",
    region: str = "",
    json: bool = False,
) -> None:
    """Follow an app's logs until Ctrl-C; `-- --no-tail` ends by itself."""
    from pkg.fly import argv
    from pkg.fly.connect import connect
    from pkg.fly.log_lines import choice
    from pkg.shell.errors import Interrupted

    ws = workspace(c)
    wanted = choice(since=since, grep=grep, region=region, now=ws.clock.now())
    name = the_app(ws, app, config)
    connect(ws)
    passthrough = [word for word in ws.passthrough if word not in TAIL]
    if len(passthrough) < len(ws.passthrough):
        ws.console.say("note: --tail was left out, logs are followed anyway; `-- --no-tail` ends by itself")
    chosen = bool(since or grep or region)
    command = argv.logs(name, instance=instance, json=json or chosen, passthrough=passthrough)
    try:
        if chosen:
            _choose(ws, command, wanted, json=json)
        else:
            end(ws.runner.stream(command).code)
    except Interrupted as stop:
        raise Interrupted(f"stopped following the logs of {name}") from stop


def _choose(ws: Workspace, command: list[str], wanted: "Choice", *, json: bool) -> None:
    """Follow the logs and show the lines that are wanted, until nobody reads them any more."""
    from pkg.fly.log_lines import Reader, shown

    def take(line: "LogLine", whole: str) -> bool:
        if wanted.wants(line):
            ws.console.out(whole if json else shown(line))
        return not ws.console.unread

    result = ws.runner.lines(command, Reader(take).feed)
    end(0 if ws.console.unread else result.code)
