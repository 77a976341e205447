"""Putting a token into 1Password: as a JSON template by stdin, so that it is in no argument, in no file."""

import msgspec

from pkg.shell.console import Console
from pkg.shell.errors import BadInput, CommandFailed, Refused
from pkg.shell.runner import Result, Runner

SECONDS = 120.0
CATEGORY = "API_CREDENTIAL"
FIELD = "credential"
# What the stand-in of `op` for tests and the sandbox answers to `op --version`.
SIMULATED = "simulated"


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
    return Place(*parts)


def template(where: Place, token: str, *, app: str, name: str, expires: str) -> str:
    """Return the item as `op item create -` and `op item edit ITEM` read it from stdin.

    https://developer.1password.com/docs/cli/item-template-json

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
        {"id": "expires", "type": "STRING", "label": "expires", "value": expires},
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


def ready(runner: Runner, where: Place) -> bool:
    """Return whether the item is there already; asked before a token is made, so that none is lost.

    Raises:
        CommandFailed: 1Password is locked, or the vault may not be read.
    """
    listed = runner.capture(_item("list", where, "--format", "json"), timeout=SECONDS, terminal=True)
    if listed.code:
        raise _failed("1Password does not let its vault be read", listed)
    try:
        items = msgspec.json.decode(listed.stdout or "[]", type=list[_Item])
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


def store(runner: Runner, console: Console, where: Place, item: str, *, exists: bool) -> None:
    """Write a token into its item.

    Args:
        runner: starts `op`.
        console: tells where it is; what `op` answers holds the token, and is not shown.
        where: the place.
        item: the template.
        exists: whether to change an item or to make one.

    Raises:
        CommandFailed: 1Password did not take it.
    """
    argv = (
        ["op", "item", "edit", where.item, "--vault", where.vault]
        if exists
        else ["op", "item", "create", "--vault", where.vault, "-"]
    )
    result = runner.capture(argv, stdin=item, timeout=SECONDS, changes=True, terminal=True)
    if result.code:
        raise _failed("1Password did not take the token", result)
    if not result.skipped:
        console.say(f"the token is in 1Password: {where.reference}")


class _Item(msgspec.Struct):
    title: str = ""


def _item(verb: str, where: Place, *rest: str) -> list[str]:
    return ["op", "item", verb, "--vault", where.vault, *rest]


def _failed(what: str, result: Result) -> CommandFailed:
    shown = Result(result.argv, result.code, "", result.stderr, result.seconds)
    return CommandFailed(
        what, result=shown, fix="run `op signin`, and check the vault's name and your access"
    )
