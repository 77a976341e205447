"""`inv fly.certs.add`, `.remove` and `.docs`: host names, their DNS, and the page that tells of them."""

import shlex
from typing import TYPE_CHECKING

from invoke import Context

from pkg.fly.cli.changing import WAIT_SECONDS, helped, note, require_days, require_seconds
from pkg.fly.cli.options import the_app
from pkg.shell.cli import end, task, workspace
from pkg.shell.errors import TimedOut
from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    from pkg.fly.certificates import Certificate
    from pkg.fly.client import Flyctl
    from pkg.fly.models import CertificateCheck

HOST = "the host name, as www.example.com"


@task(
    help=helped(
        "json",
        host=HOST,
        wait="wait until the certificate is issued, or the time is over",
        wait_timeout="with --wait: seconds to wait for the certificate",
    )
)
def add(
    c: Context,
    host: str,
    *,
    app: str = "",
    config: str = "",
    wait: bool = False,
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Ask for a certificate; say which DNS records to make."""
    from pkg.fly import hosts
    from pkg.fly.connect import connect, tick

    ws = workspace(c)
    hosts.require_name(host)
    require_seconds("--wait-timeout", wait_timeout)
    name = the_app(ws, app, config)
    flyctl = connect(ws)
    began = ws.clock.monotonic()
    check = hosts.add(flyctl, name, host, say=ws.console.say, dry=ws.dry)
    if check is None:
        return
    if wait:
        with ws.console.progress(f"waiting for the certificate of {host}") as progress:
            check = hosts.issued(flyctl, name, host, progress.update, tick=tick(ws), seconds=wait_timeout)
    note(ws, "fly.certs.add", name, [f"{host}: {check.status}"], began=began)
    show_host(ws, name, check, json=json)
    if not ws.sandbox:
        ws.console.say("then: inv fly.certs.docs, and commit the page")
    from pkg.fly.certificates import ACTIVE

    if wait and check.status != ACTIVE:
        again = f"inv fly.certs.add {shlex.quote(host)} -a {name} --wait"
        raise TimedOut(
            f"the certificate of {host} is not issued after {wait_timeout} s: {check.status}",
            meaning="it was asked for, and is issued by itself once the DNS is right",
            fix=f"make the records above, then `{again}` waits on",
        )


@task(help=helped("yes", host=HOST))
def remove(c: Context, host: str, *, app: str = "", config: str = "", yes: bool = False) -> None:
    """Remove a host name and its certificate."""
    from pkg.fly import hosts
    from pkg.fly.connect import connect

    ws = workspace(c)
    hosts.require_name(host)
    name = the_app(ws, app, config)
    flyctl = connect(ws)
    if not hosts.known(flyctl, name, host):
        ws.console.say(f"{name} has no certificate for {host}: nothing to remove")
        return
    ws.confirm(f"Remove {host} from {name}? Who uses that name gets no answer any more.", yes=yes)
    began = ws.clock.monotonic()
    hosts.remove(flyctl, name, host, say=ws.console.say, dry=ws.dry)
    note(ws, "fly.certs.remove", name, [f"{host}: removed"], began=began)
    if not ws.dry:
        ws.console.say(
            f"{host} is removed from {name}; take its DNS records away, and run inv fly.certs.docs"
        )


@task(
    help={
        "check": "write nothing; exit 1 when the page and Fly disagree, or a certificate ends soon",
        "days": "with --check: so many days count as soon",
    }
)
def docs(c: Context, *, check: bool = False, days: int = 14) -> None:
    """Write the table of host names in docs/infra/domains.md."""
    from pkg.fly import domains
    from pkg.fly.connect import connect

    ws = workspace(c)
    require_days("--days", days)
    found = _everything(ws, connect(ws), days)
    state = ws.state if ws.sandbox else None
    page = domains.read(ws.root, state)
    written = domains.page(ws.root, state) if state else domains.FILE
    table = domains.render(found)
    rows = domains.difference(page, table)
    for row in rows:
        ws.console.out(row)
    ending = [one for one in found if one.problem]
    for one in ending:
        ws.console.say(f"{one.app}: {one.host}: {one.problem}")
    if check:
        if rows:
            then = "" if ws.sandbox else " and commit it"
            ws.console.say(f"{written} does not say what Fly says: run inv fly.certs.docs{then}")
        end(1 if rows or ending else 0)
        ws.console.say(f"{written} is true, and no certificate ends within {days} days")
        return
    if rows and not ws.dry:
        domains.write(ws.root, domains.updated(page, table), state)
    ws.console.say(f"{domains.page(ws.root, state)}: {'written' if rows else 'was true already'}")


def _everything(ws: Workspace, flyctl: "Flyctl", days: int) -> "list[Certificate]":
    """Return the certificates of every app that has a manifest here, asked side by side."""
    from pkg.fly.certificates import judge
    from pkg.fly.manifest import find_all, read
    from pkg.shell.parallel import each

    apps = [read(path).app for path in find_all(ws.root)]
    now = ws.clock.now()
    listed = each(apps, flyctl.certs_list, runner=ws.runner)
    pairs = [(app, one.hostname) for app, some in zip(apps, listed, strict=True) for one in some]
    checks = each(pairs, lambda pair: flyctl.certs_check(*pair), runner=ws.runner)
    return [judge(app, check, now=now, days=days) for (app, _), check in zip(pairs, checks, strict=True)]


def show_host(ws: Workspace, app: str, check: "CertificateCheck", *, json: bool) -> bool:
    """Show a host, the records that it needs and which of them are missing; return whether all is well."""
    from pkg.fly import dns
    from pkg.fly.certificates import day, judge, look_up

    found = judge(app, check, now=ws.clock.now())
    wrong, unknown = (
        ([], "DNS is not looked up in the sandbox") if ws.sandbox else look_up(check, dns.SystemResolver())
    )
    if json:
        ws.console.json({"certificate": found, "dns_problems": wrong, "dns_unknown": unknown})
        return found.ok
    ws.console.out(f"{found.host}: {found.status}")
    ws.console.out(f"  issuer: {found.issuer or '-'}")
    ws.console.out(f"  ends: {day(found.expires)}")
    for record in found.records:
        ws.console.out(f"  DNS: {record}")
    for record in dns.optional(check):
        ws.console.out(f"  DNS, when needed: {record}")
    for problem in wrong:
        ws.console.out(f"  wrong in the DNS: {problem}")
    if found.problem:
        ws.console.out(f"  problem: {found.problem}")
    if unknown:
        ws.console.say(unknown)
    return found.ok


TASKS = (add, remove, docs)
