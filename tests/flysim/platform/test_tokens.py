"""A token opens everything, one app, or nothing."""

import pytest

from tests.flysim.simulation import Simulation

DEPLOY = {"name": "ci", "organizationId": "org1", "profile": "deploy", "profileParams": {"app_id": "demo"}}


def create(sim: Simulation, expiry: str = "24h0m0s", **more: object) -> str:
    answer = sim.ask("mutation createLimitedAccessToken", **{**DEPLOY, "expiry": expiry, **more})
    return str(answer["data"]["createLimitedAccessToken"]["limitedAccessToken"]["tokenHeader"])


@pytest.mark.parametrize("token", [None, "", "  ", "Bearer ", "FlyV1 "])
def test_no_token_opens_nothing(sim: Simulation, token: str | None) -> None:
    for method, path in (("GET", "/v1/apps/demo"), ("POST", "/graphql"), ("GET", "/nosuch")):
        body = {"operation": "query viewer"}
        assert sim.request(method, path, body, token=token).status == 401


@pytest.mark.parametrize("token", ["fo1_anything", "Bearer fo1_anything", "bearer x", "FlyV1 fm2_unknown"])
def test_any_token_of_a_person_opens_everything(sim: Simulation, token: str) -> None:
    assert sim.request("GET", "/v1/apps/demo", token=token).status == 200


@pytest.mark.parametrize("state", ["expired", "revoked"])
def test_control_makes_a_token_worthless(sim: Simulation, state: str) -> None:
    sim.control(tokens={"fo1_old": state})
    answer = sim.request("GET", "/v1/apps/demo", token="fo1_old")
    assert (answer.status, answer.body) == (401, {"error": f"unauthenticated: the access token is {state}"})
    sim.control(tokens={"fo1_old": None})
    assert sim.request("GET", "/v1/apps/demo", token="fo1_old").status == 200


def test_a_token_for_one_app_sees_only_that_app(sim: Simulation) -> None:
    sim.control(apps=["other"])
    token = create(sim)
    assert token.startswith("FlyV1 fm2_")
    assert sim.request("GET", "/v1/apps/demo/machines", token=token).status == 200
    assert sim.request("GET", "/v1/apps/other/machines", token=token).status == 404
    assert sim.request("GET", "/v1/apps", token=token).status == 403
    assert sim.request("POST", "/v1/apps", {"name": "new", "org_slug": "personal"}, token=token).status == 403
    assert sim.request("POST", "/api/v1/releases", {"app_name": "other"}, token=token).status == 404


@pytest.mark.parametrize(
    ("operation", "variables", "code"),
    [
        ("query apps", {}, "UNAUTHORIZED"),
        ("query organizations", {}, "UNAUTHORIZED"),
        ("mutation createLimitedAccessToken", DEPLOY, "UNAUTHORIZED"),
        ("query app", {"appName": "other"}, "NOT_FOUND"),
    ],
)
def test_nor_does_it_ask_for_more_by_graphql(
    sim: Simulation, operation: str, variables: dict[str, object], code: str
) -> None:
    sim.control(apps=["other"])
    body = {"operation": operation, "variables": variables}
    answer = sim.request("POST", "/graphql", body, token=create(sim)).body
    assert answer["errors"][0]["extensions"]["code"] == code
    ours = {"operation": "query app", "variables": {"appName": "demo"}}
    assert sim.request("POST", "/graphql", ours, token=create(sim)).body["data"]["app"]["name"] == "demo"


@pytest.mark.parametrize(
    ("expiry", "seconds"), [("24h0m0s", 86400), ("1h", 3600), ("30s", 30), ("nonsense", 86400)]
)
def test_a_token_expires_when_it_should(sim: Simulation, expiry: str, seconds: int) -> None:
    token = create(sim, expiry)
    sim.advance(seconds - 1)
    assert sim.request("GET", "/v1/apps/demo", token=token).status == 200
    sim.advance(1)
    assert sim.request("GET", "/v1/apps/demo", token=token).status == 401


def test_tokens_are_listed_with_their_app_and_can_be_revoked(sim: Simulation) -> None:
    token = create(sim, "1h")
    (listed,) = sim.ask("query app", appName="demo")["data"]["app"]["limitedAccessTokens"]["nodes"]
    assert (listed["name"], listed["token"], listed["revokedAt"]) == ("ci", token, None)
    assert listed["expiresAt"] == "2026-11-24T08:34:50Z"
    sim.ask("mutation deleteLimitedAccessToken", input={"id": listed["id"]})
    (listed,) = sim.ask("query app", appName="demo")["data"]["app"]["limitedAccessTokens"]["nodes"]
    assert listed["revokedAt"] == "2026-11-24T07:34:50Z"
    assert sim.request("GET", "/v1/apps/demo", token=token).status == 401
    assert sim.ask("mutation deleteLimitedAccessToken", id="nosuch")["errors"]


def test_no_token_is_made_for_an_app_that_does_not_exist(sim: Simulation) -> None:
    answer = sim.ask("mutation createLimitedAccessToken", **{**DEPLOY, "profileParams": {"app_id": "nosuch"}})
    assert answer["errors"][0]["message"] == "Could not find App"
