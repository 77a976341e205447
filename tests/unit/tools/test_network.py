"""Proxies, mirror and certificates, from the repo's environment."""

import httpx
import pytest

from pkg.shell.errors import BadInput
from pkg.tools import network
from tests.unit.tools.loopback import Server

URL = "https://github.com/superfly/flyctl/releases/download/v1/flyctl.tar.gz"


@pytest.mark.parametrize(
    ("mirror", "expected"),
    [
        ("", URL),
        (
            "https://mirror.example",
            "https://mirror.example/superfly/flyctl/releases/download/v1/flyctl.tar.gz",
        ),
        ("http://m:8080/gh/", "http://m:8080/gh/superfly/flyctl/releases/download/v1/flyctl.tar.gz"),
    ],
)
def test_a_mirror_takes_the_place_of_github(mirror: str, expected: str) -> None:
    assert network.mirrored(URL, {network.MIRROR: mirror}) == expected


@pytest.mark.parametrize("value", ["mirror.example", "ftp://mirror.example", "https://", "https://[::1"])
def test_a_mirror_that_is_no_url_is_told(value: str) -> None:
    with pytest.raises(BadInput, match="INFRA_TOOLS_MIRROR is no URL"):
        network.mirrored(URL, {network.MIRROR: value})


def test_the_api_is_githubs_or_the_one_that_is_named() -> None:
    assert network.api({}) == "https://api.github.com"
    assert network.api({network.API: "http://127.0.0.1:1/"}) == "http://127.0.0.1:1"


def test_a_proxy_of_another_kind_is_told_without_its_password() -> None:
    with pytest.raises(BadInput, match=r"ALL_PROXY is a SOCKS proxy, .*: socks5://p:1") as failure:
        network.client({"ALL_PROXY": "socks5://joe:hunter2@p:1"})
    assert "hunter2" not in str(failure.value)


def test_a_request_goes_through_the_proxy(server: Server) -> None:
    server.put("/file", b"x")
    server.files["http://example.com/file"] = server.files["/file"]
    with network.client({"HTTP_PROXY": server.url}) as client:
        assert client.get("http://example.com/file").content == b"x"
    assert server.asked == ["http://example.com/file"]


@pytest.mark.parametrize(
    ("excluded", "url", "direct"),
    [
        ("*", "http://example.com/", True),
        ("example.com", "http://example.com/", True),
        ("example.com", "http://a.example.com/", True),
        ("example.com", "http://notexample.com/", False),
        (".example.com", "http://a.example.com/", True),
        (".example.com", "http://example.com/", False),
        ("*.example.com", "http://a.example.com/", True),
        ("127.0.0.1", "http://127.0.0.1/", True),
        ("localhost", "http://localhost/", True),
        ("localhost", "http://a.localhost/", False),
        ("::1", "http://[::1]/", True),
        ("[::1]", "http://[::1]/", True),
        ("example.com:8080", "http://example.com:8080/", True),
        ("example.com:8080", "http://example.com/", False),
        (" other.com , example.com ,", "http://example.com/", True),
        ("", "http://example.com/", False),
    ],
)
def test_no_proxy_excludes_names_subdomains_and_addresses(excluded: str, url: str, *, direct: bool) -> None:
    with network.client({"HTTP_PROXY": "http://p:1", "NO_PROXY": excluded}) as client:
        chosen = client._transport_for_url(httpx.URL(url))
        assert (chosen is client._transport) is direct


def test_no_proxy_in_small_letters_goes_first() -> None:
    variables = {"HTTP_PROXY": "http://p:1", "no_proxy": "example.com", "NO_PROXY": "other.com"}
    with network.client(variables) as client:
        assert client._transport_for_url(httpx.URL("http://example.com")) is client._transport
        assert client._transport_for_url(httpx.URL("http://other.com")) is not client._transport


def test_a_word_in_no_proxy_that_is_no_host_is_told() -> None:
    with pytest.raises(BadInput, match="NO_PROXY holds what is no host"):
        network.client({"HTTP_PROXY": "http://p:1", "NO_PROXY": "a:b"})


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_told(tmp_path: object, content: str | None) -> None:
    from pathlib import Path

    path = Path(str(tmp_path), "certificates.pem")
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadInput, match=r"SSL_CERT_FILE=.*certificates\.pem cannot be read"):
        network.client({"SSL_CERT_FILE": str(path)})


def test_certificates_that_can_be_read_are_used() -> None:
    import certifi

    with network.client({"SSL_CERT_FILE": certifi.where()}) as client:
        assert client.timeout.read == network.SILENCE
