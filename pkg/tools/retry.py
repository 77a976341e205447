"""Trying again what may go better next time, a few times, and never what will not."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar, cast

from pkg.shell.clock import Clock
from pkg.shell.errors import Failure
from pkg.shell.network import shown
from pkg.tools.disk import UNTOUCHED

if TYPE_CHECKING:
    import httpx
    import tenacity

T = TypeVar("T")

RETRIES = 3
# Seconds; doubled each time, with a random part added, so that many do not come back at once.
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
LONGEST_RETRY_AFTER = 60.0
# Seconds for all tries together.
DEADLINE = 900.0


class StumbleError(Exception):
    """The network or the server failed in a way that may pass.

    Args:
        reason: what happened.
        after: seconds that the server asked to be left alone for.
    """

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


def persist(url: str, work: Callable[[], T], *, clock: Clock, say: Callable[[str], None]) -> T:
    """Do the work, and do it again when it stumbles: three times more at most.

    Args:
        url: what it is about, for people.
        work: fetches it; raises StumbleError where another try makes sense.
        clock: for the pauses and the deadline.
        say: told before each pause.

    Raises:
        Failure: the work failed for good, or stumbled too often or for too long.
    """
    import tenacity

    began = clock.monotonic()
    tries = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(StumbleError),
        stop=lambda state: state.attempt_number > RETRIES or clock.monotonic() - began > DEADLINE,
        wait=_pause,
        sleep=clock.sleep,
        before_sleep=lambda state: say(_told(url, state)),
        reraise=True,
    )
    try:
        return tries(work)
    except StumbleError as error:
        raise Failure(
            f"{shown(url)} could not be fetched: {error}",
            meaning=f"tried {tries.statistics['attempt_number']} times. {UNTOUCHED.capitalize()}",
            fix="check the network, HTTPS_PROXY and INFRA_TOOLS_MIRROR; then run it again",
        ) from error


def check_status(response: "httpx.Response", url: str) -> None:
    """Let an answer through that brings the file, all of it or the rest.

    Raises:
        StumbleError: the server may answer better later.
        Failure: it will not.
    """
    status = response.status_code
    if status in {200, 206}:
        return
    answer = f"{status} {response.reason_phrase}".strip()
    if status in {408, 429} or status >= 500:
        raise StumbleError(f"the server answered {answer}", _retry_after(response))
    if status in {404, 410}:
        raise Failure(
            f"{shown(url)} is not there ({answer})",
            meaning=UNTOUCHED,
            fix="check the version in pkg/tools/pins.toml, and INFRA_TOOLS_MIRROR if you use a mirror",
        )
    raise Failure(
        f"{shown(url)} was refused ({answer})",
        meaning=UNTOUCHED,
        fix="check what your proxy (HTTPS_PROXY, HTTP_PROXY) or mirror (INFRA_TOOLS_MIRROR) wants",
    )


@contextlib.contextmanager
def stumbling(url: str) -> Iterator[None]:
    """Tell apart what may pass and what will not, of all that can happen on the way.

    Raises:
        StumbleError: it may pass.
        Failure: it will not.
    """
    import httpx

    try:
        yield
    except httpx.ProxyError as error:
        raise Failure(
            f"the proxy did not fetch {shown(url)}: {error}",
            meaning=UNTOUCHED,
            fix="check HTTPS_PROXY, HTTP_PROXY and NO_PROXY, or name a mirror: export INFRA_TOOLS_MIRROR=https://…",
        ) from error
    except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.TooManyRedirects) as error:
        raise Failure(
            f"{shown(url)} leads nowhere: {error}",
            meaning=UNTOUCHED,
            fix="check its line in pkg/tools/pins.toml, and INFRA_TOOLS_MIRROR if you use a mirror",
        ) from error
    except httpx.TransportError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise Failure(
                f"the certificate of {shown(url)} cannot be trusted: {error}",
                meaning=f"something between here and there may read along. {UNTOUCHED.capitalize()}",
                fix="behind a proxy that opens TLS: export SSL_CERT_FILE=/path/to/its/certificates.pem",
            ) from error
        raise StumbleError(str(error) or type(error).__name__) from error


def _retry_after(response: "httpx.Response") -> float:
    """Return the seconds that the server asks for; a date instead of seconds is left alone."""
    value: str = response.headers.get("Retry-After", "")
    return min(float(value), LONGEST_RETRY_AFTER) if value.isdecimal() else 0.0


def _pause(state: "tenacity.RetryCallState") -> float:
    """Return the seconds before the next try: more each time, partly random, and what the server asks for."""
    import tenacity

    growing = tenacity.wait_exponential(FIRST_PAUSE, LONGEST_PAUSE) + tenacity.wait_random(0, FIRST_PAUSE)
    return max(growing(state), _stumble(state).after)


def _told(url: str, state: "tenacity.RetryCallState") -> str:
    again = f"trying again in {state.upcoming_sleep:.1f} s ({state.attempt_number} of {RETRIES})"
    return f"{shown(url)}: {_stumble(state)}; {again}"


def _stumble(state: "tenacity.RetryCallState") -> StumbleError:
    # Between two tries there is always an outcome, and only a stumble leads to another one.
    return cast("StumbleError", cast("tenacity.Future", state.outcome).exception())
