"""Proxies and certificates, from the repo's environment."""

from collections.abc import Mapping

import pytest

from pkg.shell import network
from pkg.shell.errors import BadInput


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://joe:pw@host:1/path?signature=s#f", "https://host:1/path"),
        ("https://[::1", "(not a URL)"),
    ],
)
def test_what_is_shown_of_a_url_holds_no_secret(url: str, words: str) -> None:
    assert network.shown(url) == words


@pytest.mark.parametrize(
    ("variables", "scheme", "proxy"),
    [
        ({}, "https", None),
        ({"HTTPS_PROXY": "http://p:1"}, "https", "http://p:1"),
        ({"https_proxy": "http://p:1", "HTTPS_PROXY": "http://q:1"}, "https", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "http", None),
        ({"ALL_PROXY": "p:1"}, "http", "http://p:1"),
        ({"all_proxy": "p:1", "HTTP_PROXY": "http://q:1"}, "http", "http://q:1"),
        ({"HTTPS_PROXY": ""}, "https", None),
    ],
)
def test_a_proxy_is_found_by_the_usual_names(
    variables: Mapping[str, str], scheme: str, proxy: str | None
) -> None:
    assert network.proxy(scheme, variables) == proxy


@pytest.mark.parametrize("value", ["ftp://p:1", "http://", "http://p:port", "http://[::1"])
def test_a_proxy_that_is_no_url_is_told_by_its_name(value: str) -> None:
    with pytest.raises(BadInput, match="HTTPS_PROXY is no URL"):
        network.routes({"HTTPS_PROXY": value})


def test_without_a_word_about_the_network_there_is_no_proxy() -> None:
    assert network.routes({}).proxies == {}


def test_each_way_has_its_proxy_and_what_is_excluded_has_none() -> None:
    found = network.routes({"HTTPS_PROXY": "http://p:1", "HTTP_PROXY": "q:2", "NO_PROXY": "a.example,::1"})
    assert found.proxies == {
        "all://*a.example": None,
        "all://[::1]": None,
        "http://": "http://q:2",
        "https://": "http://p:1",
    }


def test_the_usual_certificates_are_read_once_and_named_ones_each_time() -> None:
    import certifi

    assert network.routes({}).verify is network.routes({"HTTPS_PROXY": "http://p:1"}).verify
    named = {"SSL_CERT_FILE": certifi.where()}
    assert network.routes(named).verify is not network.routes(named).verify
