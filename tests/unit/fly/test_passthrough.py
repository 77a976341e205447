"""What follows `--` cannot deploy something else than the plan shows."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pkg.fly import argv, passthrough
from pkg.fly.pipeline import Request, check_passthrough, smoke_test
from pkg.shell.errors import BadInput
from tests.unit.fly.world import V2, World

SURFACE = Path(__file__).parents[3] / "pkg" / "flysim" / "surface.json"


def flags() -> Iterator[dict[str, Any]]:
    commands = {each["path"]: each for each in json.loads(SURFACE.read_text())["commands"]}
    yield from commands["flyctl deploy"]["flags"]
    yield from commands["flyctl"]["persistent_flags"]


def test_the_tables_are_those_of_flyctl() -> None:
    switches = {each["name"] for each in flags() if each["type"] == "bool" or each.get("no_value_means")}
    assert switches == passthrough.SWITCHES
    assert {each["name"] for each in flags()} - switches == passthrough.VALUED
    assert {each["short"]: each["name"] for each in flags() if each.get("short")} == passthrough.SHORT


@pytest.mark.parametrize(
    "words", [["--env", "A=***"], ["-eA=***"], ["--build-arg=A=***"], ["--label", "***"]]
)
def test_a_value_that_was_hidden_where_it_was_copied_from_is_refused(words: list[str]) -> None:
    with pytest.raises(BadInput, match=r"stands for a value that is not kept anywhere"):
        passthrough.read(words)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--ha=true", "--verbose"],
        ["--env", "GREETING=good day"],
        ["--env", "-ainfra"],
        ["-e", "--app"],
        ["-eA=1", "-ye", "B=2", "-e=C=3"],
        ["--env", "--"],
        ["--strategy=immediate", "-y=true", "--depot"],
    ],
    ids=" ".join,
)
def test_what_is_no_business_of_the_plan_goes_on_as_it_is(words: list[str]) -> None:
    assert passthrough.read(words) == (words, False)


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (["-ainfra-core"], "inv fly.deploy --app"),
        (["-a", "infra-core"], "inv fly.deploy --app"),
        (["-a=infra-core"], "inv fly.deploy --app"),
        (["--app=infra-core"], "inv fly.deploy --app"),
        (["-yainfra-core"], "inv fly.deploy --app"),
        (["-iregistry.fly.io/x:v1"], "inv fly.deploy --image"),
        (["--image", "x"], "inv fly.deploy --image"),
        (["-yc", "core"], "inv fly.deploy --config"),
        (["--config", "core"], "inv fly.deploy --config"),
        (["--from-manifest", "{}"], "inv fly.deploy --config"),
        (["core"], "inv fly.deploy -c FOLDER"),
        (["--depot", "core"], "inv fly.deploy -c FOLDER"),
        (["--env", "A=1", "core"], "inv fly.deploy -c FOLDER"),
        (["-"], "inv fly.deploy -c FOLDER"),
        ([""], "inv fly.deploy -c FOLDER"),
        (["--", "x"], "after one `--`"),
        (["-t", "hunter2"], "into .envrc as FLY_API_TOKEN"),
        (["-yt=hunter2"], "into .envrc as FLY_API_TOKEN"),
        (["--access-token=hunter2"], "into .envrc as FLY_API_TOKEN"),
        (["--only-machines", "m1"], "inv fly.machines.update"),
        (["--exclude-machines=m1"], "inv fly.machines.update"),
        (["--process-groups", "app"], "deploy without it"),
        (["--help"], "flyctl deploy --help"),
        (["--help=true"], "flyctl deploy --help"),
        (["-yh"], "flyctl deploy --help"),
        (["--build-only", "-h"], "flyctl deploy --help"),
        (["--build-only", "--build-only=false"], "leave it out to deploy"),
        (["--build-only=0"], "leave it out to deploy"),
        (["--build-only="], "leave it out to deploy"),
        (["--build-only", "--env"], "--env VALUE"),
        (["-ye"], "-e VALUE"),
        (["--new", "--env", "-ainfra-core"], "flyctl deploy --help"),
        (["-x"], "flyctl deploy --help"),
        (["---app=x"], "flyctl deploy --help"),
        (["-y="], "flyctl deploy --help"),
    ],
    ids=str,
)
def test_what_would_go_past_the_plan_is_refused_with_what_to_do(words: list[str], remedy: str) -> None:
    with pytest.raises(BadInput) as refused:
        passthrough.read(words)
    assert remedy in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("asked", ["--build-only", "--build-only=true"])
def test_a_smoke_test_is_told_from_a_deploy(asked: str) -> None:
    assert passthrough.read([asked, "--env", "--build-only"]) == (["--env", "--build-only"], True)
    with pytest.raises(BadInput, match="leave it out to deploy"):
        check_passthrough([asked])


def test_build_only_is_the_last_word_of_a_smoke_test(tmp_path: Path) -> None:
    world = World(tmp_path)
    command = argv.build_only("demo", "fly.toml", V2, passthrough=["--verbose", "--build-only"])
    world.runner.answer(*command)
    smoke_test(
        world.ws, Request(manifest=world.manifest, app="demo", passthrough=("--build-only", "--verbose"))
    )
    assert list(world.runner.calls[-1].argv) == command


def test_a_smoke_test_of_another_app_runs_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    words = ("--build-only", "-ainfra-core")
    with pytest.raises(BadInput, match="--app"):
        smoke_test(world.ws, Request(manifest=world.manifest, app="demo", passthrough=words))
    assert world.runner.calls == []


@pytest.mark.parametrize("words", [["-t", "hunter2"], ["--no-tail", "--access-token=hunter2"]], ids=str)
def test_a_token_is_refused_after_the_dashes_of_any_task(words: list[str]) -> None:
    with pytest.raises(BadInput, match="would show the token to every process") as refused:
        passthrough.refuse_token(words)
    assert "hunter2" not in str(refused.value)


def test_what_is_no_token_is_no_business_of_that() -> None:
    passthrough.refuse_token(["-rmtl", "--region", "t", "--instance", "e784", "-e", "A=-t"])
