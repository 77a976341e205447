"""How the tools reach the network: proxies, a mirror, certificates, all from the repo's environment."""

import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from pkg.shell.errors import BadInput

if TYPE_CHECKING:
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


def checked(name: str, url: str) -> str:
    """Return the URL of a variable as it is.

    Raises:
        BadInput: it is no http(s) URL.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
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


def proxy(scheme: str, variables: Mapping[str, str]) -> str | None:
    """Return the proxy for a scheme: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, in small letters too.

    Raises:
        BadInput: its value is no http(s) URL.
    """
    for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY"):
        if value := variables.get(name):
            if value.lower().startswith("socks"):
                raise BadInput(
                    f"{name} is a SOCKS proxy, which is not spoken here: {shown(value)}",
                    fix=f"export {name}=http://… of an HTTP proxy, or name a mirror: export {MIRROR}=https://…",
                )
            return checked(name, value if "://" in value else f"http://{value}")
    return None


def client(variables: Mapping[str, str]) -> "httpx.Client":
    """Open a client that honours the environment's proxies, NO_PROXY and SSL_CERT_FILE.

    The environment is the repo's (process, .envrc, .env), so httpx does not read that of the process.

    Raises:
        BadInput: a variable is no URL, or the certificates cannot be read.
    """
    import httpx

    verify = _certificates(variables)
    mounts: dict[str, httpx.BaseTransport | None] = {}
    words = (variables.get("no_proxy") or variables.get("NO_PROXY") or "").split(",")
    excluded = [word.strip() for word in words if word.strip()]
    if "*" not in excluded:
        mounts |= {f"all://{_pattern(host)}": None for host in excluded}
        for scheme in ("http", "https"):
            if url := proxy(scheme, variables):
                mounts[f"{scheme}://"] = _through(url, verify)
    try:
        return httpx.Client(
            verify=verify,
            mounts=mounts,
            trust_env=False,
            follow_redirects=True,
            timeout=SILENCE,
            headers={"Accept-Encoding": "identity"},
        )
    except httpx.InvalidURL as error:
        raise BadInput(f"NO_PROXY holds what is no host: {','.join(excluded)}", fix="correct it") from error


def _through(proxy: str, verify: ssl.SSLContext) -> "httpx.BaseTransport":
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


def _pattern(host: str) -> str:
    """Return NO_PROXY's word as httpx's pattern: a name covers its subdomains, an address only itself."""
    if host.count(":") > 1:
        return f"[{host.strip('[]')}]"
    if host.replace(".", "").isdigit() or host == "localhost":
        return host
    return f"*{host.removeprefix('*')}"


def _certificates(variables: Mapping[str, str]) -> ssl.SSLContext:
    import httpx

    if not (path := variables.get("SSL_CERT_FILE")):
        return httpx.create_ssl_context(trust_env=False)
    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:  # an ssl.SSLError is one too
        raise BadInput(
            f"SSL_CERT_FILE={path} cannot be read: {error}", fix="correct the path, or unset it"
        ) from error
