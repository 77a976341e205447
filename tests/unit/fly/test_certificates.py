"""A certificate judged: stuck, ending, or well."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from pkg.fly.certificates import judge, look_up, table
from pkg.fly.models import CertificateCheck
from tests.unit.fly.test_dns import GOOD, NoNetwork, Zone
from tests.unit.fly.test_dns import check as dns_check

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def check(
    status: str = "active", expires: str = "2027-01-23T00:00:00Z", issued: bool = True, **more: Any
) -> CertificateCheck:
    kinds = [{"type": "ecdsa", "expires_at": expires, "certificate_authority": "lets_encrypt"}]
    answer = {
        "hostname": "www.example.com",
        "status": status,
        "configured": status == "active",
        "certificates": [
            {
                "source": "fly",
                "status": status,
                "created_at": "2026-11-24T00:00:00Z",
                "expires_at": expires,
                "issuer": "Let's Encrypt",
                "issued": kinds if issued else [],
            }
        ],
        **more,
    }
    return msgspec.convert(answer, CertificateCheck)


def test_an_issued_one_that_lives_for_long_is_well() -> None:
    found = judge("demo", check(), now=NOW)
    assert found.ok
    assert found.expires == datetime(2027, 1, 23, tzinfo=UTC)
    assert found.issuer == "Let's Encrypt"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (check("pending_validation", issued=False), "not issued yet"),
        (check(expires="2026-12-01T00:00:00Z"), "ends in 7 days and was not renewed"),
        (check(expires="2026-11-01T00:00:00Z"), "expired on 2026-11-01"),
        (check(expires="nonsense"), "expired on 1970-01-01"),
        (check(validation_errors=[{"message": "CAA forbids it"}]), "Fly says: CAA forbids it"),
        (check(validation_errors=["rate limited"]), "Fly says: rate limited"),
        (check(certificates=[]), "active, but no certificate was issued"),
    ],
)
def test_what_is_wrong_is_told(given: CertificateCheck, problem: str) -> None:
    found = judge("demo", given, now=NOW)
    assert not found.ok
    assert problem in found.problem


def test_one_that_was_never_issued_has_no_end() -> None:
    """recorded: operate.json: a pending certificate has an expires_at, and nothing issued."""
    assert judge("demo", check("pending_validation", issued=False), now=NOW).expires is None


def test_an_own_certificate_counts_without_what_fly_issued() -> None:
    assert judge("demo", check(issued=False), now=NOW).ok


def test_how_many_days_count_as_soon_is_the_callers() -> None:
    given = check(expires="2026-12-20T00:00:00Z")
    assert judge("demo", given, now=NOW).ok
    assert not judge("demo", given, now=NOW, days=30).ok


def test_those_with_a_problem_are_first_in_the_table() -> None:
    well, stuck = judge("demo", check(), now=NOW), judge("demo", check("error", issued=False), now=NOW)
    assert [row[4] == "ok" for row in table([well, stuck])] == [False, True]


def test_looking_up_says_what_is_wrong_or_that_nothing_is_known() -> None:
    assert look_up(dns_check(), Zone(**GOOD)) == ([], "")
    assert look_up(dns_check(), Zone())[0]
    problems, unknown = look_up(dns_check(), NoNetwork())
    assert problems == []
    assert "was not looked up" in unknown
