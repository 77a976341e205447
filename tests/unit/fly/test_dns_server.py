"""The resolver against a real name server on loopback."""

import socket
import threading
from collections.abc import Iterator

import dns.message
import dns.rrset
import pytest

from pkg.fly.dns import SystemResolver

ZONE = {
    ("www.example.com.", "A"): ["66.241.125.10"],
    ("www.example.com.", "AAAA"): ["2a09:8280:1::1"],
    ("www.example.com.", "CAA"): ['0 issue "letsencrypt.org"'],
    ("alias.example.com.", "CNAME"): ["35cc405.demo.fly.dev."],
}


@pytest.fixture
def port() -> Iterator[int]:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    server.settimeout(0.05)
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                wire, peer = server.recvfrom(4096)
            except TimeoutError:
                continue
            question = dns.message.from_wire(wire)
            answer = dns.message.make_response(question)
            asked = question.question[0]
            kind = dns.rdatatype.to_text(asked.rdtype)
            for value in ZONE.get((str(asked.name), kind), []):
                answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, value))
            server.sendto(answer.to_wire(), peer)

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.getsockname()[1]
    ended.set()
    thread.join()
    server.close()


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("www.example.com", "A", ["66.241.125.10"]),
        ("www.example.com", "AAAA", ["2a09:8280:1::1"]),
        ("www.example.com", "CAA", ['0 issue "letsencrypt.org"']),
        ("alias.example.com", "CNAME", ["35cc405.demo.fly.dev"]),
        ("none.example.com", "A", []),
    ],
)
def test_records_are_looked_up(port: int, name: str, kind: str, expected: list[str]) -> None:
    assert SystemResolver(["127.0.0.1"], port=port, seconds=2).lookup(name, kind) == expected
