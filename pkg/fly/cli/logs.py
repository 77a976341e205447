"""`inv fly.logs`: what an app says."""

from invoke import Context

from pkg.fly.cli.options import COMMON, the_app
from pkg.shell.cli import end, task, workspace

# The guide's word for what flyctl does anyway; flyctl itself refuses it (recorded: daily.json).
TAIL = frozenset({"--tail", "--tail=true"})


@task(help={**COMMON, "instance": "one machine only", "json": "one JSON object for each line"})
def logs(c: Context, app: str = "", config: str = "", instance: str = "", json: bool = False) -> None:
    """Follow an app's logs until Ctrl-C; `-- --no-tail` ends by itself."""
    from pkg.fly import argv
    from pkg.fly.connect import connect
    from pkg.shell.errors import Interrupted

    ws = workspace(c)
    name = the_app(ws, app, config)
    connect(ws)
    passthrough = [word for word in ws.passthrough if word not in TAIL]
    if len(passthrough) < len(ws.passthrough):
        ws.console.say("note: --tail was left out, logs are followed anyway; `-- --no-tail` ends by itself")
    command = argv.logs(name, instance=instance, json=json, passthrough=passthrough)
    try:
        end(ws.runner.stream(command).code)
    except Interrupted as stop:
        raise Interrupted(f"stopped following the logs of {name}") from stop
