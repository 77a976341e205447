"""How the tools reach the network: proxies, a mirror, certificates, all from the repo's environment."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pkg.shell.network import checked, routes, shown

if TYPE_CHECKING:
    import ssl

    import httpx

MIRROR = "INFRA_TOOLS_MIRROR"
API = "INFRA_TOOLS_API"

# Seconds without a single byte before a connection counts as dead.
SILENCE = 30.0


def mirrored(url: str, variables: Mapping[str, str]) -> str:
    """Return where a file of github.com is fetched from: below the mirror, when one is named.

    Args:
        url: the pinned one.
        variables: the environment; INFRA_TOOLS_MIRROR takes the place of https://github.com.

    Raises:
        BadInput: the mirror is no http(s) URL.
    """
    if not (mirror := variables.get(MIRROR, "")):
        return url
    return checked(MIRROR, mirror).rstrip("/") + urlsplit(url).path


def api(variables: Mapping[str, str]) -> str:
    """Return the base of GitHub's API; INFRA_TOOLS_API names another one."""
    return checked(API, variables.get(API) or "https://api.github.com").rstrip("/")


def client(variables: Mapping[str, str]) -> "httpx.Client":
    """Open a client that honours the environment's proxies, NO_PROXY and SSL_CERT_FILE.

    Raises:
        BadInput: a variable is no URL, or the certificates cannot be read.
    """
    import httpx

    verify, proxies = routes(variables)
    return httpx.Client(
        verify=verify,
        mounts={pattern: _through(url, verify) if url else None for pattern, url in proxies.items()},
        trust_env=False,
        follow_redirects=True,
        timeout=SILENCE,
        headers={"Accept-Encoding": "identity"},
    )


def _through(proxy: str, verify: "ssl.SSLContext") -> "httpx.BaseTransport":
    """Return the way through a proxy, on which a proxy that does not answer is not taken for the server."""
    import httpx

    class Through(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            try:
                return super().handle_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if "CERTIFICATE_VERIFY_FAILED" in str(error):
                    raise
                raise httpx.ProxyError(
                    f"{shown(proxy)}: {str(error) or 'no answer'}", request=request
                ) from error

    return Through(proxy=proxy, verify=verify)
