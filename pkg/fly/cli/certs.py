"""`inv fly.certs`: the certificates of an app."""

from invoke import Collection, Context

from pkg.fly.cli.options import COMMON, JSON, the_app
from pkg.shell.cli import end, task, workspace


@task(name="list", default=True, help={**COMMON, "json": JSON})
def list_(c: Context, app: str = "", config: str = "", json: bool = False) -> None:
    """List an app's certificates; exit 1 when one is stuck or ends soon."""
    from pkg.fly.certificates import certificates
    from pkg.fly.connect import connect

    ws = workspace(c)
    name = the_app(ws, app, config)
    found = certificates(connect(ws), name, ws.clock.now())
    if json:
        ws.console.json(found)
    elif found:
        rows = [
            (each.host, each.status, each.expires[:10] or "-", each.issuer, each.problem) for each in found
        ]
        ws.console.table(("HOST", "STATUS", "ENDS", "ISSUER", "PROBLEM"), rows)
    else:
        ws.console.say(f"{name} has no certificates; `inv fly.certs.add HOST -a {name}` asks for one")
    end(1 if any(each.problem for each in found) else 0)


@task(positional=["host"], help={**COMMON, "host": "the host name", "json": JSON})
def show(c: Context, host: str, app: str = "", config: str = "", json: bool = False) -> None:
    """Show a certificate and the DNS it needs; exit 1 when it is not well."""
    from pkg.fly.certificates import judge
    from pkg.fly.connect import connect

    ws = workspace(c)
    found = judge(connect(ws).certs_check(the_app(ws, app, config), host), ws.clock.now())
    if json:
        ws.console.json(found)
    else:
        ws.console.out(f"{found.host}: {found.status}")
        ws.console.out(f"  issuer:  {found.issuer or '-'}")
        left = "" if found.days is None else f", in {found.days} days"
        ws.console.out(f"  ends:    {found.expires or '-'}{left}")
        for record in found.dns:
            ws.console.out(f"  DNS:     {record}")
        if found.problem:
            ws.console.out(f"  problem: {found.problem}")
    end(1 if found.problem else 0)


def collection() -> Collection:
    """Return the collection `certs`, whose default lists."""
    found = Collection("certs")
    found.add_task(list_)
    found.add_task(show)
    return found
