"""`inv fly.whoami`: whose token it is, and which Fly it reaches."""

from invoke import Context

from pkg.fly.cli.options import JSON
from pkg.shell.cli import task, workspace


@task(help={"json": JSON})
def whoami(c: Context, json: bool = False) -> None:
    """Say whose token this is, and which Fly it reaches."""
    from pkg.fly.connect import connect, token_kind

    ws = workspace(c)
    flyctl = connect(ws)
    email = flyctl.whoami().email
    kind = "simulated" if ws.sandbox else token_kind(ws)
    if json:
        ws.console.json(
            {"email": email, "token": kind, "simulated": ws.sandbox, "flyctl": flyctl.version_name}
        )
        return
    world = "the simulated Fly" if ws.sandbox else "Fly"
    ws.console.out(f"{email} on {world}, token: {kind}, flyctl {flyctl.version_name}")
