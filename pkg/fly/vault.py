"""Putting a token into 1Password: as a JSON template by stdin, so that it is in no argument, in no file."""

import re

import msgspec

from pkg.shell.console import Console
from pkg.shell.decoding import from_json
from pkg.shell.errors import BadInput, CommandFailed, Refused
from pkg.shell.onepassword import ask_1password, run_op
from pkg.shell.runner import Result, Runner

SECONDS = 30.0
CATEGORY = "API_CREDENTIAL"
FIELD = "credential"
# What the stand-in of `op` for tests and the sandbox answers to `op --version`.
SIMULATED = "simulated"
# https://developer.1password.com/docs/cli/secret-reference-syntax
_REFERABLE = re.compile(r"[A-Za-z0-9 ._-]+")


class Place(msgspec.Struct, frozen=True):
    """Where in 1Password a token goes: `op://vault/item/credential`."""

    vault: str
    item: str

    @property
    def reference(self) -> str:
        """What stands in .envrc for it."""
        return f"op://{self.vault}/{self.item}/{FIELD}"


def place(text: str) -> Place:
    """Return a place from `vault/item` or `op://vault/item`.

    Raises:
        BadInput: it is none.
    """
    parts = text.removeprefix("op://").removesuffix(f"/{FIELD}").split("/")
    if len(parts) != 2 or not all(part.strip() and part.isprintable() for part in parts):
        raise BadInput(f"{text!r} is no place in 1Password", fix="write it as VAULT/ITEM")
    if any(part.startswith("-") for part in parts):
        raise BadInput(f"{text!r} is no place in 1Password: a name may not begin with a dash")
    if not all(_REFERABLE.fullmatch(part) for part in parts):
        raise BadInput(
            f"{text!r} is a place that no op:// reference can name",
            meaning="a reference holds letters, digits, spaces and -_. only",
            fix="rename the vault or the item, or give its id",
        )
    return Place(*parts)


def template(where: Place, token: str, *, app: str, name: str, expires: str) -> str:
    """Return the item as `op item create -` and `op item edit ITEM` read it from stdin.

    Its keys: https://developer.1password.com/docs/cli/item-template-json. The end is a field of our own: the
    category's own `expires` is a DATE, a day without an hour
    (https://developer.1password.com/docs/cli/item-fields).

    Args:
        where: the place.
        token: the value.
        app: the app that it is for.
        name: the token's name at Fly.
        expires: when it ends, for people.
    """
    fields = [
        {"id": FIELD, "type": "CONCEALED", "label": FIELD, "value": token},
        {"id": "username", "type": "STRING", "label": "username", "value": app},
        {"id": "notesPlain", "type": "STRING", "purpose": "NOTES", "label": "notesPlain", "value": name},
        {"id": "token_ends", "type": "STRING", "label": "token ends", "value": expires},
    ]
    item = {"title": where.item, "category": CATEGORY, "fields": fields}
    return msgspec.json.encode(item).decode()


def require_right_world(runner: Runner, *, sandbox: bool) -> None:
    """Keep the sandbox from the real 1Password, and a real token from a stand-in.

    Raises:
        Refused: they are confused.
        CommandMissing: there is no `op`.
    """
    result = runner.capture(["op", "--version"], timeout=SECONDS)
    simulated = SIMULATED in result.stdout
    if sandbox and not simulated:
        raise Refused(
            "the sandbox has no 1Password, and the real one is not asked for it",
            meaning="nothing was made",
            fix="leave out --vault, and add --show to see the simulated token",
        )
    if simulated and not sandbox:
        raise Refused("the `op` on PATH is a stand-in for tests", fix="take its folder off PATH")


def ready(runner: Runner, console: Console, where: Place) -> bool:
    """Return whether the item is there already; asked before a token is made, so that none is lost.

    Raises:
        TimedOut: nobody unlocked 1Password.
        CommandFailed: 1Password is locked, or the vault may not be read.
    """
    listed = run_op(["op", "item", "list", "--vault", where.vault, "--format", "json"], runner, console)
    if listed.code:
        raise _failed("1Password does not let its vault be read", listed)
    try:
        items = from_json(listed.stdout or "[]", list[_Item])
    except msgspec.DecodeError as error:
        raise _failed("`op item list` did not answer as it should", listed) from error
    found = [item for item in items if item.title == where.item]
    if len(found) > 1:
        raise BadInput(
            f"{where.vault} has {len(found)} items called {where.item}",
            meaning="it is not known which of them to change",
            fix="rename one of them, or give another item",
        )
    return bool(found)


def store(runner: Runner, console: Console, where: Place, item: str, token: str, *, exists: bool) -> None:
    """Write a token into its item, whose JSON goes in by stdin, and read it back: an exit code is no proof.

    `op item create` takes it from stdin for the operand `-`; `op item edit ITEM` reads it when it is piped,
    and has no such operand (https://developer.1password.com/docs/cli/reference/management-commands/item). An
    edit gives the item what the JSON holds.

    Args:
        runner: starts `op`.
        console: tells where it is; what `op` answers holds the token, and is not shown.
        where: the place.
        item: the template.
        token: the value that is in it.
        exists: whether to change an item or to make one.

    Raises:
        CommandFailed: 1Password did not take it, or gives another one back.
        TimedOut: nobody unlocked 1Password.
    """
    argv = (
        ["op", "item", "edit", where.item, "--vault", where.vault]
        if exists
        else ["op", "item", "create", "--vault", where.vault, "-"]
    )
    result = run_op(argv, runner, console, stdin=item, changes=True)
    if result.code:
        raise _failed("1Password did not take the token", result)
    if not result.skipped:
        _require_kept(runner, console, where, token, result)
        console.say(f"the token is in 1Password: {where.reference}")


def _require_kept(runner: Runner, console: Console, where: Place, token: str, stored: Result) -> None:
    name = "the token"
    asked = {name: where.reference}
    kept = ask_1password(asked, runner, console.redactor, console, where="1Password")[name]
    if kept.strip() != token.strip():
        raise CommandFailed(
            f"1Password does not have the token: {where.reference} holds something else",
            result=Result(stored.argv, stored.code, "", stored.stderr, stored.seconds),
            meaning="what ran in the place of `op` said that it stored it",
            fix="check `op --version` (2.x is needed) and that no alias or wrapper stands in its place",
        )


class _Item(msgspec.Struct):
    title: str = ""


def _failed(what: str, result: Result) -> CommandFailed:
    shown = Result(result.argv, result.code, "", result.stderr, result.seconds)
    return CommandFailed(
        what, result=shown, fix="run `op signin`, and check the vault's name and your access"
    )
