"""Certificates of an app: which are in place, which are stuck, and which end soon."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import msgspec

from pkg.fly.client import Flyctl
from pkg.fly.models import CertificateCheck

ACTIVE = "active"
# Fly renews a month before the end: fewer days than this mean that renewing fails.
SOON = 14
WORKERS = 8


class CertificateState(msgspec.Struct, frozen=True):
    """A certificate, judged.

    Attributes:
        host: the host name.
        status: Fly's word.
        issuer: who signed it.
        expires: when it ends, RFC 3339; empty while there is none.
        days: whole days until then; None while there is none.
        problem: what is wrong; empty for nothing.
        dns: the DNS records that it needs, as a person enters them.
    """

    host: str
    status: str
    issuer: str
    expires: str
    days: int | None
    problem: str
    dns: list[str]


def certificates(flyctl: Flyctl, app: str, now: datetime) -> list[CertificateState]:
    """Return an app's certificates, each checked, side by side: the list alone does not tell when they end.

    Raises:
        Failure: they could not be read.
    """
    hosts = [certificate.hostname for certificate in flyctl.certs_list(app)]
    with ThreadPoolExecutor(WORKERS) as pool:
        return [judge(check, now) for check in pool.map(lambda host: flyctl.certs_check(app, host), hosts)]


def judge(check: CertificateCheck, now: datetime) -> CertificateState:
    """Return how a certificate is.

    Args:
        check: what `certs check` answers.
        now: the present moment.
    """
    ends = [issued.expires_at for certificate in check.certificates for issued in certificate.issued or []]
    ends = [text for text in ends if text]
    first = min(ends, default="")
    days = _days(first, now)
    return CertificateState(
        host=check.hostname,
        status=check.status,
        issuer=next((certificate.issuer for certificate in check.certificates if certificate.issuer), ""),
        expires=first,
        days=days,
        problem=_problem(check, days),
        dns=dns_records(check),
    )


def dns_records(check: CertificateCheck) -> list[str]:
    """Return the DNS records that a host name needs (recorded: operate.json, `certs check`)."""
    wanted, host = check.dns_requirements, check.hostname
    records = [f"A {host} {address}" for address in _texts(wanted.get("a"))]
    records += [f"AAAA {host} {address}" for address in _texts(wanted.get("aaaa"))]
    challenge = wanted.get("acme_challenge")
    if isinstance(challenge, dict) and challenge.get("name"):
        records.append(f"CNAME {challenge['name']} {challenge.get('target', '')}")
    return records


def _problem(check: CertificateCheck, days: int | None) -> str:
    errors = [str(error) for error in check.validation_errors or []]
    if check.status != ACTIVE:
        return f"it is {check.status}" + (f": {'; '.join(errors)}" if errors else ", not active")
    if days is not None and days < SOON:
        return f"it ends in {days} days, and was not renewed"
    return "; ".join(errors)


def _days(text: str, now: datetime) -> int | None:
    try:
        return (datetime.fromisoformat(text) - now).days if text else None
    except ValueError:
        return None


def _texts(value: object) -> Sequence[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
