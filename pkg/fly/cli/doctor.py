"""`inv fly.doctor`: what is wrong with an app, and what mends it."""

from invoke import Context

from pkg.fly.cli.options import COMMON, JSON, the_app
from pkg.shell.cli import end, task, workspace


@task(help={**COMMON, "json": JSON})
def doctor(c: Context, *, app: str = "", config: str = "", json: bool = False) -> None:
    """Say what is wrong with an app, worst first, and what mends it."""
    from pkg.fly.connect import connect
    from pkg.fly.doctor import SOON, examine_app
    from pkg.fly.manifest import by_app, find, read

    ws = workspace(c)
    name = the_app(ws, app, config)
    manifest = read(find(ws.root, config)) if config else by_app(ws.root, name)
    flyctl = connect(ws)
    with ws.console.progress(f"looking at {name}"):
        found = examine_app(ws, flyctl, name, manifest)
    advice = ws.console.advice
    if json:
        ws.console.json(
            [
                {"harm": one.word, "about": one.about, "what": advice(one.what), "fix": advice(one.fix)}
                for one in found
            ]
        )
    elif found:
        ws.console.table(
            ("HARM", "ABOUT", "WHAT IS WRONG", "WHAT MENDS IT"),
            [(one.word, one.about, advice(one.what), advice(one.fix)) for one in found],
        )
    else:
        ws.console.say(f"nothing is wrong with {name}")
    end(1 if any(one.harm >= SOON for one in found) else 0)
