"""How the network is reached: proxies and certificates, as the repo's environment says.

httpx itself would read the variables of the process, and miss what .envrc and .env say.
"""

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from pkg.shell.errors import BadInput

if TYPE_CHECKING:
    import ssl


# Each is read in small letters, too, which go first.
HTTPS_VARIABLE = "HTTPS_PROXY"
HTTP_VARIABLE = "HTTP_PROXY"
ALL_VARIABLE = "ALL_PROXY"


class Routes(NamedTuple):
    """The ways out, for a client of httpx that is told not to look at the process (`trust_env=False`).

    Attributes:
        verify: the certificates to trust.
        proxies: by httpx's pattern of URLs the proxy that leads there; None for no proxy.
    """

    verify: "ssl.SSLContext"
    proxies: dict[str, str | None]


def routes(variables: Mapping[str, str]) -> Routes:
    """Return the ways out: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY and SSL_CERT_FILE.

    Args:
        variables: the repo's environment: process, .envrc, .env.

    Raises:
        BadInput: a variable is no URL or no host, or the certificates cannot be read.
    """
    return Routes(_certificates(variables), _proxies(variables))


def proxy(scheme: str, variables: Mapping[str, str]) -> str | None:
    """Return the proxy for a scheme: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, in small letters too.

    Raises:
        BadInput: its value is no http(s) URL.
    """
    own = HTTPS_VARIABLE if scheme == "https" else HTTP_VARIABLE
    for name in (own.lower(), own, ALL_VARIABLE.lower(), ALL_VARIABLE):
        if value := variables.get(name):
            if value.lower().startswith("socks"):
                raise BadInput(
                    f"{name} is a SOCKS proxy, which is not spoken here: {shown(value)}",
                    fix=f"export {name}=http://… of an HTTP proxy",
                )
            return checked(name, value if "://" in value else f"http://{value}")
    return None


def checked(name: str, url: str) -> str:
    """Return the URL of a variable as it is.

    Raises:
        BadInput: it is no http(s) URL.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise BadInput(f"{name} is no URL: {shown(url)}", fix=f"export {name}=https://… (or unset it)")
    return url


def shown(url: str) -> str:
    """Return a URL for people: without name, password and query, which may be a signature."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(not a URL)"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _proxies(variables: Mapping[str, str]) -> dict[str, str | None]:
    import httpx

    words = (variables.get("no_proxy") or variables.get("NO_PROXY") or "").split(",")
    excluded = [word.strip() for word in words if word.strip()]
    if "*" in excluded:
        return {}
    found: dict[str, str | None] = {f"all://{_pattern(host)}": None for host in excluded}
    found |= {f"{scheme}://": url for scheme in ("http", "https") if (url := proxy(scheme, variables))}
    try:
        for pattern in found:
            httpx.URL(pattern)
    except httpx.InvalidURL as error:
        raise BadInput(f"NO_PROXY holds what is no host: {','.join(excluded)}", fix="correct it") from error
    return found


def _pattern(host: str) -> str:
    """Return NO_PROXY's word as httpx's pattern: a name covers its subdomains, an address only itself."""
    if host.count(":") > 1:
        return f"[{host.strip('[]')}]"
    if host.replace(".", "").isdigit() or host == "localhost":
        return host
    return f"*{host.removeprefix('*')}"


def _certificates(variables: Mapping[str, str]) -> "ssl.SSLContext":
    import ssl

    if not (path := variables.get("SSL_CERT_FILE")):
        return _own_certificates()
    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:  # an ssl.SSLError is one too
        raise BadInput(
            f"SSL_CERT_FILE={path} cannot be read: {error}", fix="correct the path, or unset it"
        ) from error


@functools.cache
def _own_certificates() -> "ssl.SSLContext":
    """Return httpx's own, read once: that takes 20 ms, and a task may open a dozen clients."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)
