"""Making a token: exactly one that anybody knows, put where it belongs, and shown only when asked."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

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


class Sink(NamedTuple):
    """Where a token goes: how that is called, and what puts it there."""

    place: str
    put: Callable[[], None]


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
        Failure: none was made, or one that nobody has is alive and could not be revoked.
    """
    if resumed:
        _revoke_lost(flyctl, wish, say)
    try:
        return flyctl.tokens_create_deploy(wish.app, wish.name, tokens.duration(wish.life))
    except Interrupted:
        raise
    except Failure as failure:
        # It may be made all the same, and then nobody knows its value: it must not live on.
        _revoke_lost(flyctl, wish, say, first=failure)
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
    """Return the file that GITHUB_OUTPUT names, once it is seen that it can be written.

    Raises:
        BadInput: it names none, or one that cannot be written.
    """
    path = Path(variable)
    if not variable or not path.is_absolute() or not path.parent.is_dir():
        raise BadInput(
            f"{OUTPUT_VARIABLE} names no file: this is no job of GitHub",
            meaning="no token was made",
            fix="use --vault VAULT/ITEM, or --show",
        )
    try:
        with path.open("a"):
            return path
    except OSError as error:
        raise BadInput(
            f"{OUTPUT_VARIABLE} ({path}) cannot be written: {error.strerror}",
            meaning="no token was made",
            fix="let it name a file that can be written, or leave out --github-output",
        ) from error


def keep(
    flyctl: Flyctl, wish: Wish, sinks: Sequence[Sink], *, say: Speaker, forget: Callable[[], None]
) -> None:
    """Put a token where it belongs; when one place does not take it, it is revoked, wherever else it is.

    Args:
        flyctl: revokes.
        wish: what was wanted.
        sinks: where it goes; one whose earlier content is lost comes last.
        say: tells what was revoked, and where it stands now.
        forget: called when it is revoked: nothing of it is alive.

    Raises:
        Failure: it could not be put somewhere.
    """
    placed: list[str] = []
    for place, put in sinks:
        try:
            put()
        except Interrupted:
            raise  # the note of it stays: the next run revokes it
        except Failure as failure:
            _revoke_lost(flyctl, wish, say, first=failure, placed=placed, perhaps=place)
            forget()
            raise
        placed.append(place)


def revoke(flyctl: Flyctl, app: str, row: Row, *, dry: bool) -> None:
    """Revoke a token, and look whether it is.

    Raises:
        Failure: it is alive.
    """
    failure: Failure | None = None
    try:
        flyctl.tokens_revoke(row.id)
    except Interrupted:
        raise
    except Failure as error:
        failure = error
    if not dry and any(one.id == row.id and not one.revoked for one in tokens.rows(flyctl.tokens_list(app))):
        raise failure or Failure(f"flyctl said that it revoked {row.id}, and it is alive", fix="run it again")


def _revoke_lost(
    flyctl: Flyctl,
    wish: Wish,
    say: Speaker,
    *,
    first: Failure | None = None,
    placed: Sequence[str] = (),
    perhaps: str = "",
) -> None:
    """Revoke the tokens of a wish, and say where they stand.

    Args:
        flyctl: revokes.
        wish: what was wanted.
        say: tells it.
        first: why they are to be revoked; None for those of a run that was cut off.
        placed: where they stand.
        perhaps: where they may stand.

    Raises:
        Failure: one is alive; both failures are in it.
    """
    row: Row | None = None
    try:
        for row in named(flyctl, wish.app, wish.name):
            flyctl.tokens_revoke(row.id)
            say(f"revoked {row.id} ({row.name}): {_standing(placed, perhaps)}")
    except Interrupted:
        raise
    except Failure as second:
        raise _alive(wish, row, first, second) from first


def _standing(placed: Sequence[str], perhaps: str) -> str:
    """Return where a revoked token stands, and what to do."""
    if not placed and not perhaps:
        return "it was made, and nobody has its value"
    where = [
        *([f"what {' and '.join(placed)} got is dead"] if placed else []),
        *([f"{perhaps} did not take it, or holds it now and is dead"] if perhaps else []),
    ]
    return "; ".join((*where, "the same command again puts a new one there"))


def _alive(wish: Wish, row: Row | None, first: Failure | None, second: Failure) -> Failure:
    """Return the error for a token that nobody has and that could not be revoked."""
    if row:
        which = f"the token {row.id} ({row.name}) is alive, nobody shall have it, and it could not be revoked"
        fix = f"inv fly.tokens.revoke {row.id} -a {wish.app}"
    else:
        which = f"a token called {wish.name!r} may be alive, and it could not be asked"
        fix = f"`inv fly.tokens -a {wish.app}` shows its id; then inv fly.tokens.revoke ID -a {wish.app}"
    parts = ([first.meaning] if first and first.meaning else []) + [f"{which}: {second.what}"]
    return Failure(
        first.what if first else second.what,
        command=(first or second).command,
        meaning="; ".join(parts),
        fix=f"{fix}; then what failed first: {first.fix}" if first and first.fix else fix,
    )
