"""flyctl's output becomes a typed value, or an error that a tired person can act on."""

import json
from typing import Any

import msgspec
import pytest

from pkg.fly import answers, models
from pkg.shell.errors import CommandFailed
from pkg.shell.runner import Result
from tests.unit.fly import shapes

USAGE = "Manage your Fly applications.\n\nUsage:\n  flyctl apps [command]\n"


def result(stdout: str = "", *, stderr: str = "", code: int = 0) -> Result:
    return Result(("flyctl", "status", "--json"), code, stdout, stderr, 0.1)


def machines(**changes: Any) -> str:
    return json.dumps([{**shapes.machine(), **changes}])


def test_machines_are_typed() -> None:
    (machine,) = answers.decode(result(machines()), list[models.Machine], "listing machines")
    assert machine.group == "app"
    assert machine.release == 1
    assert machine.image_ref.ref == f"registry.fly.io/demo:v1@{shapes.DIGEST['v1']}"
    assert machine.deployed
    assert not machine.standby


def test_a_status_holds_its_machines() -> None:
    found = answers.decode(result(json.dumps(shapes.status([shapes.machine()]))), models.Status, "reading")
    assert (found.name, found.machines[0].id) == ("demo", "m1")


def test_a_release_keeps_flyctls_own_names() -> None:
    raw = json.dumps([shapes.release(3, "v3", "failed")])
    (found,) = answers.decode(result(raw), list[models.Release], "reading")
    assert (found.version, found.status, found.image) == (3, "failed", "registry.fly.io/demo:v3")


def test_a_missing_field_is_an_error_that_names_its_path_and_the_version() -> None:
    machine = shapes.machine()
    del machine["image_ref"]["digest"]
    with pytest.raises(answers.NotAnAnswer) as caught:
        answers.decode(result(json.dumps([machine])), list[models.Machine], "listing machines", "0.4.87")
    text = str(caught.value)
    assert "digest" in text
    assert "$[0].image_ref" in text
    assert "0.4.87" in text
    assert "flyctl status --json" in text


def test_a_mistyped_field_is_an_error() -> None:
    with pytest.raises(answers.NotAnAnswer, match=r"\$\[0\]\.state"):
        answers.decode(result(machines(state=7)), list[models.Machine], "listing machines")


def test_an_unknown_field_is_ignored_in_use() -> None:
    assert answers.decode(result(machines(brand_new=1)), list[models.Machine], "listing machines")


def test_unknown_fields_are_reported_for_the_contract() -> None:
    found = answers.unknown_fields(machines(brand_new=1), list[models.Machine])
    assert "$[].brand_new" in found
    assert "$[].config.init" in found
    assert "$[].id" not in found


def test_unknown_fields_are_found_in_tables_and_behind_null() -> None:
    raw = json.dumps(
        {"m1": {"status": "success", "data": {"owner": "x", "nonce": "n"}}, "m2": {"data": None}}
    )
    assert answers.unknown_fields(raw, dict[str, models.Lease]) == ["$.*.data.nonce"]


@pytest.mark.parametrize(
    ("stdout", "says"),
    [
        ('[{"id": "m1", "na', "cut short or broken"),
        ("", "printed nothing"),
        ("Oops\n", "no JSON: 'Oops'"),
        (USAGE, "printed its help and did nothing"),
    ],
)
def test_an_exit_code_of_0_without_an_answer_is_an_error(stdout: str, says: str) -> None:
    with pytest.raises(answers.NotAnAnswer) as caught:
        answers.decode(result(stdout), list[models.Machine], "listing the machines of infra")
    assert says in str(caught.value)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("stderr", "means", "passes"),
    [
        ("Error: no access token available. Please login with 'flyctl auth login'", "no token", False),
        (
            "Error: failed to get app: failed to run query ($a: String!) { app { id } }: Could not find App",
            "no app of this name",
            False,
        ),
        ("Error: failed to list VMs: injected 401", "token has expired", False),
        ("Error: failed to list VMs: injected 403", "token has expired", False),
        ("Error: failed to list VMs: injected 429", "rate-limiting", True),
        ("Error: failed to list VMs: injected 500", "API failed", True),
        ("Error: failed to list VMs: injected 503", "API failed", True),
        ('Error: Get "https://api.machines.dev": dial tcp: no such host', "could not be reached", True),
        ('Error: could not find image "registry.fly.io/demo:missing"', "no such image", False),
        ("Error: failed to acquire lease: lease currently held by dev@example.com", "another flyctl", False),
        ("Error: unknown flag: --tail", "does not know the command", False),
        (
            "Error: config file not found at specified path: nofile.toml",
            "does not accept the manifest",
            False,
        ),
        ("Error: something else", "", False),
        ("", "", False),
    ],
)
def test_a_failure_is_explained(stderr: str, means: str, passes: bool) -> None:
    found = answers.failure(result(stderr=stderr, code=1), "reading the status of infra")
    assert means in found.meaning
    assert isinstance(found, answers.Passing) is passes
    assert isinstance(found, CommandFailed)
    assert found.fix


@pytest.mark.parametrize(
    ("argv", "app"), [(("flyctl", "secrets", "list", "--app", "demo"), "demo"), ((), "APP")]
)
def test_for_a_rejected_token_one_is_made_for_the_very_app_and_kept(argv: tuple[str, ...], app: str) -> None:
    refused = Result(argv, 1, "", "Error: failed to list secrets: injected 401", 0.1)
    found = answers.failure(refused, "listing the secrets of demo")
    assert "`flyctl auth login`" in found.fix
    assert f"`inv fly.tokens.create-deploy -a {app} --vault VAULT/ITEM`" in found.fix
    assert "--show" in found.fix
    assert answers.next_step("injected 401", "demo").count("-a demo") == 1


def test_the_graphql_query_is_left_out_of_the_error() -> None:
    stderr = (
        "Error: failed to get app: failed to run query ($n: S!) { a { id o { id } } }: Could not find App"
    )
    assert answers.first_error(result(stderr=stderr, code=1)) == "failed to get app: Could not find App"


def test_the_last_error_counts_after_warnings() -> None:
    assert answers.first_error(result(stderr="WARN slow\nError: injected 500\n", code=1)) == "injected 500"


@pytest.mark.parametrize(("code", "means"), [(126, "ran out of time"), (127, "was interrupted")])
def test_flyctls_own_exit_codes_are_not_a_shells(code: int, means: str) -> None:
    assert means in answers.failure(result(stderr="Error: context canceled", code=code), "deploying").meaning


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (models.Volume, shapes.volume()),
        (models.Secret, {"name": "A", "digest": "6b86b273ff34fce1", "status": "Staged"}),
        (models.Whoami, {"email": "dev@example.com"}),
        (
            models.Version,
            {"Name": "flyctl", "Version": "0.4.87", "Environment": "production", "Architecture": "amd64"},
        ),
        (models.Certificate, {"hostname": "a.b", "status": "active", "configured": True, "created_at": "x"}),
        (models.CertificateCheck, {"hostname": "a.b", "status": "active", "configured": True}),
        (models.Lease, {"status": "success", "data": {"owner": "dev@example.com", "expires_at": 1}}),
    ],
)
def test_each_answer_has_its_type(kind: type[Any], raw: Any) -> None:
    assert msgspec.convert(raw, kind)
