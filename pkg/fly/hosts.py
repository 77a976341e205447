"""Host names of an app: asked for once, waited for, removed once."""

import re
import shlex
from collections.abc import Callable

from pkg.fly.answers import is_refusal
from pkg.fly.certificates import ACTIVE
from pkg.fly.client import Flyctl, Speaker
from pkg.fly.models import CertificateCheck
from pkg.shell.errors import BadInput, CommandFailed, Failure, Interrupted

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
NAME = re.compile(rf"(?:\*\.)?(?:{_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]")


def require_name(host: str) -> None:
    """Check a host name.

    Raises:
        BadInput: it is none, or one of Fly's own, which needs no certificate.
    """
    if not NAME.fullmatch(host) or len(host) > 253:
        raise BadInput(
            f"{host!r} is no host name",
            meaning="nothing was sent",
            fix="write it as www.example.com: lower case, no scheme, port or path; others as xn--…",
        )
    if host.endswith((".fly.dev", ".internal", ".flycast")):
        raise BadInput(f"{host} is Fly's own name: it needs no certificate")


def known(flyctl: Flyctl, app: str, host: str) -> bool:
    """Return whether an app has a certificate of a host name."""
    return any(one.hostname == host for one in flyctl.certs_list(app))


def check(flyctl: Flyctl, app: str, host: str) -> CertificateCheck:
    """Return a certificate of an app in full.

    Raises:
        BadInput: the app has none of that host; those that it has, are named.
        Failure: flyctl could not look.
    """
    try:
        return flyctl.certs_check(app, host)
    except CommandFailed as failure:
        hosts = [one.hostname for one in flyctl.certs_list(app)] if is_refusal(failure) else [host]
        if host in hosts:
            raise
        raise BadInput(
            f"{app} has no certificate for {host}",
            meaning=f"it has: {', '.join(hosts) or 'none'}",
            fix=f"`inv fly.certs -a {app}` shows them; "
            f"`inv fly.certs.add {shlex.quote(host)} -a {app}` asks for this one",
        ) from failure


def add(flyctl: Flyctl, app: str, host: str, *, say: Speaker, dry: bool) -> CertificateCheck | None:
    """Ask for a certificate unless it is there; None in a dry run.

    Raises:
        Failure: Fly did not take it.
    """
    if known(flyctl, app, host):
        say(f"{app} has {host} already")
    else:
        _change(lambda: flyctl.certs_add(app, host), lambda: dry or known(flyctl, app, host), say)
        if dry:
            return None
    return flyctl.certs_check(app, host)


def remove(flyctl: Flyctl, app: str, host: str, *, say: Speaker, dry: bool) -> None:
    """Remove a host name that is there.

    Raises:
        Failure: Fly did not do it.
    """
    _change(lambda: flyctl.certs_remove(app, host), lambda: dry or not known(flyctl, app, host), say)


def issued(
    flyctl: Flyctl, app: str, host: str, show: Callable[[str], None], *, tick: float, seconds: float
) -> CertificateCheck:
    """Look once a tick until a certificate is issued, or the time is over; return it as it is then.

    Args:
        flyctl: asks.
        app: whose it is.
        host: the host name.
        show: shows the progress.
        tick: seconds between two looks; an issuer is slow, so it grows to twenty times that.
        seconds: how long to wait.
    """
    clock = flyctl.clock
    end = clock.monotonic() + seconds
    pause = tick
    while True:
        check = flyctl.certs_check(app, host)
        show(check.status)
        left = end - clock.monotonic()
        if check.status == ACTIVE or left <= 0:
            return check
        clock.sleep(min(pause, left))
        pause = min(pause * 1.5, tick * 20)


def _change(act: Callable[[], None], done: Callable[[], bool], say: Speaker) -> None:
    """Do it and look whether it is so: flyctl may fail after the deed.

    Raises:
        Failure: it is not so.
    """
    failure: Failure | None = None
    try:
        act()
    except Interrupted:
        raise
    except Failure as error:
        failure = error
    if not done():
        raise failure or Failure("flyctl said that it did it, and Fly does not show it", fix="run it again")
    if failure:
        say(f"flyctl said: {failure.what}; yet it is done")
