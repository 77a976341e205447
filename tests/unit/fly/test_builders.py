"""Where an image is built, and why."""

from pathlib import Path

import pytest

from pkg.fly.builders import LOCAL, REMOTE, Choice, choose, waits_for_docker
from pkg.shell.errors import BadInput, TimedOut
from tests.fakes import FakeRunner

DOCKER = ("docker", "version", "--format", "{{.Server.Version}}")


@pytest.mark.parametrize("machine", ["arm64", "aarch64", "ARM64"])
def test_apple_silicon_builds_on_fly(runner: FakeRunner, machine: str) -> None:
    choice = choose(runner, machine=machine)
    assert choice.builder == REMOTE
    assert machine.lower() in choice.why


def test_without_docker_it_builds_on_fly(runner: FakeRunner) -> None:
    assert choose(runner, machine="x86_64").builder == REMOTE


def test_without_a_daemon_that_answers_it_builds_on_fly() -> None:
    runner = FakeRunner(programs={"docker": Path("/usr/bin/docker")}).answer(*DOCKER, code=1)
    choice = choose(runner, machine="x86_64")
    assert choice == Choice(REMOTE, "no Docker daemon answers here: built on Fly's builder")


def test_a_daemon_that_hangs_is_none() -> None:
    runner = FakeRunner(programs={"docker": Path("/usr/bin/docker")})
    runner.answer(*DOCKER, raises=TimedOut("docker did not end within 10 s"))
    assert choose(runner, machine="x86_64").builder == REMOTE


@pytest.mark.parametrize(("machine", "waits"), [("x86_64", True), ("arm64", False)])
def test_only_a_docker_that_is_installed_and_of_use_needs_no_more_than_a_start(
    runner: FakeRunner, machine: str, *, waits: bool
) -> None:
    assert not waits_for_docker(runner, machine=machine)
    runner.programs["docker"] = Path("/usr/bin/docker")
    assert waits_for_docker(runner, machine=machine) is waits


def test_with_a_daemon_it_is_left_to_flyctl() -> None:
    runner = FakeRunner(programs={"docker": Path("/usr/bin/docker")}).answer(*DOCKER, stdout="27.0\n")
    assert choose(runner, machine="amd64") == Choice("", "")


def test_what_the_user_asks_for_counts_and_nothing_is_looked_at(runner: FakeRunner) -> None:
    assert choose(runner, remote_only=True, machine="x86_64").builder == REMOTE
    assert choose(runner, local_only=True, machine="arm64").builder == LOCAL
    assert runner.calls == []


def test_both_at_once_are_refused(runner: FakeRunner) -> None:
    with pytest.raises(BadInput, match="exclude each other"):
        choose(runner, remote_only=True, local_only=True)
