"""Tokens: their life, their name, their list, and what is asked of the one in use."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pkg.fly import tokens
from pkg.shell.errors import BadInput, Refused
from tests.unit.fly.test_macaroon import END, ORGANIZATION, WINDOW, macaroon

ROOT = Path(__file__).parents[3]

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
# recorded: operate.json, tokens list
TABLE = """Tokens for app "demo":
 ID           │ NAME                │ CREATED BY      │ EXPIRES AT                    │ REVOKED AT
 9343ca56c796 │ flyctl deploy token │ dev@example.com │ 2046-11-19T07:36:00Z │
 b961b9269a36 │ ci: deploy demo, x  │ dev@example.com │ 2026-11-25T07:36:00Z │ 2026-11-24T08:00:00Z
 c1           │ odd                 │ dev@example.com │ some day                      │

"""


@pytest.mark.parametrize(
    ("text", "seconds", "go"),
    [
        ("24h", 86400, "24h0m0s"),
        ("30d", 30 * 86400, "720h0m0s"),
        ("1h30m", 5400, "1h30m0s"),
        ("365d", 365 * 86400, "8760h0m0s"),
        (" 2H ", 7200, "2h0m0s"),
    ],
)
def test_a_life(text: str, seconds: int, go: str) -> None:
    life = tokens.lifetime(text)
    assert life == timedelta(seconds=seconds)
    assert tokens.duration(life) == go


@pytest.mark.parametrize(
    "text", ["", "forever", "1y", "366d", "8761h", "0h", "-1h", "h", "9" * 30 + "d", "24"]
)
def test_what_is_no_life_or_too_long_a_one(text: str) -> None:
    with pytest.raises(BadInput, match="--expiry"):
        tokens.lifetime(text)


def test_the_name_says_who_and_what() -> None:
    assert tokens.token_name("ci", "demo", "ann@desk", "a1b2c3") == "ci: deploy demo, by ann@desk, a1b2c3"


@pytest.mark.parametrize("purpose", ["", " ci", "a\nb", "a│b", "x" * 41, "--show"])
def test_a_purpose_that_would_break_the_list_is_refused(purpose: str) -> None:
    with pytest.raises(BadInput, match="no purpose"):
        tokens.token_name(purpose, "demo", "ann", "a1")


def test_the_list_is_read_from_flyctls_table() -> None:
    first, second, third = tokens.rows(TABLE)
    assert (first.id, first.name, first.by, first.revoked) == (
        "9343ca56c796",
        "flyctl deploy token",
        "dev@example.com",
        False,
    )
    assert first.expires == datetime(2046, 11, 19, 7, 36, tzinfo=UTC)
    assert second.revoked
    assert third.expires is None
    assert [tokens.state(row, NOW) for row in (first, second, third)] == ["valid", "revoked", "valid"]


@pytest.mark.parametrize(
    ("hours", "state"),
    [
        (-1, "ended"),
        (1, "ends soon"),
        (24, "valid, 24 h left"),
        (47, "valid, 47 h left"),
        (72, "valid, 3 days left"),
        (24 * 30, "valid"),
    ],
)
def test_whether_one_can_still_be_used(hours: int, state: str) -> None:
    assert tokens.state(tokens.Row("i", "n", "b", NOW + timedelta(hours=hours), revoked=False), NOW) == state


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("", "none"),
        ("fo1_abc", "personal"),
        ("FlyV1 fm2_abc", "scoped"),
        ("fm2_abc", "scoped"),
        ("xyz", "unknown"),
    ],
)
def test_kinds(token: str, kind: str) -> None:
    found = tokens.kind(token)
    assert found.name == kind
    assert found.words


CI = tokens.Policy(ci=True, longest=timedelta(days=90))
DESK = tokens.Policy(ci=False)


def problems(token: str, policy: tokens.Policy) -> str:
    return "; ".join(tokens.problems(tokens.kind(token), policy, now=NOW))


def test_what_is_asked_of_a_token() -> None:
    good = macaroon(ORGANIZATION, WINDOW)
    assert problems(good, CI) == ""
    assert problems("fo1_abc", DESK) == ""
    assert "person's own" in problems("fo1_abc", CI)
    assert "no token" in problems("", DESK)
    assert "cut off" in problems("garbage", DESK)
    assert "never ends" in problems(macaroon(ORGANIZATION), CI)
    assert problems(macaroon(ORGANIZATION), DESK) == ""
    assert "it ended on" in problems(macaroon([4, [0, 1_700_000_000]]), DESK)
    long = int((NOW + timedelta(days=7300)).timestamp())
    assert "at most 90 are allowed" in problems(macaroon([4, [0, long]]), CI)
    assert problems("fm2_notreadable", CI) == ""


def test_ci_refuses_a_personal_token_and_nothing_else() -> None:
    with pytest.raises(Refused, match="a person's own") as refused:
        tokens.require(tokens.kind("fo1_abc"), CI, "infra-core")
    assert refused.value.fix.endswith("-a infra-core, and put that into CI's secrets as FLY_TOKEN_CORE")
    tokens.require(tokens.kind("fo1_abc"), DESK, "infra")
    tokens.require(tokens.kind(macaroon(WINDOW)), CI, "infra")


def test_the_secret_of_each_app_is_the_one_that_the_workflow_reads() -> None:
    workflow = (ROOT / ".github/workflows/deploy.yml").read_text()
    for manifest in (ROOT / "fly.toml", *ROOT.glob("core/fly.toml"), *ROOT.glob("processcompose/*/fly.toml")):
        app = tomllib.loads(manifest.read_text())["app"]
        path = manifest.relative_to(ROOT)
        assert f"env.MANIFEST == '{path}' && secrets.{tokens.ci_secret(app)})" in workflow


def test_when_it_ends_in_words() -> None:
    assert tokens.end_words(tokens.kind(macaroon(WINDOW))) == f"{END:%Y-%m-%d %H:%M} UTC"
    assert tokens.end_words(tokens.kind(macaroon(ORGANIZATION))) == "never"
    assert "could not be read" in tokens.end_words(tokens.kind("fm2_x"))
    assert tokens.end_words(tokens.kind("fo1_x")) == "it does not say"
