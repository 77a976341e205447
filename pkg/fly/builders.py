"""Where an image is built: on this machine, or on Fly's builder."""

import platform

import msgspec

from pkg.shell.errors import BadInput, TimedOut
from pkg.shell.runner import Runner

REMOTE, LOCAL = "remote", "local"
# What Fly's machines run; an image that is built for something else does not start there.
FLY_ARCHITECTURE = frozenset({"x86_64", "amd64"})


class Choice(msgspec.Struct, frozen=True):
    """Where to build, and why; an empty builder leaves it to flyctl."""

    builder: str
    why: str


def choose(
    runner: Runner, *, remote_only: bool = False, local_only: bool = False, machine: str = ""
) -> Choice:
    """Return where to build.

    flyctl's `--build-target` names a stage of a Dockerfile, not a builder: these two flags choose one.

    Args:
        runner: asks for a Docker daemon.
        remote_only: the user wants Fly's builder.
        local_only: the user wants this machine.
        machine: the processor's architecture; empty for this machine's.

    Raises:
        BadInput: both were asked for.
    """
    if remote_only and local_only:
        raise BadInput("--remote-only and --local-only exclude each other", fix="give one of them, or none")
    if remote_only or local_only:
        return Choice(REMOTE if remote_only else LOCAL, "as asked for")
    architecture = _architecture(machine)
    if architecture not in FLY_ARCHITECTURE:
        return Choice(REMOTE, f"this machine is {architecture}, and Fly runs x86_64: built on Fly's builder")
    if not _has_docker(runner):
        return Choice(REMOTE, "no Docker daemon answers here: built on Fly's builder")
    return Choice("", "")


def waits_for_docker(runner: Runner, *, machine: str = "") -> bool:
    """Return whether images would be built here if only the Docker that is installed were running.

    Args:
        runner: looks for Docker.
        machine: the processor's architecture; empty for this machine's.
    """
    return _architecture(machine) in FLY_ARCHITECTURE and runner.which("docker") is not None


def _architecture(machine: str) -> str:
    return (machine or platform.machine()).lower()


def _has_docker(runner: Runner) -> bool:
    """Return whether a Docker daemon answers; one that hangs does not."""
    if runner.which("docker") is None:
        return False
    try:
        answer = runner.capture(["docker", "version", "--format", "{{.Server.Version}}"], timeout=10)
    except TimedOut:
        return False
    return answer.code == 0
