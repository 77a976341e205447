"""`inv fly.certs`: the certificates of an app."""

from typing import TYPE_CHECKING

from invoke import Collection, Context

from pkg.fly.cli import certs_work
from pkg.fly.cli.options import COMMON, JSON, the_app
from pkg.shell.cli import end, task, workspace
from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    from pkg.fly.certificates import Certificate

WORKERS = 8


@task(name="list", default=True, help={**COMMON, "json": JSON})
def list_(c: Context, app: str = "", config: str = "", json: bool = False) -> None:
    """List an app's certificates; exit 1 when one is stuck or ends soon."""
    from pkg.fly.certificates import table
    from pkg.fly.seen import remember_names
    from pkg.shell.completion.complete import HOST

    ws = workspace(c)
    name = the_app(ws, app, config)
    found = _checked(ws, name)
    remember_names(ws.state, HOST, name, [(each.host, each.status) for each in found])
    if json:
        ws.console.json(found)
    elif found:
        ws.console.table(("HOST", "STATUS", "ISSUER", "ENDS", "PROBLEM"), table(found))
    else:
        ws.console.say(f"{name} has no certificates; `inv fly.certs.add HOST -a {name}` asks for one")
    end(0 if all(each.ok for each in found) else 1)


@task(positional=["host"], help={**COMMON, "host": "the host name", "json": JSON})
def show(c: Context, host: str, app: str = "", config: str = "", json: bool = False) -> None:
    """Show a certificate and the DNS it needs; exit 1 when it is not well."""
    from pkg.fly import hosts
    from pkg.fly.connect import connect

    ws = workspace(c)
    hosts.require_name(host)
    name = the_app(ws, app, config)
    end(0 if certs_work.show_host(ws, name, hosts.check(connect(ws), name, host), json=json) else 1)


def collection() -> Collection:
    """Return the collection `certs`, whose default lists."""
    found = Collection("certs")
    found.add_task(list_)
    for each in (show, *certs_work.TASKS):
        found.add_task(each)
    return found


def _checked(ws: Workspace, app: str) -> "list[Certificate]":
    """Return an app's certificates, checked side by side: the list alone does not tell when they end."""
    from pkg.fly.certificates import judge
    from pkg.fly.connect import connect
    from pkg.shell.parallel import each

    flyctl, now = connect(ws), ws.clock.now()
    hosts = [certificate.hostname for certificate in flyctl.certs_list(app)]
    checks = each(hosts, lambda host: flyctl.certs_check(app, host), runner=ws.runner, at_once=WORKERS)
    return [judge(app, check, now=now) for check in checks]
