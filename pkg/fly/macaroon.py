"""What a scoped token of Fly says of itself: until when, for which organization and apps.

A macaroon is no secret language: base64 of MessagePack, `[nonce, location, caveats, tail]`, the caveats as a
flat list of type, body, type, body (https://github.com/superfly/macaroon: macaroon.go, caveat_set.go and
caveat.go). Only the caveats are looked at; that the token is genuine, Fly alone can say. What is not
understood is "not known".
"""

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

SCHEME = "FlyV1 "
PREFIXES = ("fm2_", "fm1r_", "fm1a_")
# Fly's own tokens; others in a bundle are discharges, which live for minutes and are made anew.
LOCATION = "https://api.fly.io/v1"
# Types of caveats: the order of the constants in caveat.go.
ORGANIZATION, APPS, VALIDITY, IF_PRESENT = 0, 3, 4, 13


class Scope(msgspec.Struct, frozen=True):
    """What a token says of itself.

    Attributes:
        expires: when it ends; None when it does not say, or was not understood.
        apps: the numbers of the apps that it is limited to; None when it names none. Fly gives no names here.
        organization: the number of the organization; None when it names none.
        understood: whether it could be read at all.
    """

    expires: datetime | None = None
    apps: frozenset[int] | None = None
    organization: int | None = None
    understood: bool = False


def is_macaroon(token: str) -> bool:
    """Return whether a token is a scoped one, by its beginning."""
    return token.removeprefix(SCHEME).strip().startswith(PREFIXES)


def read(token: str) -> Scope:
    """Return what a token says of itself; what is not understood is not known, which is no error."""
    found = [
        caveats for part in token.removeprefix(SCHEME).split(",") if (caveats := _caveats(part)) is not None
    ]
    if not found:
        return Scope()
    pairs = [pair for caveats in found for pair in _pairs(caveats)]
    return Scope(
        expires=min((end for kind, body in pairs if (end := _end(kind, body))), default=None),
        apps=_apps(pairs),
        organization=next((body[0] for kind, body in pairs if kind == ORGANIZATION and _numbers(body)), None),
        understood=True,
    )


def _caveats(part: str) -> list[Any] | None:
    """Return the caveats of one macaroon of a bundle; None for a discharge, and for what is none."""
    _, _, encoded = part.strip().partition("_")
    try:
        decoded = msgspec.msgpack.decode(base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return None
    if not isinstance(decoded, list) or len(decoded) != 4 or decoded[1] != LOCATION:
        return None
    return decoded[2] if isinstance(decoded[2], list) else None


def _pairs(caveats: list[Any]) -> Iterator[tuple[int, Any]]:
    """Yield type and body of each caveat; also of those that hold only where they concern something."""
    for kind, body in zip(caveats[::2], caveats[1::2], strict=False):
        yield kind, body
        if kind == IF_PRESENT and isinstance(body, list) and body and isinstance(body[0], list):
            yield from _pairs(body[0])


def _end(kind: int, body: Any) -> datetime | None:  # noqa: ANN401  MessagePack
    """Return the end of a validity window: `[not before, not after]`, in seconds since 1970."""
    if kind != VALIDITY or not _numbers(body) or len(body) != 2:
        return None
    try:
        return datetime.fromtimestamp(body[1], UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _apps(pairs: list[tuple[int, Any]]) -> frozenset[int] | None:
    for kind, body in pairs:
        if kind == APPS and isinstance(body, list) and body and isinstance(body[0], dict):
            return frozenset(key for key in body[0] if isinstance(key, int))
    return None


def _numbers(body: Any) -> bool:  # noqa: ANN401  MessagePack
    return isinstance(body, list) and bool(body) and all(isinstance(item, int) for item in body)
