"""`inv fly.secrets`: by stdin only, staged, compared by name, then one deploy."""

from typing import TYPE_CHECKING

from invoke import Collection, Context

from pkg.fly.cli.changing import WAIT_SECONDS, finish, helped, note, require_seconds, stamp, working
from pkg.fly.cli.options import COMMON, JSON, the_app
from pkg.shell.cli import end, task, workspace
from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pkg.fly.secrets import Row

STAGE = "only stage: machines get it at the next deploy"


@task(name="list", default=True, help={**COMMON, "json": JSON})
def list_(c: Context, app: str = "", config: str = "", json: bool = False) -> None:
    """List the names of an app's secrets, and whether machines have them."""
    from pkg.fly.connect import connect
    from pkg.fly.seen import remember_names
    from pkg.shell.completion.complete import SECRET

    ws = workspace(c)
    name = the_app(ws, app, config)
    found = connect(ws).secrets_list(name)
    remember_names(ws.state, SECRET, name, [(each.name, each.status) for each in found])
    if json:
        ws.console.json(found)
    elif found:
        ws.console.table(
            ("NAME", "STATUS", "DIGEST"), [(each.name, each.status, each.digest) for each in found]
        )
    else:
        ws.console.say(f"{name} has no secrets; `inv fly.secrets.set NAME -a {name}` sets one")


@task(name="set", help=helped("wait_timeout", "json", name="the secret's name", stage=STAGE))
def set_(
    c: Context,
    name: str,
    *,
    app: str = "",
    config: str = "",
    stage: bool = False,
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Set a secret: typed, or from stdin; never as an argument."""
    from pkg.fly.secrets_wire import require_name

    require_seconds("--wait-timeout", wait_timeout)
    ws = workspace(c)
    require_name(name)
    owner = the_app(ws, app, config)
    value = ws.console.secret(f"value of {name} for {owner}")
    _send(ws, "fly.secrets.set", owner, {name: value}, stage=stage, wait_timeout=wait_timeout, json=json)


@task(
    name="import",
    help=helped("wait_timeout", "json", file="lines of NAME=value; `-` for stdin", stage=STAGE),
)
def import_(
    c: Context,
    file: str,
    *,
    app: str = "",
    config: str = "",
    stage: bool = False,
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Set all secrets of a file; each is proven to arrive unchanged."""
    from pkg.fly import dotenv

    require_seconds("--wait-timeout", wait_timeout)
    ws = workspace(c)
    owner = the_app(ws, app, config)
    values = dotenv.read(dotenv.text_of(ws.root, file, ws.console.piped), "stdin" if file == "-" else file)
    _send(ws, "fly.secrets.import", owner, values, stage=stage, wait_timeout=wait_timeout, json=json)


@task(help=helped("wait_timeout", "json", "yes", names="names, with commas between", stage=STAGE))
def unset(
    c: Context,
    names: str,
    *,
    app: str = "",
    config: str = "",
    stage: bool = False,
    yes: bool = False,
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Remove secrets; those that are not there are said."""
    from pkg.fly import secrets
    from pkg.fly.secrets_wire import require_name

    ws = workspace(c)
    wanted = names.replace(",", " ").split()
    for name in wanted:
        require_name(name)
    owner = the_app(ws, app, config)
    began = ws.clock.monotonic()
    with working(ws, owner, "removing secrets", wait_timeout) as work:
        from pkg.fly.intent import FOLDER, intended

        with intended(
            None if ws.dry else ws.state / FOLDER,
            task="fly.secrets.unset",
            app=owner,
            what=" ".join(sorted(wanted)),
            at=stamp(ws),
            known=list,
        ) as pending:
            absent = secrets.missing(work.flyctl, owner, wanted)
            there = [name for name in wanted if name not in absent]
            if absent:
                ws.console.say(f"{owner} has no secret {', '.join(absent)}")
            if there:
                _agree(ws, owner, there, yes=yes)
                secrets.unset(work.flyctl, owner, there, say=ws.console.say)
            # A run before this one may have been cut off between the removal and the deploy.
            outcomes = secrets.deploy(work) if (there or pending.resumed) and not stage else []
            if all(outcome.ok for outcome in outcomes):
                pending.done()
    finish(ws, "fly.secrets.unset", owner, outcomes, json=json, began=began)


@task(help=helped("wait_timeout", "json"))
def deploy(
    c: Context, *, app: str = "", config: str = "", wait_timeout: int = WAIT_SECONDS, json: bool = False
) -> None:
    """Give the machines what is staged, and watch them."""
    from pkg.fly import secrets

    ws = workspace(c)
    owner = the_app(ws, app, config)
    began = ws.clock.monotonic()
    with working(ws, owner, "deploying secrets", wait_timeout) as work:
        outcomes = secrets.deploy(work)
    finish(ws, "fly.secrets.deploy", owner, outcomes, json=json, began=began)


@task(
    help=helped(
        "wait_timeout", "json", "yes", stage=STAGE, prune="also remove what secrets.toml does not name"
    )
)
def sync(
    c: Context,
    *,
    app: str = "",
    config: str = "",
    stage: bool = False,
    prune: bool = False,
    yes: bool = False,
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Set the secrets that secrets.toml names, from 1Password."""
    from pkg.fly import secrets
    from pkg.fly.secrets_file import references, resolve

    require_seconds("--wait-timeout", wait_timeout)
    ws = workspace(c)
    owner = the_app(ws, app, config)
    wanted = references(ws.root, owner)
    values = resolve(ws, wanted)
    if prune:
        with working(ws, owner, "comparing secrets", wait_timeout) as work:
            unused = sorted({each.name for each in work.flyctl.secrets_list(owner)} - set(wanted))
            if unused:
                _agree(ws, owner, unused, yes=yes)
                secrets.unset(work.flyctl, owner, unused, say=ws.console.say)
                _removed(ws, owner, unused)
    _send(ws, "fly.secrets.sync", owner, values, stage=stage, wait_timeout=wait_timeout, json=json)


@task(help={**COMMON, "json": JSON})
def diff(c: Context, *, app: str = "", config: str = "", json: bool = False) -> None:
    """Compare secrets.toml with Fly, by name; exit 1 when they differ."""
    from pkg.fly import secrets, secrets_file
    from pkg.fly.connect import connect
    from pkg.fly.manifest import by_app

    ws = workspace(c)
    owner = the_app(ws, app, config)
    manifest = by_app(ws.root, owner)
    rows = secrets.compare(
        secrets_file.read(ws.root).get(owner, {}),
        connect(ws).secrets_list(owner),
        manifest.secret_names if manifest else (),
        file=secrets_file.FILE,
    )
    if json:
        ws.console.json(rows)
    elif rows:
        ws.console.table(("NAME", "HERE", "AT FLY", "PROBLEM"), [_cells(row) for row in rows])
    else:
        ws.console.say(f"{owner} has no secrets, here or at Fly")
    end(1 if any(row.problem for row in rows) else 0)


def _cells(row: "Row") -> tuple[str, ...]:
    return (row.name, "yes" if row.here else "no", row.there or "no", row.problem or "-")


def _agree(ws: Workspace, app: str, names: list[str], *, yes: bool) -> None:
    """Ask before secrets are removed: their values cannot be read back.

    Raises:
        Refused: nobody said yes; nothing was removed.
    """
    ws.confirm(f"Remove {', '.join(names)} from {app}? Fly cannot give the values back.", yes=yes)


def _removed(ws: Workspace, app: str, names: list[str]) -> None:
    """Tell which secrets a sync removed, and note it at once: what comes after it may fail."""
    if ws.dry:
        return
    listed = ", ".join(names)
    ws.console.say(f"removed {listed} from {app}, staged")
    note(ws, "fly.secrets.sync", app, [f"removed {listed}"])


def _send(
    ws: Workspace,
    task_name: str,
    app: str,
    values: "Mapping[str, str]",
    *,
    stage: bool,
    wait_timeout: int,
    json: bool,
) -> None:
    """Stage secrets, compare the names, and give them to the machines."""
    from pkg.fly import secrets
    from pkg.fly.secrets_wire import plan

    for name, value in values.items():
        if value and not ws.redactor.add(value):
            ws.console.say(f"{name} is so short that it cannot be hidden in what is printed")
    wire = plan(values)
    began = ws.clock.monotonic()
    with working(ws, app, "setting secrets", wait_timeout) as work:
        secrets.stage(work.flyctl, app, wire, say=ws.console.say)
        if ws.dry:
            if not stage:
                secrets.deploy(work)
            return
        secrets.require_arrived(work.flyctl, app, list(values))
        ws.console.say(f"{app} has {', '.join(values)}, staged")
        outcomes = [] if stage else secrets.deploy(work)
    notes = [f"staged {', '.join(values)}"] if stage else []
    finish(ws, task_name, app, outcomes, json=json, began=began, notes=notes)


def collection() -> Collection:
    """Return the collection `secrets`, whose default lists."""
    found = Collection("secrets")
    for each in (list_, set_, import_, unset, deploy, sync, diff):
        found.add_task(each)
    return found
