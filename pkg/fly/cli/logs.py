"""`inv fly.logs`: what an app says."""

import dataclasses
from typing import TYPE_CHECKING

from invoke import Context

from pkg.fly.cli.options import COMMON, the_app
from pkg.shell.cli import end, task, workspace
from pkg.shell.errors import Failure, Interrupted
from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    from pkg.fly.client import Flyctl
    from pkg.fly.log_lines import Choice
    from pkg.fly.models import LogLine
    from pkg.shell.runner import Result

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
    from pkg.fly.answers import expect_no_help
    from pkg.fly.connect import connect
    from pkg.fly.log_lines import choice
    from pkg.fly.passed import LOGS

    ws = workspace(c)
    passthrough = [word for word in ws.passthrough if word not in TAIL]
    LOGS.check(passthrough)
    wanted = choice(since=since, grep=grep, region=region, now=ws.clock.now())
    name = the_app(ws, app, config)
    flyctl = connect(ws)
    if len(passthrough) < len(ws.passthrough):
        ws.console.say("note: --tail was left out, logs are followed anyway; `-- --no-tail` ends by itself")
    if instance or region:
        _note_unknown(ws, flyctl, name, instance, region)
    parsed = bool(since or grep or region or json)
    command = argv.logs(name, instance=instance, json=parsed, passthrough=passthrough)
    try:
        result = _choose(ws, command, wanted, json=json) if parsed else ws.runner.stream(command)
    except Interrupted as stop:
        # The way to end it: so it is no error, and what is piped into something still knows of it.
        ws.console.say(f"stopped following the logs of {name}")
        end(stop.exit_code)
        return
    if ws.console.unread:
        return
    if result.code:
        raise _failed(result, name)
    expect_no_help(result, f"following the logs of {name}")


def _note_unknown(ws: Workspace, flyctl: "Flyctl", app: str, instance: str, region: str) -> None:
    """Say that a machine is not there, which flyctl does not: it waits for its first line for ever."""
    try:
        machines = flyctl.machine_list(app)
    except Interrupted:
        raise
    except Failure:
        return  # the logs may be there all the same; if not, they tell why
    missing = []
    if instance and instance not in {machine.id for machine in machines}:
        missing.append(f"no machine {instance}")
    if region and region not in {machine.region for machine in machines}:
        missing.append(f"no machine in {region}")
    for what in missing:
        ws.console.say(
            f"note: {app} has {what}: only lines of one that is gone can come; "
            f"`inv fly.machines -a {app}` shows those that it has"
        )


def _failed(result: "Result", app: str) -> Failure:
    """Return the error for logs that ended by themselves; what flyctl said has been shown."""
    from pkg.fly.answers import failure

    known = failure(dataclasses.replace(result, stderr=result.shown), f"following the logs of {app}")
    return Failure(known.what, command=result.argv, meaning=known.meaning, fix=known.fix)


def _choose(ws: Workspace, command: list[str], wanted: "Choice", *, json: bool) -> "Result":
    """Follow the logs and show the lines that are wanted, until nobody reads them any more."""
    from msgspec.json import format as as_json

    from pkg.fly.log_lines import Reader, shown

    def take(line: "LogLine", whole: str) -> bool:
        if wanted.wants(line):
            ws.console.out(as_json(whole, indent=-1) if json else shown(line))
        return not ws.console.unread

    reader = Reader(take)
    result = ws.runner.lines(command, reader.feed)
    return dataclasses.replace(result, shown=reader.rest or result.shown)
