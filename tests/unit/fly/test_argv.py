"""Each argv is what is meant, and flyctl's own grammar has it."""

import inspect
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from pkg.fly import argv

SURFACE = Path(__file__).parents[3] / "pkg" / "flysim" / "surface.json"
IMAGE = "registry.fly.io/infra:v1@sha256:" + "a" * 64

ROWS: list[tuple[list[str], str]] = [
    (argv.version(), "flyctl version --json"),
    (argv.whoami(), "flyctl auth whoami --json"),
    (argv.auth_token(), "flyctl auth token --json"),
    (argv.status("infra"), "flyctl status --app infra --json"),
    (argv.machine_list("infra"), "flyctl machine list --app infra --json"),
    (
        argv.machine_restart("infra", ["a", "b"]),
        "flyctl machine restart a b --app infra --skip-health-checks",
    ),
    (argv.machine_start("infra", ["a"]), "flyctl machine start a --app infra"),
    (argv.machine_leases("infra", ["a", "b"]), "flyctl machine leases view a b --app infra --json"),
    (argv.releases("infra"), "flyctl releases --app infra --json"),
    (argv.volumes_list("infra"), "flyctl volumes list --app infra --json"),
    (argv.secrets_list("infra"), "flyctl secrets list --app infra --json"),
    (argv.certs_list("infra"), "flyctl certs list --app infra --json"),
    (argv.certs_check("infra", "a.example.com"), "flyctl certs check a.example.com --app infra --json"),
    (
        argv.config_validate("infra", "core/fly.toml"),
        "flyctl config validate --app infra --config core/fly.toml",
    ),
    (
        argv.build_only("infra", "fly.toml"),
        "flyctl deploy --build-only --app infra --config fly.toml --yes",
    ),
    (
        argv.build_only("infra", "fly.toml", IMAGE, builder="remote", passthrough=["--verbose"]),
        (
            f"flyctl deploy --build-only --app infra --config fly.toml --image {IMAGE} --remote-only --yes"
            " --verbose"
        ),
    ),
    (
        argv.deploy("infra", "fly.toml", IMAGE, wait_timeout=300),
        (
            f"flyctl deploy --app infra --config fly.toml --image {IMAGE} --yes --ha=false"
            " --deploy-retries 0 --wait-timeout 300s"
        ),
    ),
    (
        argv.deploy("infra", "fly.toml", IMAGE, wait_timeout=60, builder="remote", passthrough=["--ha=true"]),
        (
            f"flyctl deploy --app infra --config fly.toml --image {IMAGE} --yes --ha=false"
            " --deploy-retries 0 --wait-timeout 60s --remote-only --ha=true"
        ),
    ),
    (
        argv.rollback("infra", ".fly/old.toml", IMAGE, wait_timeout=300),
        (
            f"flyctl deploy --app infra --config .fly/old.toml --image {IMAGE} --yes --ha=false"
            " --deploy-retries 0 --wait-timeout 300s --skip-release-command --update-only"
        ),
    ),
    (argv.once_more(["flyctl", "deploy"]), "flyctl deploy --skip-release-command"),
    (argv.once_more(["flyctl", "deploy", "--skip-release-command"]), "flyctl deploy --skip-release-command"),
    (argv.logs("infra"), "flyctl logs --app infra"),
    (
        argv.logs("infra", instance="m1", json=True, passthrough=["--no-tail"]),
        "flyctl logs --app infra --instance m1 --json --no-tail",
    ),
    (argv.machine_run("infra", "alpine:3"), "flyctl machine run alpine:3 --app infra --detach"),
    (
        argv.machine_run(
            "infra", IMAGE, region="syd", name="run-1", machine_config='{"env":{}}', passthrough=["--rm"]
        ),
        (
            f"flyctl machine run {IMAGE} --app infra --detach --region syd --name run-1"
            " --machine-config '{\"env\":{}}' --rm"
        ),
    ),
    (
        argv.build_and_push("infra", "fly.toml", "v1", builder="local"),
        "flyctl deploy --build-only --push --image-label v1 --app infra --config fly.toml --local-only --yes",
    ),
    (argv.machine_clone("infra", "a"), "flyctl machine clone a --app infra --detach"),
    (
        argv.machine_clone(
            "infra", "a", region="iad", name="b", volume="vol_1", passthrough=["--vm-memory", "512"]
        ),
        (
            "flyctl machine clone a --app infra --detach --region iad --name b --attach-volume vol_1"
            " --vm-memory 512"
        ),
    ),
    (
        argv.machine_update("infra", "a", wait_timeout=300),
        "flyctl machine update a --app infra --yes --detach --skip-health-checks --wait-timeout 300",
    ),
    (
        argv.machine_update(
            "infra",
            "a",
            wait_timeout=3,
            image=IMAGE,
            metadata=["b=c"],
            passthrough=["--restart", "always"],
        ),
        (
            "flyctl machine update a --app infra --yes --detach --skip-health-checks --wait-timeout 3"
            f" --image {IMAGE} --metadata b=c --restart always"
        ),
    ),
    (argv.platform_regions(), "flyctl platform regions --json"),
    (argv.machine_stop("infra", "a"), "flyctl machine stop a --app infra"),
    (argv.machine_suspend("infra", "a"), "flyctl machine suspend a --app infra"),
    (argv.machine_destroy("infra", "a"), "flyctl machine destroy a --app infra --force"),
    (argv.machine_exec("infra", "a", "ls /data"), "flyctl machine exec a 'ls /data' --app infra --json"),
    (
        argv.machine_exec("infra", "a", "ls", timeout=9),
        "flyctl machine exec a ls --app infra --json --timeout 9",
    ),
    (argv.secrets_import("infra"), "flyctl secrets import --app infra --stage"),
    (argv.secrets_set("infra", "A"), "flyctl secrets set A=- --app infra --stage"),
    (argv.secrets_unset("infra", ["A", "B"]), "flyctl secrets unset A B --app infra --stage"),
    (argv.secrets_deploy("infra"), "flyctl secrets deploy --app infra"),
    (argv.certs_add("infra", "a.example.com"), "flyctl certs add a.example.com --app infra"),
    (argv.certs_remove("infra", "a.example.com"), "flyctl certs remove a.example.com --app infra --yes"),
    (
        argv.volumes_create("infra", "data", region="syd", size=3, snapshot="vs_1"),
        ("flyctl volumes create data --app infra --region syd --size 3 --snapshot-id vs_1 --yes --json"),
    ),
    (
        argv.volumes_fork("infra", "vol_1", region="syd"),
        "flyctl volumes fork vol_1 --app infra --region syd --json",
    ),
    (
        argv.volumes_extend("infra", "vol_1", 5),
        "flyctl volumes extend vol_1 --app infra --size 5 --yes --json",
    ),
    (argv.volumes_snapshots_list("infra", "vol_1"), "flyctl volumes snapshots list vol_1 --app infra --json"),
    (argv.tokens_list("infra"), "flyctl tokens list --app infra"),
    (
        argv.tokens_create_deploy("infra", "ci by me", "24h0m0s"),
        "flyctl tokens create deploy --app infra --name 'ci by me' --expiry 24h0m0s --json",
    ),
    (argv.tokens_revoke("t1"), "flyctl tokens revoke t1"),
]


@pytest.mark.parametrize(("made", "expected"), ROWS, ids=[expected for _, expected in ROWS])
def test_an_argv_is_what_is_typed_by_hand(made: list[str], expected: str) -> None:
    assert made == shlex.split(expected)


def test_every_function_has_a_row() -> None:
    functions = {
        name
        for name, found in inspect.getmembers(argv, inspect.isfunction)
        if found.__module__ == argv.__name__
    }
    text = Path(__file__).read_text()
    assert {name for name in functions if f"argv.{name}(" not in text} == set()


def _commands() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for command in json.loads(SURFACE.read_text())["commands"]:
        found[command["path"]] = command
        parent, _, _ = command["path"].rpartition(" ")
        for alias in command.get("aliases", []):
            found.setdefault(f"{parent} {alias}", command)
    return found


def _problem(words: list[str], commands: dict[str, dict[str, Any]]) -> str:
    """What flyctl's grammar has against an argv; empty for nothing."""
    depth = max(size for size in range(1, len(words) + 1) if " ".join(words[:size]) in commands)
    command = commands[" ".join(words[:depth])]
    flags = {flag["name"]: flag for flag in [*command["flags"], *commands["flyctl"]["persistent_flags"]]}
    operands, rest = 0, iter(words[depth:])
    for word in rest:
        if not word.startswith("--"):
            operands += 1
            continue
        name, equals, _ = word[2:].partition("=")
        if name not in flags:
            return f"{command['path']} has no flag --{name}"
        if not equals and flags[name]["type"] != "bool" and next(rest, None) is None:
            return f"--{name} needs a value"
    most = command["max_args"]
    if operands < command["min_args"] or (most >= 0 and operands > most):
        return f"{command['path']} takes {command['min_args']} to {most} operands, not {operands}"
    return "" if command["runs"] else f"{command['path']} does nothing by itself"


@pytest.mark.parametrize("made", [made for made, _ in ROWS], ids=" ".join)
def test_flyctl_has_the_command_and_its_flags(made: list[str]) -> None:
    assert _problem(made, _commands()) == ""


@pytest.mark.parametrize(
    "wrong", ["flyctl status --jsonx", "flyctl certs check", "flyctl releases list", "flyctl deploy --image"]
)
def test_the_check_against_the_grammar_finds_what_is_wrong(wrong: str) -> None:
    assert _problem(wrong.split(" "), _commands())
