"""Looking up the DNS records that a certificate waits for, and saying which is missing."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from pkg.fly.models import CertificateCheck

# Who issues Fly's certificates; a CAA record that names others keeps it from doing so.
ISSUER = "letsencrypt.org"
SECONDS = 5.0


class Unreachable(Exception):  # noqa: N818 - reads as what happened
    """No name server answers: nothing is known of any record."""


class Resolver(Protocol):
    """Looks names up."""

    def lookup(self, name: str, kind: str) -> list[str]:
        """Return the values of a name's records of a kind, without the final dot; none for no record.

        Raises:
            Unreachable: no name server answers.
        """
        ...


class SystemResolver:
    """Asks name servers.

    Args:
        servers: their addresses; none for those that this machine is set up with.
        port: where they listen.
        seconds: how long an answer may take.
    """

    def __init__(self, servers: Sequence[str] = (), *, port: int = 53, seconds: float = SECONDS) -> None:
        self._servers = list(servers)
        self._port = port
        self._seconds = seconds

    def lookup(self, name: str, kind: str) -> list[str]:
        """Return the values of a name's records of a kind; see `Resolver.lookup`."""
        import dns.exception  # costs 30 ms
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=not self._servers)
            resolver.nameservers = self._servers or resolver.nameservers
            resolver.port = self._port
            answer = resolver.resolve(name, kind, lifetime=self._seconds, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise Unreachable(f"{name}: {type(error).__name__}") from error
        return [str(record).rstrip(".") for record in answer]


class Record(msgspec.Struct, frozen=True):
    """A DNS record that should be.

    Attributes:
        name: the host name.
        kind: A, AAAA, CNAME or TXT.
        value: what it should hold.
    """

    name: str
    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} → {self.value}"


def wanted(check: CertificateCheck) -> list[Record]:
    """Return the records to make for a host: A and AAAA, or else one CNAME (recorded: operate.json).

    A wildcard needs the CNAME of its challenge as well: no other challenge can prove it
    (https://fly.io/docs/networking/custom-domain/).
    """
    return [*(_challenge(check) if is_wildcard(check) else []), *_directing(check)]


def is_wildcard(check: CertificateCheck) -> bool:
    """Return whether a host name stands for all names below another."""
    return check.hostname.startswith("*.")


def _directing(check: CertificateCheck) -> list[Record]:
    """Return the records that lead traffic to the app."""
    needs = check.dns_requirements
    host = check.hostname
    addresses = [Record(host, "A", str(value)) for value in needs.get("a") or []]
    addresses += [Record(host, "AAAA", str(value)) for value in needs.get("aaaa") or []]
    if addresses or not needs.get("cname"):
        return addresses
    return [Record(host, "CNAME", str(needs["cname"]))]


def optional(check: CertificateCheck) -> list[Record]:
    """Return the records that are needed only sometimes: before traffic comes, or behind a proxy."""
    found = [] if is_wildcard(check) else _challenge(check)
    ownership: Mapping[str, str] = check.dns_requirements.get("ownership") or {}
    if ownership.get("name") and ownership.get("app_value"):
        found.append(Record(ownership["name"], "TXT", ownership["app_value"]))
    return found


def _challenge(check: CertificateCheck) -> list[Record]:
    challenge: Mapping[str, str] = check.dns_requirements.get("acme_challenge") or {}
    if challenge.get("name") and challenge.get("target"):
        return [Record(challenge["name"], "CNAME", challenge["target"])]
    return []


def problems(check: CertificateCheck, resolver: Resolver) -> list[str]:
    """Return what is wrong with a host's records, as things to do; empty when nothing is.

    A host may point at the app by A and AAAA, or by a CNAME; either will do.

    Args:
        check: what Fly wants.
        resolver: looks up what is.

    Raises:
        Unreachable: no name server answers.
    """
    host, needs = check.hostname, check.dns_requirements
    cname = str(needs.get("cname") or "")
    aliases = resolver.lookup(host, "CNAME")
    found = [] if _points(aliases, cname) else _addresses(host, needs, aliases, resolver)
    if is_wildcard(check):
        found = [*(_unproven(record, resolver) for record in _challenge(check)), *found]
    return [*filter(None, found), *_caa(host.removeprefix("*."), resolver)]


def _unproven(challenge: Record, resolver: Resolver) -> str:
    """Return what is wrong with the CNAME of a challenge; empty for nothing."""
    aliases = resolver.lookup(challenge.name, "CNAME")
    if _points(aliases, challenge.value):
        return ""
    if aliases:
        return f"CNAME of {challenge.name} is {', '.join(aliases)}: make it {challenge.value}"
    return (
        f"CNAME of {challenge.name} is missing: add {challenge.value}; a wildcard gets no certificate without"
    )


def _addresses(
    host: str, needs: Mapping[str, Sequence[str]], aliases: Sequence[str], resolver: Resolver
) -> list[str]:
    found = []
    for kind in ("A", "AAAA"):
        expected = list(needs.get(kind.lower()) or [])
        actual = resolver.lookup(host, kind)
        if not expected or set(expected) & set(actual):
            continue
        if actual:
            found.append(f"{kind} of {host} is {', '.join(actual)}: make it {', '.join(expected)}")
        else:
            found.append(f"{kind} of {host} is missing: add {', '.join(expected)}")
    if found and aliases:
        found.insert(0, f"CNAME of {host} points to {', '.join(aliases)}, which is not this app")
    return found


def _points(aliases: Sequence[str], cname: str) -> bool:
    return bool(cname) and any(alias.lower() == cname.lower() for alias in aliases)


def _caa(host: str, resolver: Resolver) -> list[str]:
    """Return the CAA records that keep the issuer out: those of the nearest parent that has any count."""
    labels = host.split(".")
    for depth in range(len(labels) - 1):
        name = ".".join(labels[depth:])
        records = resolver.lookup(name, "CAA")
        if records:
            issuers = [record for record in records if " issue " in f" {record} "]
            if issuers and not any(ISSUER in record for record in issuers):
                return [f'CAA of {name} keeps {ISSUER} out: add 0 issue "{ISSUER}"']
            return []
    return []
