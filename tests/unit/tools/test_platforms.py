"""Which machine this is, in the words of the pins."""

import platform

import pytest

from pkg.shell.errors import CommandMissing, Failure
from pkg.tools.platforms import PLATFORMS, Platform, detect, here, rosetta
from tests.fakes import FakeRunner

PROBE = ("sysctl", "-n", "hw.optional.arm64")


@pytest.mark.parametrize(
    ("system", "machine", "arm64", "key"),
    [
        ("Linux", "x86_64", False, "linux_x86_64"),
        ("Linux", "amd64", False, "linux_x86_64"),
        ("Linux", "aarch64", False, "linux_arm64"),
        ("Linux", "arm64", False, "linux_arm64"),
        ("Linux", "x86_64", True, "linux_x86_64"),
        ("Darwin", "arm64", True, "macos_arm64"),
        ("Darwin", "x86_64", False, "macos_x86_64"),
        ("Darwin", "x86_64", True, "macos_arm64"),
        ("Windows", "AMD64", False, "windows_x86_64"),
        ("Windows", "ARM64", False, "windows_arm64"),
    ],
)
def test_a_machine_has_the_name_that_the_pins_give_it(
    system: str, machine: str, key: str, *, arm64: bool
) -> None:
    assert detect(system, machine, lambda: arm64).key == key


@pytest.mark.parametrize(
    ("system", "machine"),
    [
        ("Linux", "armv7l"),
        ("Linux", "i686"),
        ("Linux", "riscv64"),
        ("FreeBSD", "amd64"),
        ("", ""),
        ("Java", "x"),
    ],
)
def test_a_machine_for_which_nothing_is_pinned_is_refused_with_what_to_do(system: str, machine: str) -> None:
    with pytest.raises(Failure, match="no tool is pinned for") as failure:
        detect(system, machine, lambda: False)
    assert "linux_x86_64" in failure.value.meaning
    assert "inv sandbox.tour" in failure.value.fix


@pytest.mark.parametrize(
    ("system", "machine"), [("Linux", "x86_64"), ("Darwin", "arm64"), ("Windows", "AMD64")]
)
def test_only_an_intel_python_on_a_mac_asks_for_rosetta(system: str, machine: str) -> None:
    detect(system, machine, lambda: pytest.fail("asked"))


@pytest.mark.parametrize(("said", "arm64"), [("1\n", True), ("0\n", False), ("", False)])
def test_the_mac_itself_says_what_its_processor_is(runner: FakeRunner, said: str, *, arm64: bool) -> None:
    runner.answer(*PROBE, stdout=said, code=0 if said else 1)
    assert rosetta(runner) is arm64


def test_a_mac_without_the_probe_is_what_it_says_it_is(runner: FakeRunner) -> None:
    runner.answer(*PROBE, raises=CommandMissing("sysctl was not found on PATH"))
    assert not rosetta(runner)


def test_this_machine_has_a_platform(runner: FakeRunner) -> None:
    runner.answer(*PROBE, stdout="0", times=None)
    assert here(runner) == detect(platform.system(), platform.machine(), lambda: False)


def test_programs_have_a_suffix_on_windows_only() -> None:
    assert {one.key: one.program("ko") for one in PLATFORMS} == {
        "linux_x86_64": "ko",
        "linux_arm64": "ko",
        "macos_x86_64": "ko",
        "macos_arm64": "ko",
        "windows_x86_64": "ko.exe",
        "windows_arm64": "ko.exe",
    }
    assert Platform("linux", "arm64") in PLATFORMS
