"""Asking a registry whether it has an image: one HEAD of the manifest.

https://distribution.github.io/distribution/spec/api/#existing-manifests
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from pkg.fly.image import Reference
from pkg.fly.token_parts import parts
from pkg.shell.decoding import from_json
from pkg.shell.errors import Failure

if TYPE_CHECKING:
    import httpx

ACCEPT = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
SECONDS = 20.0


class _Bearer(msgspec.Struct):
    """A registry's token, under either of its two names."""

    token: str = ""
    access_token: str = ""


def has(image: Reference, token: str = "", variables: Mapping[str, str] | None = None) -> bool:
    """Return whether the registry has an image.

    Args:
        image: by digest when it has one, else by tag.
        token: Fly's token, for a registry that wants to know who asks.
        variables: the repo's environment, which names proxies and certificates.

    Raises:
        BadInput: the environment names a proxy or certificates that cannot be used.
        NoToken: the token holds what no token holds.
        Failure: the registry cannot be reached, does not let this token in, or answers something else.
    """
    import httpx  # costs 60 ms

    host, _, name = image.name.partition("/")
    url = f"{scheme(host)}://{host}/v2/{name}/manifests/{image.digest or image.tag}"
    try:
        with _client(variables or {}, here=scheme(host) == "http") as client:
            answer = client.head(url)
            if answer.status_code == httpx.codes.UNAUTHORIZED and token:
                answer = client.head(
                    url, headers={"Authorization": _authorization(client, answer, host, token)}
                )
    except httpx.HTTPError as error:
        raise Failure(
            f"{host} could not be asked for {image.short}: {str(error) or type(error).__name__}",
            meaning="it is not known whether the image is still there",
            fix="check the network, then run it again",
        ) from error
    if answer.status_code in (httpx.codes.OK, httpx.codes.NOT_FOUND):
        return answer.status_code == httpx.codes.OK
    known = {
        401: ("it wants a token of this app", "set FLY_API_TOKEN (`inv onboard` shows how)"),
        403: ("the token does not cover this repository", "make a token of this app"),
        429: ("it is asked too often", "wait a minute, then run it again"),
    }
    meaning, fix = known.get(
        answer.status_code, ("the registry itself has trouble", "run it again in a minute")
    )
    raise Failure(f"{host} answered {answer.status_code} for {image.short}", meaning=meaning, fix=fix)


def scheme(host: str) -> str:
    """Return how a registry is spoken to: without TLS only on this machine, as Docker and ko do."""
    bare = host.rpartition(":")[0] or host
    here = bare in ("localhost", "[::1]") or re.fullmatch(r"127\.\d+\.\d+\.\d+", bare)
    return "http" if here else "https"


def _client(variables: Mapping[str, str], *, here: bool) -> "httpx.Client":
    import httpx

    from pkg.shell.network import routes

    verify, proxies = routes({} if here else variables)  # no proxy can reach this machine's own ports
    return httpx.Client(
        timeout=SECONDS,
        headers={"Accept": ", ".join(ACCEPT)},
        verify=verify,
        trust_env=False,
        mounts={
            pattern: httpx.HTTPTransport(proxy=url, verify=verify) if url else None
            for pattern, url in proxies.items()
        },
    )


def _authorization(client: "httpx.Client", refused: "httpx.Response", host: str, token: str) -> str:
    """Return the header that a registry asks for: Basic, or a bearer token fetched where it says.

    The token is sent nowhere but to the registry's own domain.
    """
    import httpx

    # As `flyctl auth docker` writes it: a macaroon without the word before it.
    basic = httpx.BasicAuth("x", ",".join(parts(token)))
    challenge = refused.headers.get("WWW-Authenticate", "")
    if not challenge.lower().startswith("bearer "):
        return str(next(basic.auth_flow(httpx.Request("HEAD", refused.url))).headers["Authorization"])
    asked = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    realm = asked.pop("realm", "")
    if not _belongs(realm, host):
        raise Failure(
            f"{host} wants the token sent to {realm or 'nowhere'}",
            meaning="that is not its own domain, so nothing was sent",
            fix="check the registry's name",
        )
    given = client.get(realm, params=asked, auth=basic)
    try:
        bearer = from_json(given.content, _Bearer)
    except msgspec.MsgspecError:
        bearer = _Bearer()  # the registry then refuses, and its answer is what is told
    sent = bearer.token or bearer.access_token
    # One that no header may hold would be quoted in httpx's own words.
    return f"Bearer {sent}".strip() if sent.isascii() and sent.isprintable() else "Bearer"


def _belongs(url: str, host: str) -> bool:
    """Return whether a URL is on a registry's host or domain, and as private as the registry itself."""
    parts = urlsplit(url)
    bare = host.rpartition(":")[0] or host
    domain = ".".join(bare.split(".")[-2:])
    inside = parts.hostname == bare or (
        scheme(host) == "https" and (parts.hostname or "").endswith(f".{domain}")
    )
    return inside and parts.scheme == scheme(host)
