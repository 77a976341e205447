"""GraphQL is read far enough to know the operation, its root fields and their arguments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.flysim.platform import graphql
from pkg.flysim.platform.operations import Operation, QueryError, named
from tests.flysim.simulation import Simulation

STATUS = """
query($appName: String!, $limit: Int = 25) {
  # what `flyctl status` asks
  appcompact:app(name: $appName) @include(if: true) {
    id name organization { id slug(upper: {a: [1, 2]}) } ...Rest
    ... on App { hostname }
  }
}
fragment Rest on App { status }
"""


def test_the_operation_is_named_as_the_recordings_name_it() -> None:
    operation = graphql.parse(STATUS, {"appName": "demo"})
    assert operation.key == "query appcompact:app"
    assert operation.fields[0].arguments == {"appName": "demo", "name": "demo"}
    assert {"hostname", "organization"} <= operation.mentions


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("{ viewer { id } }", "query viewer"),
        ("query Name { viewer { id } }", "query viewer"),
        ("query { viewer { ... on User { id } } personalOrganization { id } }", "query viewer"),
        (
            "mutation($input: X!) { validateWireGuardPeers(input: $input) { ok } }",
            "mutation validateWireGuardPeers",
        ),
        ("fragment F on App { id } query { apps { ...F } }", "query apps"),
        (
            'query ($a: [String!]! = ["x"]) @live { appLimitedAccessTokens: app(name: $a) { id } }',
            "query appLimitedAccessTokens:app",
        ),
        ("\ufeffquery{viewer{id}}", "query viewer"),
    ],
)
def test_every_way_to_write_it_is_read(text: str, key: str) -> None:
    assert graphql.parse(text, {}).key == key


def test_arguments_may_be_written_out() -> None:
    text = """query { app(name: "de\\"mo", n: -1.5e3, on: true, none: null, kind: DEPLOY,
              list: [1, $x], object: {a: "b", c: {d: []}}, block: \"\"\"two
              lines\"\"\") { id } }"""
    arguments = graphql.parse(text, {"x": 7}).fields[0].arguments
    block = arguments.pop("block")
    assert block.startswith("two")
    assert arguments == {
        "x": 7,
        "name": 'de"mo',
        "n": -1500.0,
        "on": True,
        "none": None,
        "kind": "DEPLOY",
        "list": [1, 7],
        "object": {"a": "b", "c": {"d": []}},
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "}",
        "query",
        "query {",
        "query { }",
        "query { app(name: }",
        "query { app(name }",
        "nonsense { a }",
        "query { a ~ }",
        "query { app(x: {y}) }",
        "fragment F on X { a",
        'query { app(name: "open) { id } }',
        "query { : }",
    ],
)
def test_what_cannot_be_read_is_said_so(text: str) -> None:
    with pytest.raises(QueryError, match="Syntax Error"):
        graphql.parse(text, {})


@given(st.text(alphabet='{}()[]:$!."\\ aq#@,\n', max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        operation = graphql.parse(text, {})
    except QueryError:
        return
    assert operation.fields


@pytest.mark.parametrize(
    ("key", "alias", "name"),
    [
        ("query app", "app", "app"),
        ("query appcompact:app", "appcompact", "app"),
        ("query appLimitedAccessTokens: app", "appLimitedAccessTokens", "app"),
        ("mutation createLimitedAccessToken", "createLimitedAccessToken", "createLimitedAccessToken"),
    ],
)
def test_a_client_in_the_process_names_the_operation(key: str, alias: str, name: str) -> None:
    operation: Operation = named(key, {"a": 1})
    (field,) = operation.fields
    assert (field.name, field.alias, field.arguments) == (name, alias, {"a": 1})


@pytest.mark.parametrize("key", ["", "app", "query ", "subscription x", "query:app"])
def test_what_names_no_operation_is_refused(key: str) -> None:
    with pytest.raises(QueryError):
        named(key, {})


@pytest.mark.parametrize("body", [None, [], {}, {"query": None}, {"query": 7}, {"variables": {}}])
def test_a_request_without_a_query_is_malformed(sim: Simulation, body: object) -> None:
    assert sim.request("POST", "/graphql", body).status == 400


def test_an_operation_that_is_not_simulated_is_never_answered_with_data(sim: Simulation) -> None:
    answer = sim.post("/graphql", {"query": "mutation { addWireGuardPeer(input: {}) { ip } }"})
    assert answer["data"] is None
    assert answer["errors"][0]["message"] == "not simulated: mutation addWireGuardPeer"


def test_all_root_fields_are_answered(sim: Simulation) -> None:
    text = 'query { me: viewer { email } app(name: "demo") { id } nearestRegion { code } }'
    data = sim.post("/graphql", {"query": text})["data"]
    assert data["me"]["email"] == "dev@example.com"
    assert data["app"]["id"] == "demo"
    assert data["nearestRegion"]["code"] == "syd"


def test_an_app_that_is_not_there_is_said_beside_the_data(sim: Simulation) -> None:
    answer = sim.ask("query appcompact:app", appName="nosuch")
    assert answer["data"] == {"app": None, "appcompact": None, "appbasic": None}
    assert answer["errors"] == [
        {"message": "Could not find App", "path": ["app"], "extensions": {"code": "NOT_FOUND"}}
    ]


def test_an_alias_is_answered_under_its_own_name(sim: Simulation) -> None:
    data = sim.ask("query mine:app", appName="demo")["data"]
    assert data["mine"] == data["app"] == data["appcompact"]
