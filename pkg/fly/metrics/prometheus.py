"""Asking Prometheus for what happened between two moments: several questions at once, one way to fail each.

Fly's is at https://api.fly.io/prometheus/ORGANIZATION/ (https://fly.io/docs/monitoring/metrics/) and answers
as https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries says.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import msgspec

from pkg.fly.metrics.failures import Away, Malformed, NoToken, Slow, WrongOrganization
from pkg.fly.token_parts import parts
from pkg.shell.decoding import from_json
from pkg.shell.errors import BadInput, Failure

if TYPE_CHECKING:
    import httpx

FLY = "https://api.fly.io"
BASE_VARIABLE = "FLY_METRICS_BASE_URL"
# Seconds for all questions together.
PATIENCE = 20.0
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
STATUS_PAGE = "run it again in a minute; if it goes on, look at https://status.flyio.net"


class Server(msgspec.Struct, frozen=True):
    """Where to ask, and as whom.

    Attributes:
        base: the beginning of its URL, without an end slash.
        organization: the slug of the one whose metrics they are.
        authorization: the header's value; it is a secret.
        variables: the repo's environment, which names proxies and certificates.
    """

    base: str
    organization: str
    authorization: str
    variables: Mapping[str, str] = {}

    @property
    def url(self) -> str:
        """Where range queries go."""
        return f"{self.base}/prometheus/{quote(self.organization, safe='')}/api/v1/query_range"

    def __repr__(self) -> str:
        return f"Server({self.url})"


class Span(msgspec.Struct, frozen=True):
    """From when to when, and how often in between: seconds since 1970, and seconds."""

    start: float
    end: float
    step: float


class Series(msgspec.Struct, frozen=True):
    """One line of an answer: its labels, and its values by time; what is no number is left out."""

    labels: dict[str, str]
    points: list[tuple[float, float]]


class _Result(msgspec.Struct, frozen=True):
    metric: dict[str, str]
    values: list[tuple[float, str]]


class _Data(msgspec.Struct, frozen=True, rename={"kind": "resultType"}):
    kind: str
    result: list[_Result]


class _Answer(msgspec.Struct, frozen=True):
    status: str
    data: _Data | None = None
    error: str = ""


def authorization(token: str) -> str:
    """Return the header's value for a token: macaroons go under their own scheme, others as a bearer's.

    Of several tokens in one, as flyctl keeps them, the macaroons are taken where there are any
    (https://fly.io/docs/monitoring/metrics/#querying).

    Raises:
        NoToken: it holds what cannot stand in a header.
    """
    found = parts(token)
    macaroons = [part for part in found if part.startswith("fm")]
    return f"FlyV1 {','.join(macaroons)}" if macaroons else f"Bearer {found[0]}"


def checked_base(url: str) -> str:
    """Return the beginning of the server's URL, without an end slash.

    Raises:
        BadInput: it is no URL, or one that would send the token over the network in plain text.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        usable = usable and bool(parts.hostname) and not parts.query and not parts.username
    except ValueError:
        usable = False
    if not usable:
        raise BadInput(
            f"{BASE_VARIABLE} is not a URL that can be used",
            meaning="the token goes to https:// only, or to this machine",
            fix=f"unset {BASE_VARIABLE}, or set it as `inv sandbox.serve` prints it",
        )
    return url.rstrip("/")


def ask(
    server: Server, questions: Mapping[str, str], span: Span, *, patience: float = PATIENCE
) -> dict[str, list[Series]]:
    """Return the answer to each question, asked at once.

    Args:
        server: where to ask.
        questions: PromQL by a name of the caller's.
        span: from when to when.
        patience: seconds for all of them.

    Raises:
        BadInput: the environment names a proxy or certificates that cannot be used.
        NoToken: the token is not taken.
        WrongOrganization: the organization is not the token's.
        Slow: it took too long, or we ask too much.
        Away: it cannot be reached, fails, or redirects.
        Malformed: it answers something else than Prometheus does.
    """
    import asyncio

    return asyncio.run(_ask(server, questions, span, patience))


async def _ask(
    server: Server, questions: Mapping[str, str], span: Span, patience: float
) -> dict[str, list[Series]]:
    import asyncio

    client = _client(server, patience)
    try:
        async with asyncio.timeout(patience), client, asyncio.TaskGroup() as group:
            tasks = {
                name: group.create_task(_one(client, server, question, span))
                for name, question in questions.items()
            }
    except TimeoutError:
        raise _slow(server, patience) from None
    except BaseExceptionGroup as several:
        raise _first(several, server, patience) from None
    return {name: task.result() for name, task in tasks.items()}


def _client(server: Server, patience: float) -> "httpx.AsyncClient":
    import httpx

    from pkg.shell.network import routes

    local = urlsplit(server.base).hostname in LOOPBACK  # no proxy can reach this machine's own ports
    verify, proxies = routes({} if local else server.variables)
    return httpx.AsyncClient(
        headers={"Authorization": server.authorization},
        follow_redirects=False,  # the token is for this server only
        timeout=patience,
        verify=verify,
        trust_env=False,
        mounts={
            pattern: httpx.AsyncHTTPTransport(proxy=url, verify=verify) if url else None
            for pattern, url in proxies.items()
        },
    )


def _first(several: BaseExceptionGroup[BaseException], server: Server, patience: float) -> BaseException:
    """Return what is to be told of several things that went wrong at once: the first."""
    import httpx

    error = several.exceptions[0]
    if isinstance(error, httpx.TimeoutException):
        return _slow(server, patience)
    if isinstance(error, httpx.HTTPError):
        by = "through the proxy: " if isinstance(error, httpx.ProxyError) else ""
        why = f"{by}{str(error) or type(error).__name__}"
        return Away(
            f"the metrics server {server.base} could not be reached: {why}",
            meaning="nothing is known of the metrics",
            fix="check the network (behind a proxy: HTTPS_PROXY and SSL_CERT_FILE), then run it again",
        )
    return error


async def _one(client: "httpx.AsyncClient", server: Server, question: str, span: Span) -> list[Series]:
    wanted = {
        "query": question,
        "start": f"{span.start:.3f}",
        "end": f"{span.end:.3f}",
        "step": f"{span.step:g}",
    }
    response = await client.get(server.url, params=wanted)
    if response.status_code != 200:
        raise _refusal(server, response)
    return decode(server, response.content)


def decode(server: Server, content: bytes) -> list[Series]:
    """Return the series of an answer.

    Raises:
        Malformed: it is none of Prometheus'.
    """
    try:
        answer = from_json(content, _Answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(server, f"not what Prometheus answers: {error}") from error
    if answer.status != "success" or answer.data is None or answer.data.kind != "matrix":
        kind = answer.data.kind if answer.data else answer.error or "no data"
        raise _malformed(server, f"{answer.status!r} with {kind} in place of a matrix")
    try:
        return [Series(one.metric, _points(one.values)) for one in answer.data.result]
    except ValueError as error:
        raise _malformed(server, f"a value that is no number: {error}") from error


def _points(values: list[tuple[float, str]]) -> list[tuple[float, float]]:
    """Return values by time, without those that stand for nothing, as the quantile of no request."""
    found = [(when, float(value)) for when, value in values]
    return [(when, value) for when, value in found if math.isfinite(value)]


def _refusal(server: Server, response: "httpx.Response") -> Failure:
    code, said = response.status_code, _words(response.content)
    if code == 404 or (code in {401, 403} and "organization" in said.lower()):
        return WrongOrganization(
            f"the metrics of the organization {server.organization!r} cannot be had (HTTP {code}: {said})",
            meaning="there is no such organization, or this token is not for it",
            fix="`flyctl orgs list` shows yours; the token must be made for that one",
        )
    if code in {401, 403}:
        return NoToken(
            f"Fly's metrics do not take this token (HTTP {code}: {said})",
            meaning="it has expired, was revoked, or may not read metrics",
            fix=f"set FLY_API_TOKEN to one of `flyctl tokens create readonly {server.organization}`",
        )
    if code == 429:
        return Slow(
            f"the metrics server {server.base} wants fewer questions (HTTP 429)",
            fix="wait a minute, then run it again",
        )
    if 300 <= code < 400:
        where = urlsplit(response.headers.get("location", "")).hostname or "nowhere"
        return Away(
            f"the metrics server {server.base} sends us elsewhere (HTTP {code}, to {where})",
            meaning="the token was not sent there",
            fix=f"correct {BASE_VARIABLE}, or unset it; a proxy's login page does this, too",
        )
    if code >= 500:
        return Away(
            f"the metrics server {server.base} failed (HTTP {code}: {said})",
            meaning="nothing is known of the metrics; the app may be well",
            fix=STATUS_PAGE,
        )
    return _malformed(server, f"HTTP {code}: {said}")


def _words(content: bytes) -> str:
    """Return what an error's body says, in one line and not long."""
    try:
        body = msgspec.json.decode(content)
        said = str(body.get("error") or body) if isinstance(body, dict) else str(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = content[:400].decode(errors="replace")
    line = " ".join(said.split())
    return (line[:200] + "…" if len(line) > 200 else line) or "no word"


def _slow(server: Server, patience: float) -> Slow:
    return Slow(
        f"the metrics server {server.base} did not answer within {patience:g} s",
        meaning="nothing is known of the metrics; the app may be well",
        fix=STATUS_PAGE,
    )


def _malformed(server: Server, what: str) -> Malformed:
    return Malformed(
        f"the metrics server {server.base} answered {what}",
        meaning="that is no Prometheus, it does not take the question, or the answer was cut short",
        fix=f"run it again; if it stays so, look at {BASE_VARIABLE}",
    )
