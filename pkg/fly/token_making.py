"""Making a token: exactly one that anybody knows, put where it belongs, and shown only when asked."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from pkg.fly import tokens
from pkg.fly.client import Flyctl, Speaker
from pkg.fly.macaroon import SCHEME
from pkg.fly.models import MadeToken
from pkg.fly.tokens import Row
from pkg.shell.console import Console
from pkg.shell.errors import BadInput, Failure, Interrupted

OUTPUT_VARIABLE = "GITHUB_OUTPUT"
OUTPUT_NAME = "fly_api_token"


class Wish(msgspec.Struct, frozen=True):
    """A token that is wanted.

    Attributes:
        app: the app that it may deploy.
        name: what it is called.
        life: how long it lives.
        expires: when it ends.
    """

    app: str
    name: str
    life: timedelta
    expires: datetime

    @property
    def end(self) -> str:
        """When it ends, for people."""
        return f"{self.expires:%Y-%m-%d %H:%M} UTC"


def make(flyctl: Flyctl, wish: Wish, *, resumed: bool, say: Speaker) -> MadeToken | None:
    """Make a token, and revoke those of its name whose value nobody has: of a run that was cut off.

    Args:
        flyctl: makes and revokes.
        wish: what is wanted.
        resumed: whether a run before this one may have made one.
        say: tells what was revoked.

    Returns:
        The token; None in a dry run.

    Raises:
        Failure: none was made.
    """
    if resumed:
        _revoke_lost(flyctl, wish, say)
    try:
        return flyctl.tokens_create_deploy(wish.app, wish.name, tokens.duration(wish.life))
    except Interrupted:
        raise
    except Failure:
        # It may be made all the same, and then nobody knows its value: it must not live on.
        _revoke_lost(flyctl, wish, say)
        raise


def named(flyctl: Flyctl, app: str, name: str) -> list[Row]:
    """Return the tokens of a name that were not revoked."""
    return [row for row in tokens.rows(flyctl.tokens_list(app)) if row.name == name and not row.revoked]


def to_github(console: Console, path: Path, token: str) -> None:
    """Hand a token to the later steps of a job of GitHub, hidden in its log from here on.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions

    Args:
        console: shows the command that masks it: it must be the value itself.
        path: what GITHUB_OUTPUT names.
        token: the value.

    Raises:
        Failure: the file cannot be written.
    """
    # A bundle of several macaroons may be written without its scheme, or in parts.
    for part in dict.fromkeys((token, *token.removeprefix(SCHEME).split(","))):
        console.reveal(f"::add-mask::{part}")
    try:
        with path.open("a") as file:
            file.write(f"{OUTPUT_NAME}={token}\n")
    except OSError as error:
        raise Failure(f"{OUTPUT_VARIABLE} ({path}) cannot be written: {error.strerror}") from error


def output_file(variable: str) -> Path:
    """Return the file that GITHUB_OUTPUT names.

    Raises:
        BadInput: it names none: this is no job of GitHub.
    """
    path = Path(variable)
    if not variable or not path.is_absolute() or not path.parent.is_dir():
        raise BadInput(
            f"{OUTPUT_VARIABLE} names no file: this is no job of GitHub",
            meaning="no token was made",
            fix="use --vault VAULT/ITEM, or --show",
        )
    return path


def keep(flyctl: Flyctl, wish: Wish, sinks: list[Callable[[], None]], *, say: Speaker) -> None:
    """Put a token where it belongs; one that gets nowhere is revoked, since nobody could use it.

    Args:
        flyctl: revokes.
        wish: what was wanted.
        sinks: put it somewhere, each.
        say: tells what was revoked.

    Raises:
        Failure: it could not be put somewhere.
    """
    try:
        for sink in sinks:
            sink()
    except Interrupted:
        raise  # the note of it stays: the next run revokes it
    except Failure:
        _revoke_lost(flyctl, wish, say)
        raise


def _revoke_lost(flyctl: Flyctl, wish: Wish, say: Speaker) -> None:
    for row in named(flyctl, wish.app, wish.name):
        flyctl.tokens_revoke(row.id)
        say(f"revoked {row.id} ({row.name}): it was made, and nobody has its value")
