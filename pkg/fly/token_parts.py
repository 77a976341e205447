"""A token as an HTTP header may hold it: cut into its parts once, where it comes in, and never quoted."""

import re

from pkg.fly.macaroon import SCHEME
from pkg.fly.metrics.failures import NoToken

# What is visible in ASCII, without the comma that stands between two parts.
_PART = re.compile(r"[!-+\--~]+")


def parts(token: str) -> list[str]:
    """Return the tokens in a value, as `FlyV1 fm2_a,fm2_b`: blanks around each are none of its own.

    Raises:
        NoToken: one holds a blank, a line end or a character that no header may hold; it is not shown.
    """
    found = [part.strip() for part in token.strip().removeprefix(SCHEME.strip()).split(",")]
    if not all(map(_PART.fullmatch, found)):
        raise NoToken(
            "the token cannot be sent: it holds what no token holds",
            meaning="a blank, a line end, or a character that is not ASCII: something came along with it",
            fix="set FLY_API_TOKEN again, in one line (`inv onboard` shows how)",
        )
    return found
