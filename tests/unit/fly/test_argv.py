"""Each argv is what is meant, and flyctl's own grammar has it."""

import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from pkg.fly import argv

SURFACE = Path(__file__).parents[3] / "pkg" / "flysim" / "surface.json"
IMAGE = "registry.fly.io/infra:v1@sha256:" + "a" * 64

ROWS: list[tuple[list[str], str]] = [
    (argv.version(), "flyctl version --json"),
    (argv.whoami(), "flyctl auth whoami --json"),
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
        argv.build_only("infra", "fly.toml", IMAGE, ["--verbose"]),
        f"flyctl deploy --build-only --app infra --config fly.toml --image {IMAGE} --yes --verbose",
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
    (argv.logs("infra"), "flyctl logs --app infra"),
    (
        argv.logs("infra", instance="m1", json=True, passthrough=["--no-tail"]),
        "flyctl logs --app infra --instance m1 --json --no-tail",
    ),
]


@pytest.mark.parametrize(("made", "expected"), ROWS, ids=[expected for _, expected in ROWS])
def test_an_argv_is_what_is_typed_by_hand(made: list[str], expected: str) -> None:
    assert made == expected.split(" ")


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
