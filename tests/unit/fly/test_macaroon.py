"""What a scoped token says of itself, read from tokens made here the way Fly's library makes them."""

import base64
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.fly.macaroon import LOCATION, Scope, is_macaroon, read

END = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
WINDOW = [4, [1_795_500_000, int(END.timestamp())]]
APPS = [3, [{100: 31}]]
ORGANIZATION = [0, [7, 31]]


def macaroon(*caveats: Any, location: str = LOCATION) -> str:
    """A token of nonce, location, caveats and tail; nothing in it is anybody's."""
    flat = [part for caveat in caveats for part in caveat]
    packed = msgspec.msgpack.encode([[b"kid", b"0" * 16, False], location, flat, b"t" * 32])
    return "fm2_" + base64.b64encode(packed).decode()


def test_the_end_the_apps_and_the_organization_are_read() -> None:
    scope = read(f"FlyV1 {macaroon(ORGANIZATION, APPS, WINDOW)}")
    assert scope == Scope(expires=END, apps=frozenset({100}), organization=7, understood=True)


def test_the_earliest_end_counts() -> None:
    assert read(macaroon(WINDOW, [4, [0, 1_795_600_000]])).expires == datetime.fromtimestamp(
        1_795_600_000, UTC
    )


def test_a_caveat_that_holds_where_it_concerns_something_is_looked_into() -> None:
    """A deploy token's apps stand in an IfPresent caveat."""
    scope = read(macaroon(ORGANIZATION, [13, [[*APPS], 1]], WINDOW))
    assert scope.apps == frozenset({100})


def test_a_discharge_beside_the_token_does_not_count() -> None:
    discharge = macaroon([4, [0, 1]], location="https://api.fly.io/aaa/v1")
    assert read(f"FlyV1 {macaroon(WINDOW)},{discharge}").expires == END


def test_one_without_an_end_never_ends() -> None:
    scope = read(macaroon(ORGANIZATION))
    assert scope.understood
    assert scope.expires is None


@pytest.mark.parametrize(
    "token",
    ["", "fo1_x", "FlyV1 ", "fm2_", "fm2_***", "fm2_" + base64.b64encode(b"no msgpack").decode(), "fm2_AAAA"],
)
def test_what_is_not_understood_is_not_known(token: str) -> None:
    assert read(token) == Scope()


def test_one_that_was_cut_off_is_not_understood() -> None:
    assert read(macaroon(WINDOW)[:40]) == Scope()


@given(st.text(), st.binary())
def test_no_text_makes_it_fail(text: str, raw: bytes) -> None:
    read(text)
    read(f"FlyV1 fm2_{base64.b64encode(raw).decode()}")


simple = st.integers(-(2**40), 2**63) | st.none() | st.text(max_size=3) | st.booleans()


@given(st.recursive(simple, lambda inner: st.lists(inner) | st.dictionaries(st.integers(0, 99), inner)))
def test_no_caveats_make_it_fail(caveats: Any) -> None:
    packed = msgspec.msgpack.encode([[], LOCATION, caveats, b""])
    read("fm2_" + base64.b64encode(packed).decode())


def test_the_kind_is_told_by_the_beginning() -> None:
    assert is_macaroon("FlyV1 fm2_x")
    assert is_macaroon("fm1r_x")
    assert not is_macaroon("fo1_x")
