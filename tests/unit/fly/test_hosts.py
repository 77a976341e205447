"""Host names, checked before anything is sent; certificates asked for once and waited for."""

import pytest

from pkg.fly import argv, hosts
from pkg.fly.client import Flyctl
from pkg.shell.errors import BadInput, Failure
from tests.fakes import FakeRunner, ManualClock

HOST = "www.example.com"
ROW = {"hostname": HOST, "status": "active", "configured": True, "created_at": "2026-11-24T07:34:00Z"}


def flyctl(runner: FakeRunner, clock: ManualClock | None = None) -> Flyctl:
    return Flyctl(runner, clock=clock or ManualClock(), say=lambda _: None)


def check(status: str) -> dict[str, object]:
    return {"hostname": HOST, "status": status, "configured": False}


@pytest.mark.parametrize(
    "host", ["example.com", "www.example.com", "*.example.com", "a-b.example.co.uk", "xn--bcher-kva.example"]
)
def test_a_host_name_is_taken(host: str) -> None:
    hosts.require_name(host)


WRONG = (
    "",
    " ",
    "localhost",
    "https://example.com",
    "example.com/",
    "example.com:443",
    "Example.com",
    "-a.example.com",
    "a..example.com",
    "bücher.example",
    "a_b.example.com",
    "a" * 64 + ".example.com",
    "x." * 130 + "com",
    "www.example.com\n",
    "--app",
    "a b.example.com",
    "demo.fly.dev",
    "demo.internal",
    "1.2.3.4",
)


@pytest.mark.parametrize("host", WRONG)
def test_what_is_none_is_refused_before_anything_is_sent(host: str) -> None:
    with pytest.raises(BadInput):
        hosts.require_name(host)


def test_a_host_that_is_there_is_not_asked_for_again(runner: FakeRunner) -> None:
    said: list[str] = []
    runner.answer(*argv.certs_list("demo"), json=[ROW]).answer(
        *argv.certs_check("demo", HOST), json=check("active")
    )
    found = hosts.add(flyctl(runner), "demo", HOST, say=said.append, dry=False)
    assert found is not None
    assert said == [f"demo has {HOST} already"]


def test_flyctl_that_did_nothing_is_not_believed(runner: FakeRunner) -> None:
    runner.answer(*argv.certs_list("demo"), json=[], times=2).answer(*argv.certs_add("demo", HOST))
    with pytest.raises(Failure, match="Fly does not show it"):
        hosts.add(flyctl(runner), "demo", HOST, say=lambda _: None, dry=False)


def test_a_certificate_is_waited_for_with_growing_pauses(runner: FakeRunner, clock: ManualClock) -> None:
    runner.answer(*argv.certs_check("demo", HOST), json=check("pending_validation"), times=4)
    runner.answer(*argv.certs_check("demo", HOST), json=check("active"))
    shown: list[str] = []
    found = hosts.issued(flyctl(runner, clock), "demo", HOST, shown.append, tick=1, seconds=300)
    assert found.status == "active"
    assert clock.sleeps == sorted(clock.sleeps)
    assert shown == ["pending_validation"] * 4 + ["active"]


def test_waiting_ends_at_its_time(runner: FakeRunner, clock: ManualClock) -> None:
    runner.answer(*argv.certs_check("demo", HOST), json=check("pending_validation"), times=None)
    found = hosts.issued(flyctl(runner, clock), "demo", HOST, lambda _: None, tick=1, seconds=10)
    assert found.status == "pending_validation"
    assert clock.monotonic() == pytest.approx(10)
