"""Tokens: made with an end and a name that says who and what; looked at by kind, app and end."""

import re
from datetime import datetime, timedelta

import msgspec

from pkg.fly.macaroon import Scope, is_macaroon, read
from pkg.fly.moments import NEVER, moment
from pkg.shell.errors import BadInput, Refused

DEFAULT_EXPIRY = "24h"
# The kind of a token that no variable holds: flyctl keeps it for a person.
LOGIN = "login"
LONGEST = timedelta(days=365)
# A token that ends within this time should be replaced now; from a week on it is told how much is left.
ENDING = timedelta(hours=2)
COUNTED = timedelta(days=7)
# What a token in CI may live for at most: it is made anew by a person, or for one run.
CI_LONGEST = timedelta(days=90)
_EXPIRY = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")
_NAME_LIMIT = 120


class Row(msgspec.Struct, frozen=True):
    """A token as the list shows it; its value is not in there.

    Attributes:
        id: names it, for revoking.
        name: what it was called.
        by: who made it.
        expires: when it ends; None when the list says it in a way that was not understood.
        revoked: whether it was revoked.
    """

    id: str
    name: str
    by: str
    expires: datetime | None
    revoked: bool


class Kind(msgspec.Struct, frozen=True):
    """What a token is.

    Attributes:
        name: none, personal, login, scoped or unknown.
        scope: what a scoped one says of itself.
    """

    name: str
    scope: Scope = Scope()

    @property
    def words(self) -> str:
        """What it is, for people."""
        return {
            "none": "no token",
            "personal": "a person's own (fo1_): it may do all that the person may, on every app",
            LOGIN: "a person's, stored by `flyctl auth login`: it may do all that the person may",
            "scoped": "a scoped one (a macaroon)",
        }.get(self.name, "of no kind that is known")


class Policy(msgspec.Struct, frozen=True):
    """What is asked of a token.

    Attributes:
        ci: whether this is CI, where a personal one is refused.
        longest: how long it may live from now on; None for no limit.
    """

    ci: bool
    longest: timedelta | None = None


def kind(token: str) -> Kind:
    """Return what a token is, by its beginning (recorded: the facts beside the recordings)."""
    if not token:
        return Kind("none")
    if is_macaroon(token):
        return Kind("scoped", read(token))
    return Kind("personal" if token.startswith("fo1_") else "unknown")


def login(token: str) -> Kind:
    """Return what the token of flyctl's own login is: a person's, however it begins."""
    return Kind(LOGIN, read(token) if is_macaroon(token) else Scope())


def lifetime(text: str) -> timedelta:
    """Return how long a token shall live.

    Args:
        text: days, hours, minutes, as in `30d`, `24h` or `1h30m`.

    Raises:
        BadInput: it is no such time, or longer than a year.
    """
    match = _EXPIRY.fullmatch(text.strip().lower())
    if not match or not any(match.groups()):
        raise BadInput(f"--expiry {text!r} is no time", fix="write it as 24h, 30d or 1h30m")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    if (
        max(days, hours, minutes) > 10**6
        or (found := timedelta(days=days, hours=hours, minutes=minutes)) > LONGEST
    ):
        raise BadInput(
            f"--expiry {text} is longer than a year",
            meaning="a token that is forgotten must end by itself",
            fix=f"at most {LONGEST.days}d; make a new one before it ends",
        )
    if found < timedelta(minutes=1):
        raise BadInput(f"--expiry {text} would end at once", fix="write it as 24h, 30d or 1h30m")
    return found


def duration(time: timedelta) -> str:
    """Return a time as flyctl wants it: hours and minutes, since Go knows no days."""
    minutes = int(time.total_seconds()) // 60
    return f"{minutes // 60}h{minutes % 60}m0s"


def token_name(purpose: str, app: str, who: str, mark: str) -> str:
    """Return the name of a token: what for, for which app, made by whom.

    Args:
        purpose: what it is for, in a word or a few.
        app: the app's name.
        who: user and host.
        mark: makes it unlike any other.

    Raises:
        BadInput: the purpose holds what would not fit into one line of a list.
    """
    if not re.fullmatch(r"[\w][\w .@/:+-]{0,39}", purpose):
        raise BadInput(
            f"{purpose!r} is no purpose of a token",
            fix="a few words of letters, digits, space and . @ / : + -, at most 40 characters",
        )
    return f"{purpose}: deploy {app}, by {who}, {mark}"[:_NAME_LIMIT]


def rows(table: str) -> list[Row]:
    """Return the tokens of flyctl's table; it has no JSON (recorded: operate.json, daily.json)."""
    found = []
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.split("│")]
        if len(cells) == 5 and cells[0] and cells[0] != "ID":
            ident, name, by, expires, revoked = cells
            found.append(Row(ident, name, by, _moment(expires), bool(revoked)))
    return found


def problems(found: Kind, policy: Policy, *, now: datetime) -> list[str]:
    """Return what is wrong with a token, as things to do; empty for nothing.

    Args:
        found: what it is.
        policy: what is asked of it.
        now: the present moment.
    """
    if found.name == "none":
        return [
            "there is no token: put FLY_API_TOKEN into .envrc as an op:// reference, or: flyctl auth login"
        ]
    if found.name == "unknown":
        return ["it begins with neither FlyV1, fm2_ nor fo1_: it may be cut off; copy it again, whole"]
    if found.name == "personal":
        words = "it is a person's own: make one for this app with inv fly.tokens.create-deploy"
        return [words] if policy.ci else []
    if found.name == LOGIN:
        words = "CI has no token of its own: what is used is a login that is stored on this machine"
        return [words] if policy.ci else []
    return _scope_problems(found.scope, policy, now)


def ci_secret(app: str) -> str:
    """Return the name of CI's secret that holds an app's token; .github/workflows/deploy.yml reads it."""
    return f"FLY_TOKEN_{app.rpartition('-')[2].upper()}"


def require(found: Kind, policy: Policy, app: str) -> None:
    """Refuse a personal token in CI.

    Args:
        found: what the token is.
        policy: what is asked of it.
        app: the app that it is for.

    Raises:
        Refused: it is one.
    """
    if policy.ci and found.name in {"personal", LOGIN}:
        raise Refused(
            "this is CI, and the token is a person's own",
            meaning="whoever reads CI's secrets could do all that the person may, on every app",
            fix=f"inv fly.tokens.create-deploy -a {app}, and put that into CI's secrets as {ci_secret(app)}",
        )


def day(when: datetime | None) -> str:
    """Return when a token ends, for people."""
    return f"{when:%Y-%m-%d %H:%M}" if when else "-"


def state(row: Row, now: datetime) -> str:
    """Return whether a token can still be used."""
    if row.revoked:
        return "revoked"
    if row.expires and row.expires <= now:
        return "ended"
    left = row.expires - now if row.expires else COUNTED
    if left < ENDING:
        return "ends soon"
    return f"valid, {left_words(left)} left" if left < COUNTED else "valid"


def left_words(left: timedelta) -> str:
    """Return a time to come, rounded down to hours or days."""
    hours = int(left.total_seconds()) // 3600
    return f"{hours // 24} days" if hours >= 48 else f"{hours} h"


def end_words(found: Kind) -> str:
    """Return when a token ends, as far as it says so itself."""
    if found.name not in {"scoped", LOGIN} or (found.name == LOGIN and not found.scope.understood):
        return "it does not say"
    if not found.scope.understood:
        return "it could not be read; `inv fly.tokens` lists the ends of all"
    return f"{day(found.scope.expires)} UTC" if found.scope.expires else "never"


def _scope_problems(scope: Scope, policy: Policy, now: datetime) -> list[str]:
    if not scope.understood:
        return []
    if scope.expires is None:
        return (
            ["it never ends: make one that does with inv fly.tokens.create-deploy"] if policy.longest else []
        )
    left = scope.expires - now
    if left <= timedelta(0):
        when = f"{scope.expires:%Y-%m-%d %H:%M} UTC"
        return [f"it ended on {when}: make a new one with inv fly.tokens.create-deploy"]
    if policy.longest and left > policy.longest:
        limit = f"at most {policy.longest.days} are allowed"
        return [f"it lives for {left.days} days more, and {limit}: make one that ends sooner"]
    return []


def _moment(text: str) -> datetime | None:
    found = moment(text)
    return None if found == NEVER else found
