"""`inv fly.tokens`: scoped, with an end, and shown nowhere unless asked."""

import functools
from typing import TYPE_CHECKING

from invoke import Collection, Context

from pkg.fly.cli.changing import helped, note, require_days, stamp
from pkg.fly.cli.options import COMMON, JSON, the_app
from pkg.shell.cli import end, task, workspace
from pkg.shell.errors import BadInput
from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from pkg.fly.client import Flyctl
    from pkg.fly.token_making import Wish
    from pkg.fly.vault import Place

CI = "ci"


@task(name="list", default=True, help={**COMMON, "json": JSON})
def list_(c: Context, app: str = "", config: str = "", json: bool = False) -> None:
    """List an app's tokens by name; their values are shown nowhere."""
    from pkg.fly import tokens
    from pkg.fly.connect import connect

    ws = workspace(c)
    name = the_app(ws, app, config)
    found = tokens.rows(connect(ws).tokens_list(name))
    if json:
        ws.console.json(found)
    elif found:
        now = ws.clock.now()
        ws.console.table(
            ("ID", "NAME", "BY", "ENDS", "STATE"),
            [(row.id, row.name, row.by, tokens.day(row.expires), tokens.state(row, now)) for row in found],
        )
    else:
        ws.console.say(f"{name} has no tokens; `inv fly.tokens.create-deploy -a {name}` makes one")


@task(
    name="create-deploy",
    help=helped(
        purpose="what it is for, in a few words: it becomes a part of its name",
        expiry="how long it lives, as 24h or 30d; at most a year",
        vault="put it into 1Password: VAULT/ITEM",
        github_output="give it to the later steps of a job of GitHub, masked",
        show="show it, once",
    ),
)
def create_deploy(
    c: Context,
    *,
    app: str = "",
    config: str = "",
    purpose: str = CI,
    expiry: str = "24h",
    vault: str = "",
    github_output: bool = False,
    show: bool = False,
) -> None:
    """Make a token that may deploy one app, and put it where it belongs."""
    from pkg.fly import token_making, tokens
    from pkg.fly.answers import is_refusal
    from pkg.fly.connect import connect
    from pkg.fly.intent import FOLDER, intended
    from pkg.fly.recorder import who

    ws = workspace(c)
    name = the_app(ws, app, config)
    life = tokens.lifetime(expiry)
    if not (vault or github_output or show):
        raise BadInput(
            "where shall the token go?",
            meaning="none was made",
            fix="add --vault VAULT/ITEM, --github-output, or --show",
        )
    began = ws.clock.monotonic()
    output = token_making.output_file(ws.environment.get("GITHUB_OUTPUT")) if github_output else None
    place, exists = _place(ws, vault)
    flyctl = connect(ws)
    with intended(
        None if ws.dry else ws.state / FOLDER,
        task="fly.tokens.create-deploy",
        app=name,
        what=f"{purpose} {expiry} {vault} {github_output} {show}",
        at=stamp(ws),
        known=list,
        clean=lambda failure, _: is_refusal(failure),
    ) as pending:
        called = tokens.token_name(purpose, name, who(ws), pending.intent.mark)
        wish = token_making.Wish(name, called, life, ws.clock.now() + life)
        made = token_making.make(flyctl, wish, resumed=pending.resumed, say=ws.console.say)
        token = made.token if made else "a token of a dry run"
        ws.redactor.add(token)
        sinks: list[token_making.Sink] = []
        if output and made:
            put = functools.partial(token_making.to_github, ws.console, output, token)
            sinks.append(token_making.Sink(token_making.OUTPUT_VARIABLE, put))
        if show and made:
            sinks.append(token_making.Sink("whoever read it here", lambda: ws.console.reveal(token)))
        if place:  # last: it takes the place of a token that works
            sinks.append(token_making.Sink(place.reference, _to_vault(ws, place, wish, token, exists=exists)))
        token_making.keep(flyctl, wish, sinks, say=ws.console.say, forget=pending.done)
        pending.done()
    note(ws, "fly.tokens.create-deploy", name, [f"{called}, ends {wish.end}"], began=began)
    if made:
        ws.console.say(f"made {called!r}: it ends {wish.end}")


@task(help=helped("yes", token="the token's id, as `inv fly.tokens` shows it"))  # noqa: S106 - words of help
def revoke(c: Context, token: str, *, app: str = "", config: str = "", yes: bool = False) -> None:
    """Revoke a token by its id: whoever uses it is refused from then on."""
    from pkg.fly import token_making, tokens
    from pkg.fly.connect import connect

    ws = workspace(c)
    name = the_app(ws, app, config)
    flyctl = connect(ws)
    row = next((one for one in tokens.rows(flyctl.tokens_list(name)) if one.id == token), None)
    if row is None:
        raise BadInput(
            f"{name} has no token {token!r}", meaning="nothing was revoked", fix=f"inv fly.tokens -a {name}"
        )
    if row.revoked:
        ws.console.say(f"{row.id} ({row.name}) is revoked already")
        return
    ws.confirm(f"Revoke {row.id} ({row.name})? Whoever uses it is refused from then on.", yes=yes)
    began = ws.clock.monotonic()
    token_making.revoke(flyctl, name, row, dry=ws.dry)
    note(ws, "fly.tokens.revoke", name, [f"{row.id} ({row.name}): revoked"], began=began)
    if not ws.dry:
        ws.console.say(f"revoked {row.id} ({row.name})")


@task(
    help={
        **COMMON,
        "days": "how long it may still live; in CI 90 by default",
        "json": JSON,
    }
)
def check(c: Context, *, app: str = "", config: str = "", days: int = 0, json: bool = False) -> None:
    """Check the token in use: its kind, app and end; CI wants a scoped one."""
    from datetime import timedelta

    from pkg.fly import tokens
    from pkg.fly.connect import connect
    from pkg.fly.token_in_use import in_use

    ws = workspace(c)
    require_days("--days", days)
    name = the_app(ws, app, config)
    flyctl = connect(ws)
    in_ci = bool(ws.environment.get("CI"))
    used = in_use(ws, flyctl)
    found = used.kind
    if ws.sandbox:
        ws.console.say("sandbox: the token is simulated; it is told as it is, and CI is not asked about")
    longest = timedelta(days=days) if days else tokens.CI_LONGEST if in_ci else None
    policy = tokens.Policy(ci=in_ci and not ws.sandbox, longest=longest)
    problems = tokens.problems(found, policy, now=ws.clock.now())
    accepted = _accepted(ws, flyctl, name)
    if json:
        ws.console.json(
            {
                "variable": used.variable,
                "kind": found.name,
                "expires": found.scope.expires,
                "apps": sorted(found.scope.apps) if found.scope.apps is not None else None,
                "app": name,
                "accepted": not accepted,
                "problems": [*([accepted] if accepted else []), *problems],
            }
        )
    else:
        ws.console.out(f"{used.source}: {found.words}")
        ws.console.out(f"  ends: {tokens.end_words(found)}")
        ws.console.out(f"  {name}: {accepted or 'it may read this app'}")
        for problem in problems:
            ws.console.out(f"  problem: {ws.console.advice(problem)}")
    tokens.require(found, policy, name)
    end(1 if problems or accepted else 0)


def _accepted(ws: Workspace, flyctl: "Flyctl", app: str) -> str:
    """Return why Fly does not take the token for an app; empty when it does."""
    from pkg.shell.errors import CommandFailed

    try:
        flyctl.secrets_list(app)
    except CommandFailed as failure:
        ws.console.say(str(failure))
        return failure.meaning or failure.what
    return ""


def _place(ws: Workspace, text: str) -> "tuple[Place | None, bool]":
    """Return where in 1Password a token goes, and whether the item is there; asked before one is made."""
    from pkg.fly import vault

    if not text:
        return None, False
    found = vault.place(text)
    if ws.dry:
        return found, False
    vault.require_right_world(ws.runner, sandbox=ws.sandbox)
    return found, vault.ready(ws.runner, ws.console, found)


def _to_vault(
    ws: Workspace, place: "Place", wish: "Wish", token: str, *, exists: bool
) -> "Callable[[], None]":
    from pkg.fly import vault

    item = vault.template(place, token, app=wish.app, name=wish.name, expires=wish.end)
    return lambda: vault.store(ws.runner, ws.console, place, item, token, exists=exists)


def collection() -> Collection:
    """Return the collection `tokens`, whose default lists."""
    found = Collection("tokens")
    for each in (list_, create_deploy, revoke, check):
        found.add_task(each)
    return found
