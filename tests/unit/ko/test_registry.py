"""Asking a registry whether it has an image, with a server on loopback."""

import base64

import pytest
from pytest_httpserver import HTTPServer

from pkg.fly.image import Reference, parse
from pkg.fly.metrics.failures import NoToken
from pkg.ko import registry
from pkg.shell.errors import Failure

DIGEST = "sha256:" + "1" * 64
TOKEN = "FlyV1 fm2_abc,fm2_def"
BASIC = "Basic " + base64.b64encode(b"x:fm2_abc,fm2_def").decode()


@pytest.fixture
def image(httpserver: HTTPServer) -> Reference:
    return parse(f"127.0.0.1:{httpserver.port}/team/infra:v1@{DIGEST}")


def _at(httpserver: HTTPServer, path: str) -> str:
    return f"http://127.0.0.1:{httpserver.port}{path}"


PATH = f"/v2/team/infra/manifests/{DIGEST}"


@pytest.mark.parametrize(("status", "there"), [(200, True), (404, False)])
def test_the_manifest_is_there_or_not(
    status: int, there: bool, image: Reference, httpserver: HTTPServer
) -> None:
    httpserver.expect_ordered_request(PATH, method="HEAD").respond_with_data(status=status)
    assert registry.has(image) is there
    assert "application/vnd.oci.image.index.v1+json" in httpserver.log[0][0].headers["Accept"]


def test_without_a_digest_the_tag_is_asked_for(image: Reference, httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/v2/team/infra/manifests/v1", method="HEAD").respond_with_data()
    assert registry.has(Reference(image.name, "v1", ""))


def test_a_token_is_sent_only_when_it_is_asked_for(image: Reference, httpserver: HTTPServer) -> None:
    challenge = {"WWW-Authenticate": 'Basic realm="registry"'}
    httpserver.expect_ordered_request(PATH, method="HEAD").respond_with_data(status=401, headers=challenge)
    httpserver.expect_ordered_request(
        PATH, method="HEAD", headers={"Authorization": BASIC}
    ).respond_with_data()
    assert registry.has(image, TOKEN)
    assert "Authorization" not in httpserver.log[0][0].headers


def test_a_bearer_token_is_fetched_where_the_registry_says(image: Reference, httpserver: HTTPServer) -> None:
    realm = _at(httpserver, "/token")
    challenge = {"WWW-Authenticate": f'Bearer realm="{realm}",service="r",scope="repository:team/infra:pull"'}
    httpserver.expect_ordered_request(PATH, method="HEAD").respond_with_data(status=401, headers=challenge)
    httpserver.expect_ordered_request(
        "/token",
        headers={"Authorization": BASIC},
        query_string={"service": "r", "scope": "repository:team/infra:pull"},
    ).respond_with_json({"token": "for-you"})
    httpserver.expect_ordered_request(
        PATH, method="HEAD", headers={"Authorization": "Bearer for-you"}
    ).respond_with_data()
    assert registry.has(image, TOKEN)


@pytest.mark.parametrize("token", ["fo1_first\nsecond", "fo1_first\u00e9", "fo1_first second"])
def test_a_token_that_no_header_may_hold_is_not_sent_and_not_shown(
    token: str, image: Reference, httpserver: HTTPServer
) -> None:
    httpserver.expect_request(PATH, method="HEAD").respond_with_data(status=401)
    with pytest.raises(NoToken) as told:
        registry.has(image, token)
    assert "first" not in str(told.value)
    assert "second" not in str(told.value)
    assert len(httpserver.log) == 1


def test_nor_is_one_that_the_registry_gives(image: Reference, httpserver: HTTPServer) -> None:
    realm = _at(httpserver, "/token")
    httpserver.expect_request(PATH, method="HEAD").respond_with_data(
        status=401, headers={"WWW-Authenticate": f'Bearer realm="{realm}"'}
    )
    httpserver.expect_request("/token").respond_with_json({"token": "given\nother"})
    with pytest.raises(Failure, match="answered 401") as told:
        registry.has(image, TOKEN)
    assert "given" not in str(told.value)


@pytest.mark.parametrize(
    "realm", ["https://evil.example/token", "http://127.0.0.2/token", "", "https://127.0.0.1/"]
)
def test_the_token_goes_to_no_other_host(realm: str, image: Reference, httpserver: HTTPServer) -> None:
    challenge = {"WWW-Authenticate": f'Bearer realm="{realm}"'}
    httpserver.expect_ordered_request(PATH, method="HEAD").respond_with_data(status=401, headers=challenge)
    with pytest.raises(Failure, match="nothing was sent"):
        registry.has(image, TOKEN)
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("url", "host", "belongs"),
    [
        ("https://api.fly.io/token", "registry.fly.io", True),
        ("https://registry.fly.io/token", "registry.fly.io", True),
        ("http://registry.fly.io/token", "registry.fly.io", False),
        ("https://fly.io.evil.example/token", "registry.fly.io", False),
        ("https://notfly.io/token", "registry.fly.io", False),
    ],
)
def test_a_realm_belongs_to_the_registrys_domain(url: str, host: str, belongs: bool) -> None:
    assert registry._belongs(url, host) is belongs


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "wants a token"), (403, "does not cover"), (429, "too often"), (503, "has trouble")],
)
def test_an_answer_that_says_neither_is_a_failure(
    status: int, says: str, image: Reference, httpserver: HTTPServer
) -> None:
    httpserver.expect_request(PATH).respond_with_data(status=status)
    with pytest.raises(Failure, match=f"answered {status} for infra:v1") as caught:
        registry.has(image)
    assert says in caught.value.meaning


def test_a_token_server_that_answers_nonsense_leads_to_the_registrys_own_word(
    image: Reference, httpserver: HTTPServer
) -> None:
    challenge = {"WWW-Authenticate": f'Bearer realm="{_at(httpserver, "/token")}"'}
    httpserver.expect_request(PATH).respond_with_data(status=401, headers=challenge)
    httpserver.expect_request("/token").respond_with_data("<html>")
    with pytest.raises(Failure, match="answered 401"):
        registry.has(image, TOKEN)


def test_a_registry_that_is_not_there_is_a_failure() -> None:
    with pytest.raises(Failure, match="could not be asked for infra:v1"):
        registry.has(parse("127.0.0.1:1/infra:v1"))


@pytest.mark.parametrize(
    ("host", "scheme"),
    [
        ("registry.fly.io", "https"),
        ("localhost:5000", "http"),
        ("127.0.0.1", "http"),
        ("127.evil.com", "https"),
    ],
)
def test_only_this_machine_is_spoken_to_without_tls(host: str, scheme: str) -> None:
    assert registry.scheme(host) == scheme
