"""Which DNS record is missing, told from what Fly wants and what name servers answer."""

from typing import Any

import msgspec
import pytest

from pkg.fly import dns
from pkg.fly.models import CertificateCheck

HOST = "www.example.com"
# recorded: operate.json, certs check --json
NEEDS = {
    "a": ["66.241.125.10"],
    "aaaa": ["2a09:8280:1::1"],
    "cname": "35cc405.demo.fly.dev",
    "acme_challenge": {"name": f"_acme-challenge.{HOST}", "target": f"{HOST}.ec31682.flydns.net"},
    "ownership": {"name": f"_fly-ownership.{HOST}", "app_value": "app-ebf7093", "org_value": "org-1"},
}


def check(host: str = HOST, **needs: Any) -> CertificateCheck:
    answer = {
        "hostname": host,
        "status": "pending_validation",
        "configured": False,
        "dns_requirements": needs or NEEDS,
    }
    return msgspec.convert(answer, CertificateCheck)


class Zone:
    """Name servers that know only what a test has told them."""

    def __init__(self, **records: list[str]) -> None:
        self.records = records
        self.asked: list[tuple[str, str]] = []

    def lookup(self, name: str, kind: str) -> list[str]:
        self.asked.append((name, kind))
        return self.records.get(f"{kind}_{name}".replace(".", "_").replace("-", "_"), [])


class NoNetwork:
    def lookup(self, name: str, kind: str) -> list[str]:
        raise dns.Unreachable(f"{name}: no {kind}")


A, AAAA, CNAME = (f"{kind}_www_example_com" for kind in ("A", "AAAA", "CNAME"))
GOOD = {A: ["66.241.125.10"], AAAA: ["2a09:8280:1::1"]}


def test_both_addresses_in_place_is_well() -> None:
    assert dns.problems(check(), Zone(**GOOD)) == []


def test_a_cname_to_the_app_is_well_without_addresses() -> None:
    assert dns.problems(check(), Zone(**{CNAME: ["35CC405.demo.fly.dev"]})) == []


def test_an_a_alone_stalls_and_the_aaaa_is_named() -> None:
    assert dns.problems(check(), Zone(**{A: GOOD[A]})) == [
        "AAAA of www.example.com is missing: add 2a09:8280:1::1"
    ]


def test_an_address_of_somebody_else_is_told_with_what_it_should_be() -> None:
    [first, second] = dns.problems(check(), Zone(**{A: ["192.0.2.1"]}))
    assert first == "A of www.example.com is 192.0.2.1: make it 66.241.125.10"
    assert "missing" in second


def test_a_cname_to_something_else_is_told_first() -> None:
    found = dns.problems(check(), Zone(**{CNAME: ["parked.example.net"]}))
    assert found[0] == "CNAME of www.example.com points to parked.example.net, which is not this app"


@pytest.mark.parametrize(
    ("caa", "wrong"),
    [
        (['0 issue "letsencrypt.org"'], False),
        (['0 issue "digicert.com"', '0 issue "letsencrypt.org"'], False),
        (['0 iodef "mailto:a@example.com"'], False),
        (['0 issue "digicert.com"'], True),
        (['0 issue ";"'], True),
    ],
)
def test_a_caa_of_a_parent_may_keep_the_issuer_out(caa: list[str], wrong: bool) -> None:
    found = dns.problems(check(), Zone(**GOOD, CAA_example_com=caa))
    assert bool(found) is wrong


def test_the_nearest_caa_counts_and_the_top_level_is_never_asked() -> None:
    near = Zone(**GOOD, CAA_www_example_com=['0 issue "letsencrypt.org"'], CAA_example_com=['0 issue ";"'])
    assert dns.problems(check(), near) == []
    none = Zone(**GOOD)
    dns.problems(check(), none)
    assert ("com", "CAA") not in none.asked


STAR = "*.example.com"
CHALLENGE = {"name": "_acme-challenge.example.com", "target": "example.com.ec31682.flydns.net"}


def test_a_wildcard_needs_the_cname_of_its_challenge() -> None:
    star = check(STAR, **{**NEEDS, "acme_challenge": CHALLENGE})
    assert str(dns.wanted(star)[0]) == f"CNAME {CHALLENGE['name']} → {CHALLENGE['target']}"
    assert [record.kind for record in dns.wanted(star)] == ["CNAME", "A", "AAAA"]
    assert [record.kind for record in dns.optional(star)] == ["TXT"]
    traffic = {"A_*_example_com": GOOD[A], "AAAA_*_example_com": GOOD[AAAA]}
    [missing] = dns.problems(star, Zone(**traffic))
    assert missing.startswith(f"CNAME of {CHALLENGE['name']} is missing: add {CHALLENGE['target']}")
    [wrong] = dns.problems(star, Zone(**traffic, CNAME__acme_challenge_example_com=["x.example.net"]))
    assert wrong.endswith(f"is x.example.net: make it {CHALLENGE['target']}")
    assert dns.problems(star, Zone(**traffic, CNAME__acme_challenge_example_com=[CHALLENGE["target"]])) == []


def test_a_wildcard_is_looked_up_as_it_is_and_its_caa_at_its_parent() -> None:
    zone = Zone()
    dns.problems(check("*.www.example.com"), zone)
    assert ("*.www.example.com", "A") in zone.asked
    assert ("www.example.com", "CAA") in zone.asked


def test_without_a_network_it_says_so() -> None:
    with pytest.raises(dns.Unreachable):
        dns.problems(check(), NoNetwork())


def test_the_records_to_make() -> None:
    assert [str(record) for record in dns.wanted(check())] == [
        "A www.example.com → 66.241.125.10",
        "AAAA www.example.com → 2a09:8280:1::1",
    ]
    assert [record.kind for record in dns.wanted(check(cname="x.fly.dev"))] == ["CNAME"]
    assert [record.kind for record in dns.optional(check())] == ["CNAME", "TXT"]
    assert dns.wanted(check(other=1)) == dns.optional(check(other=1)) == []


def test_the_system_resolver_tells_that_nothing_answers() -> None:
    """Tests may reach loopback only: the system's name servers do not answer them."""
    with pytest.raises(dns.Unreachable):
        dns.SystemResolver(servers=["127.0.0.1"], seconds=0.05).lookup("www.example.com", "A")
