"""How an app's certificates are: what each waits for, and when each ends."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from pkg.fly import dns
from pkg.fly.models import CertificateCheck
from pkg.fly.moments import moment

ACTIVE = "active"
# Fly renews a month before the end; one that has less left is not being renewed.
EXPIRING_DAYS = 14


class Certificate(msgspec.Struct, frozen=True):
    """One certificate, judged.

    Attributes:
        app: whose it is.
        host: its host name.
        status: Fly's word.
        issuer: who issues it.
        expires: when it ends; None while it was never issued.
        records: the DNS records that it needs.
        problem: what is wrong; empty for nothing.
    """

    app: str
    host: str
    status: str
    issuer: str
    expires: datetime | None
    records: list[dns.Record]
    problem: str

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problem


def judge(app: str, check: CertificateCheck, *, now: datetime, days: int = EXPIRING_DAYS) -> Certificate:
    """Return a certificate, judged by what Fly says of it.

    Args:
        app: whose it is.
        check: flyctl's answer.
        now: the present moment.
        days: one that ends within so many days counts as ending.
    """
    issued = [one for one in check.certificates if one.status == ACTIVE or one.issued]
    ends = [moment(one.expires_at) for one in issued if one.expires_at]
    expires = min(ends, default=None)
    issuer = next((one.issuer for one in check.certificates if one.issuer), "")
    return Certificate(
        app=app,
        host=check.hostname,
        status=check.status,
        issuer=issuer,
        expires=expires,
        records=dns.wanted(check),
        problem=_problem(check, expires, now, days),
    )


def look_up(check: CertificateCheck, resolver: dns.Resolver) -> tuple[list[str], str]:
    """Return what is wrong in the DNS, and why nothing could be looked up; one of them is empty."""
    try:
        return dns.problems(check, resolver), ""
    except dns.Unreachable as error:
        return [], f"DNS was not looked up ({error}): whether the records exist is not known"


def table(certificates: Sequence[Certificate]) -> list[tuple[str, ...]]:
    """Return the rows that show certificates, those with a problem first."""
    return [
        (one.host, one.status, one.issuer or "-", day(one.expires), one.problem or "ok")
        for one in sorted(certificates, key=lambda one: (one.ok, one.host))
    ]


def day(when: datetime | None) -> str:
    """Return the day of a moment, for people; a dash for none."""
    return f"{when:%Y-%m-%d}" if when else "-"


def _problem(check: CertificateCheck, expires: datetime | None, now: datetime, days: int) -> str:
    if check.validation_errors:
        return f"Fly says: {_words(check.validation_errors[0])}"
    if check.status != ACTIVE:
        missing = "; ".join(str(record) for record in dns.wanted(check))
        return f"not issued yet: {check.status}" + (f"; it needs {missing}" if missing else "")
    if expires is None:
        return "active, but no certificate was issued"
    left = (expires - now).days
    if left < 0:
        return f"expired on {day(expires)}"
    return f"ends in {left} days and was not renewed" if left < days else ""


def _words(error: object) -> str:
    """Return what Fly says of an error; its shape is not recorded, so any text of it will do."""
    if isinstance(error, dict):
        return str(error.get("message") or error.get("remediation") or error)
    return str(error)
