"""Which machine this is, in the words of the pins."""

import platform
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pkg.shell.errors import CommandMissing, Failure
from pkg.shell.runner import Runner

System = Literal["linux", "macos", "windows"]
Arch = Literal["x86_64", "arm64"]

SYSTEMS: dict[str, System] = {"linux": "linux", "darwin": "macos", "windows": "windows"}
ARCHES: dict[str, Arch] = {
    "x86_64": "x86_64",
    "amd64": "x86_64",
    "x64": "x86_64",
    "arm64": "arm64",
    "aarch64": "arm64",
}


@dataclass(frozen=True, slots=True)
class Platform:
    """An operating system and a processor for which tools are pinned."""

    system: System
    arch: Arch

    @property
    def key(self) -> str:
        """Return the name that pins.toml gives this platform."""
        return f"{self.system}_{self.arch}"

    def program(self, name: str) -> str:
        """Return the file name of the program `name` here."""
        return f"{name}.exe" if self.system == "windows" else name


PLATFORMS = tuple(Platform(system, arch) for system in SYSTEMS.values() for arch in ("x86_64", "arm64"))


def detect(system: str, machine: str, rosetta: Callable[[], bool]) -> Platform:
    """Return the platform for what Python says of the machine.

    Args:
        system: as platform.system() says it.
        machine: as platform.machine() says it; under Rosetta it says x86_64 on an arm64 Mac.
        rosetta: whether the processor of this Mac is arm64; asked only when the answer matters.

    Raises:
        Failure: no tool is pinned for such a machine.
    """
    known_system = SYSTEMS.get(system.lower())
    known_arch = ARCHES.get(machine.lower())
    if known_system is None or known_arch is None:
        raise Failure(
            f"no tool is pinned for {system or 'an unknown system'} on {machine or 'an unknown processor'}",
            meaning=f"tools are pinned for {', '.join(known.key for known in PLATFORMS)}",
            fix="work on one of those, or run the simulation, which needs no tool: inv sandbox.tour",
        )
    if known_system == "macos" and known_arch == "x86_64" and rosetta():
        known_arch = "arm64"
    return Platform(known_system, known_arch)


def rosetta(runner: Runner) -> bool:
    """Ask a Mac whether its processor is arm64, whatever this Python was built for."""
    try:
        return runner.capture(["sysctl", "-n", "hw.optional.arm64"]).stdout.strip() == "1"
    except CommandMissing:
        return False


def here(runner: Runner) -> Platform:
    """Return the platform of this machine.

    Raises:
        Failure: no tool is pinned for it.
    """
    return detect(platform.system(), platform.machine(), lambda: rosetta(runner))
