"""Certificates wait for DNS until control says otherwise."""

import pytest

from tests.flysim.simulation import Simulation

CERTIFICATES = "/v1/apps/demo/certificates"
HOST = "www.example.com"


def add(sim: Simulation, hostname: str = HOST) -> dict[str, object]:
    made: dict[str, object] = sim.post(f"{CERTIFICATES}/acme", {"hostname": hostname})
    return made


def test_a_new_certificate_waits_and_says_which_records_it_wants(sim: Simulation) -> None:
    made = add(sim)
    assert (made["status"], made["configured"]) == ("pending_validation", False)
    wanted = made["dns_requirements"]
    assert isinstance(wanted, dict)
    assert (wanted["a"], wanted["aaaa"]) == (["66.241.125.10"], ["2a09:8280:1::1"])
    assert wanted["cname"].endswith(".demo.fly.dev")
    assert wanted["acme_challenge"]["name"] == f"_acme-challenge.{HOST}"
    assert wanted["acme_challenge"]["target"].startswith(f"{HOST}.")
    assert wanted["acme_challenge"]["target"].endswith(".flydns.net")
    assert wanted["ownership"]["name"] == f"_fly-ownership.{HOST}"
    assert sim.post(f"{CERTIFICATES}/{HOST}/check") == made
    assert sim.get(f"{CERTIFICATES}/{HOST}") == made


def test_an_active_one_is_issued_twice_and_configured(sim: Simulation) -> None:
    add(sim)
    sim.control(certs={f"demo/{HOST}": "active"})
    shown = sim.post(f"{CERTIFICATES}/{HOST}/check")
    assert (shown["status"], shown["configured"]) == ("active", True)
    assert [one["type"] for one in shown["certificates"][0]["issued"]] == ["ecdsa", "rsa"]
    assert set(shown["validation"].values()) == {True}


def test_control_says_when_one_expires(sim: Simulation) -> None:
    add(sim)
    told = {"status": "active", "expires_at": "2026-12-01T00:00:00Z", "created_at": "2026-09-02T00:00:00Z"}
    sim.control(certs={f"demo/{HOST}": told})
    shown = sim.post(f"{CERTIFICATES}/{HOST}/check")
    assert shown["created_at"] == "2026-09-02T00:00:00Z"
    assert {one["expires_at"] for one in shown["certificates"][0]["issued"]} == {"2026-12-01T00:00:00Z"}


def test_the_list_is_by_hostname_in_pages_and_holds_summaries(sim: Simulation) -> None:
    for hostname in ("c.example.com", "a.example.com", "b.example.org"):
        add(sim, hostname)
    first = sim.get(CERTIFICATES, limit="2")
    assert [one["hostname"] for one in first["certificates"]] == ["a.example.com", "b.example.org"]
    assert first["total_count"] == 3
    assert "dns_requirements" not in first["certificates"][0]
    second = sim.get(CERTIFICATES, limit="2", cursor=first["next_cursor"])
    assert [one["hostname"] for one in second["certificates"]] == ["c.example.com"]
    assert second["next_cursor"] == ""
    assert sim.get(CERTIFICATES, filter=".org")["total_count"] == 1


def test_a_hostname_is_there_once_and_gone_when_removed(sim: Simulation) -> None:
    add(sim)
    again = sim.request("POST", f"{CERTIFICATES}/acme", {"hostname": HOST.upper()})
    assert (again.status, again.body) == (422, {"error": "Hostname already exists on app"})
    assert sim.delete(f"{CERTIFICATES}/{HOST}") == {}
    missing = sim.request("POST", f"{CERTIFICATES}/{HOST}/check")
    assert (missing.status, missing.body) == (404, {"error": f"certificate not found for hostname {HOST}"})
    add(sim)


def test_a_wildcard_asks_for_records_of_its_domain(sim: Simulation) -> None:
    requirements = add(sim, "*.example.com")["dns_requirements"]
    assert isinstance(requirements, dict)
    assert requirements["acme_challenge"]["name"] == "_acme-challenge.example.com"
    assert sim.post(f"{CERTIFICATES}/%2A.example.com/check")["hostname"] == "*.example.com"


@pytest.mark.parametrize("hostname", ["", "localhost", "with space.com", "http://x.com", None, 7])
def test_what_is_no_hostname_is_refused(sim: Simulation, hostname: object) -> None:
    assert sim.request("POST", f"{CERTIFICATES}/acme", {"hostname": hostname}).status == 422
