"""What follows `--` at single machines and at logs cannot go past what the task decides."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pkg.fly.passed import CLONE, LOGS, RUN, UPDATE
from pkg.fly.rules import Rules
from pkg.shell.errors import BadInput

SURFACE = Path(__file__).parents[3] / "pkg" / "flysim" / "surface.json"
ALL = [RUN, CLONE, UPDATE, LOGS]


def flags(command: str) -> Iterator[dict[str, Any]]:
    commands = {each["path"]: each for each in json.loads(SURFACE.read_text())["commands"]}
    yield from commands[f"flyctl {command}"]["flags"]
    yield from commands["flyctl"]["persistent_flags"]


def shown(value: object) -> str:
    if isinstance(value, Rules):
        return value.command
    return " ".join(sorted(value) if isinstance(value, set) else [str(value)])


@pytest.mark.parametrize("rules", ALL, ids=shown)
def test_the_tables_are_those_of_flyctl(rules: Rules) -> None:
    switches = {
        each["name"] for each in flags(rules.command) if each["type"] == "bool" or each.get("no_value_means")
    }
    assert switches == rules.flags.switches
    assert {each["name"] for each in flags(rules.command)} - switches == rules.flags.valued
    shorts = {each["short"]: each["name"] for each in flags(rules.command) if each.get("short")}
    assert shorts == rules.flags.short


@pytest.mark.parametrize(
    ("rules", "words", "named"),
    [
        (RUN, [], set()),
        (RUN, ["--env", "-ainfra", "-eA=--app", "--rm"], {"env", "rm"}),
        (RUN, ["-v", "data:/data", "--vm-memory=512"], {"volume", "vm-memory"}),
        (CLONE, ["--standby-for", "m1", "--clear-cmd"], {"standby-for", "clear-cmd"}),
        (UPDATE, ["-ye", "A=1", "-Csleep 9", "--skip-start"], {"yes", "env", "command", "skip-start"}),
        (UPDATE, ["--autostop", "--restart", "always"], {"autostop", "restart"}),
        (LOGS, ["-n", "--verbose"], {"no-tail", "verbose"}),
    ],
    ids=shown,
)
def test_what_the_task_does_not_decide_goes_on_and_is_known(
    rules: Rules, words: list[str], named: set[str]
) -> None:
    assert rules.check(words) == named


@pytest.mark.parametrize(
    ("rules", "words", "remedy"),
    [
        (RUN, ["-ainfra-core"], "inv fly.machines.run --app"),
        (RUN, ["-a", "infra-core"], "inv fly.machines.run --app"),
        (RUN, ["--app=infra-core"], "inv fly.machines.run --app"),
        (RUN, ["-nmine"], "inv fly.machines.run --name"),
        (RUN, ["--name", "mine"], "inv fly.machines.run --name"),
        (RUN, ["--rm", "-riad"], "inv fly.machines.run --region"),
        (RUN, ["-ccore"], "inv fly.machines.run FOLDER"),
        (RUN, ["--machine-config={}"], "inv fly.machines.run FOLDER"),
        (RUN, ["--image", "x"], "inv fly.machines.run MANIFEST --image"),
        (RUN, ["--detach"], "leave it out"),
        (RUN, ["--id", "m1"], "inv fly.machines.update"),
        (RUN, ["--build-only"], "flyctl machine run --help"),
        (RUN, ["--shell"], "flyctl machine run --help"),
        (RUN, ["-h"], "inv --help fly.machines.run"),
        (RUN, ["sleep", "60"], "inv --help fly.machines.run"),
        (RUN, ["--", "sleep"], "inv --help fly.machines.run"),
        (RUN, ["--autostop", "stop"], "inv --help fly.machines.run"),
        (RUN, ["-thunter2"], "FLY_API_TOKEN"),
        (RUN, ["--nosuch", "x"], "flyctl machine run --help"),
        (RUN, ["-x"], "flyctl machine run --help"),
        (RUN, ["--env"], "--env VALUE"),
        (CLONE, ["--name", "other"], "inv fly.machines.clone --name"),
        (CLONE, ["-n", "other"], "flyctl machine clone --help"),
        (CLONE, ["--attach-volume=vol_1"], "inv fly.machines.clone --volume"),
        (CLONE, ["--from-snapshot", "vs_1"], "inv fly.machines.clone --snapshot"),
        (CLONE, ["--select"], "flyctl machine clone --help"),
        (CLONE, ["m2"], "inv --help fly.machines.clone"),
        (UPDATE, ["--image", "B"], "inv fly.machines.update --image"),
        (UPDATE, ["-yiB"], "inv fly.machines.update --image"),
        (UPDATE, ["--wait-timeout=3"], "inv fly.machines.update --wait-timeout"),
        (UPDATE, ["--skip-health-checks"], "leave it out"),
        (UPDATE, ["--help"], "flyctl machine update --help"),
        (UPDATE, ["foo"], "inv --help fly.machines.update"),
        (LOGS, ["--app", "other"], "inv fly.logs --app"),
        (LOGS, ["-naother"], "inv fly.logs --app"),
        (LOGS, ["--json=false"], "inv fly.logs --json"),
        (LOGS, ["--machine", "m1"], "inv fly.logs --instance"),
        (LOGS, ["-rsyd"], "inv fly.logs --region"),
        (LOGS, ["--help"], "inv --help fly.logs"),
        (LOGS, ["infra"], "inv --help fly.logs"),
    ],
    ids=shown,
)
def test_what_would_go_past_the_task_is_refused_with_what_to_do(
    rules: Rules, words: list[str], remedy: str
) -> None:
    with pytest.raises(BadInput) as refused:
        rules.check(words)
    assert remedy in str(refused.value)
    assert "hunter2" not in str(refused.value)
