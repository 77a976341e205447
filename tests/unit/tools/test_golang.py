"""A tool built by Go is the pinned module, or it is not installed."""

import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pkg.shell.errors import CommandFailed, CommandMissing, Failure
from pkg.shell.runner import Result
from pkg.tools import golang
from pkg.tools.pins import GoModule
from pkg.tools.platforms import Platform
from pkg.tools.store import Standing, Store
from tests.fakes import Call, FakeRunner, MemoryConsole

PIN = GoModule("0.5.18", "example.com/ls", "example.com/ls/cmd/ls", "h1:" + "A" * 43 + "=")
GOAL = golang.wanted("ls", PIN, Platform("linux", "x86_64"))
INSTALL = ("go", "install", "-trimpath", "example.com/ls/cmd/ls@v0.5.18")
BUILT = f"/x/ls: go1.26.8\n\tpath\texample.com/ls\n\tmod\texample.com/ls\tv0.5.18\t{PIN.sum}\n\tdep\ta\tv1\n"


class Go:
    """A runner that has Go, or not."""

    def __init__(self, runner: FakeRunner, store: Store, console: MemoryConsole) -> None:
        self.runner, self.store, self.console = runner, store, console
        self.staging = store.cache / "ls" / "0.5.18-linux_x86_64.new"

    def has(
        self,
        *,
        sums: str = "sums.example.com",
        code: int = 0,
        built: str = BUILT,
        while_building: Callable[[], object] = lambda: None,
    ) -> "Go":
        def write(call: Call) -> None:
            if not code:
                program = Path(call.env["GOBIN"], "ls")
                program.write_text("#!/bin/sh\necho v0.5.18\n")
                program.chmod(0o755)
            while_building()

        self.runner.answer("go", "env", "GOSUMDB", stdout=sums + "\n")
        self.runner.answer(*INSTALL, code=code, stderr="go: requires go >= 1.99", then=write)
        self.runner.answer("go", "version", "-m", str(self.staging / "ls"), stdout=built)
        return self

    def install(self, beat: float = golang.BEAT) -> Standing:
        return golang.install(
            GOAL, PIN, store=self.store, console=self.console, runner=self.runner, beat=beat
        )


@pytest.fixture
def go(runner: FakeRunner, store: Store, console: MemoryConsole) -> Go:
    return Go(runner, store, console)


def test_a_build_that_takes_its_time_says_that_it_goes_on(go: Go) -> None:
    def until_told() -> None:
        late = time.monotonic() + 10
        while "so far" not in go.console.stderr and time.monotonic() < late:
            time.sleep(0.001)

    go.has(while_building=until_told).install(beat=0.001)
    assert "building ls 0.5.18 with Go (a few minutes the first time): 0 s so far" in go.console.stderr


def test_the_pinned_module_is_built_into_the_store_and_linked(go: Go) -> None:
    assert go.has().install() is Standing.ABSENT
    assert (go.store.links / "ls").read_text() == "#!/bin/sh\necho v0.5.18\n"
    assert go.store.standing(GOAL) is Standing.SOUND
    assert "building ls 0.5.18 with Go" in go.console.stderr
    go.runner.assert_all_used()


def test_what_is_built_and_unchanged_needs_no_go(go: Go) -> None:
    go.has().install()
    go.runner.calls.clear()
    assert go.install() is Standing.SOUND
    assert go.runner.calls == []


def test_nothing_of_a_persons_settings_weakens_the_proof(go: Go) -> None:
    go.has().install()
    build = next(call for call in go.runner.calls if call.argv == INSTALL)
    assert build.env["GONOSUMDB"] == "none"
    assert build.env["GOFLAGS"] == "-mod=mod"
    assert build.env["GOBIN"] == str(go.staging)
    assert build.changes


def test_without_go_the_hint_is_that_of_the_platform(go: Go) -> None:
    go.runner.answer("go", "env", "GOSUMDB", raises=CommandMissing("go was not found", command=["go"]))
    with pytest.raises(CommandMissing, match="Go was not found on PATH") as failure:
        go.install()
    assert "go.dev/doc/install" in failure.value.fix
    assert go.store.standing(GOAL) is Standing.ABSENT


def test_without_the_checksum_database_nothing_is_built(go: Go) -> None:
    with pytest.raises(Failure, match="GOSUMDB=off"):
        go.has(sums="off").install()
    assert INSTALL not in go.runner.argvs


def test_a_build_that_fails_says_what_go_said(go: Go) -> None:
    with pytest.raises(CommandFailed, match=r"ls 0\.5\.18 could not be built") as failure:
        go.has(code=1).install()
    assert "requires go >= 1.99" in str(failure.value)
    assert go.store.standing(GOAL) is Standing.ABSENT


@pytest.mark.parametrize(
    "built",
    ["", "ls: not a Go executable", BUILT.replace("v0.5.18", "v0.5.17"), BUILT.replace("AAA", "BBB")],
    ids=["silence", "no Go program", "another version", "another checksum"],
)
def test_a_program_that_was_built_from_something_else_is_not_installed(go: Go, built: str) -> None:
    with pytest.raises(Failure, match="is pinned") as failure:
        go.has(built=built).install()
    assert "tell the team" in failure.value.fix
    assert "`git diff pkg/tools/pins.toml` shows whether the pin was edited here" in failure.value.fix
    assert go.store.standing(GOAL) is Standing.ABSENT


def test_go_tells_when_a_version_was_made_and_what_its_checksum_is(
    runner: FakeRunner, tmp_path: Path
) -> None:
    runner.answer("go", "list", "-m", "-json", "a@v1.2.3", json={"Path": "a", "Time": "2026-06-29T13:39:06Z"})
    runner.answer("go", "mod", "download", "-json", "a@v1.2.3", json={"Sum": "h1:x", "Dir": "/x"})
    made = golang.release_time("a", "1.2.3", runner=runner, cwd=tmp_path)
    assert made == dt.datetime(2026, 6, 29, 13, 39, 6, tzinfo=dt.UTC)
    assert golang.checksum("a", "1.2.3", runner=runner, cwd=tmp_path) == "h1:x"
    assert {call.cwd for call in runner.calls} == {tmp_path}


@pytest.mark.parametrize(("out", "err"), [("", "go: no such version"), ('{"Error": "no such version"}', "")])
def test_what_go_cannot_tell_is_a_failure_with_its_words(
    runner: FakeRunner, tmp_path: Path, out: str, err: str
) -> None:
    runner.answer("go", "list", "-m", "-json", "a@v9.9.9", stdout=out, stderr=err, code=1)
    with pytest.raises(CommandFailed, match=r"Go could not tell about a@v9\.9\.9") as failure:
        golang.release_time("a", "9.9.9", runner=runner, cwd=tmp_path)
    assert "no such version" in str(failure.value)
    assert isinstance(failure.value.result, Result)
