"""A manifest with a Dockerfile is built under a label that means one image."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pkg.fly import argv, own_image
from pkg.fly.manifest import Manifest, read
from pkg.shell.errors import CommandFailed, Failure
from pkg.shell.runner import Result
from pkg.shell.workspace import Workspace
from tests.fakes import Call, FakeRunner, ManualClock, MemoryConsole, workspace

COMMIT = "c0ffee" + "0" * 34
STATUS = ("git", "status", "--porcelain", "--", "notes")
LABEL = "c0ffee000000-20261124T120000"
PUSH = argv.build_and_push("infra-notes", "notes/fly.toml", LABEL, builder="remote")


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    (tmp_path / "notes").mkdir()
    path = tmp_path / "notes/fly.toml"
    path.write_text('app = "infra-notes"\n[build]\ndockerfile = "Dockerfile"\n')
    return read(path)


@pytest.fixture
def work(tmp_path: Path, clock: ManualClock, console: MemoryConsole) -> Callable[..., Workspace]:
    def make(runner: FakeRunner, *, sandbox: bool = False) -> Workspace:
        return workspace(tmp_path, runner, console, clock, dry=runner.dry, sandbox=sandbox)

    return make


def committed(runner: FakeRunner, *, changes: str = "") -> FakeRunner:
    runner.programs["git"] = Path("/usr/bin/git")
    return runner.answer("git", "rev-parse", "HEAD", stdout=COMMIT).answer(*STATUS, stdout=changes)


def test_what_is_committed_is_built_under_its_commit_and_the_time(
    work: Callable[..., Workspace], manifest: Manifest
) -> None:
    runner = committed(FakeRunner()).answer(*PUSH)
    built = own_image.build(work(runner), manifest, "infra-notes", "remote")
    assert str(built) == f"registry.fly.io/infra-notes:{LABEL}"
    assert runner.calls[-1].mode == "stream"


@pytest.mark.parametrize("changes", [" M notes/notes.py\n", "?? notes/new.py\n"])
def test_what_is_not_committed_gets_a_label_of_its_own(
    changes: str, work: Callable[..., Workspace], manifest: Manifest, clock: ManualClock
) -> None:
    first = own_image.label(work(committed(FakeRunner(), changes=changes)), manifest)
    clock.advance(1)
    second = own_image.label(work(committed(FakeRunner(), changes=changes)), manifest)
    assert first.startswith("c0ffee000000-dirty-20261124T")
    assert first != second


def test_a_commit_that_is_built_again_gets_another_label(
    work: Callable[..., Workspace], manifest: Manifest, clock: ManualClock
) -> None:
    first = own_image.label(work(committed(FakeRunner())), manifest)
    clock.advance(1)
    assert own_image.label(work(committed(FakeRunner())), manifest) != first


def test_without_git_the_label_is_the_time(work: Callable[..., Workspace], manifest: Manifest) -> None:
    assert own_image.label(work(FakeRunner()), manifest) == "uncommitted-20261124T120000"


def test_a_build_that_fails_releases_nothing(work: Callable[..., Workspace], manifest: Manifest) -> None:
    runner = committed(FakeRunner()).answer(*PUSH, code=1)
    with pytest.raises(Failure, match="nothing was released"):
        own_image.build(work(runner), manifest, "infra-notes", "remote")


def test_a_dry_run_builds_nothing(work: Callable[..., Workspace], manifest: Manifest) -> None:
    runner = committed(FakeRunner(dry=True))
    assert own_image.build(work(runner), manifest, "infra-notes", "remote") is None
    assert runner.calls[-1].argv == tuple(PUSH)


class Flysim(FakeRunner):
    """A simulation that takes, or refuses, what it is told."""

    def __init__(self, code: int = 0) -> None:
        super().__init__()
        self.told: dict[str, dict[str, str]] = {}
        self.code = code

    def _run(self, call: Call) -> Result:
        if call.argv[0] == "flysim":
            self.told = json.loads(call.argv[2])["images"]
            self.answer(*call.argv, code=self.code)
        return super()._run(call)


def test_on_the_simulation_nothing_is_built_and_that_is_said(
    work: Callable[..., Workspace], manifest: Manifest, console: MemoryConsole
) -> None:
    runner = Flysim()
    committed(runner)
    built = own_image.build(work(runner, sandbox=True), manifest, "infra-notes")
    assert built is not None
    assert runner.told == {f"registry.fly.io/infra-notes:{LABEL}": {"digest": built.digest}}
    assert "nothing is built" in console.stderr


def test_a_simulation_that_refuses_is_said_so(work: Callable[..., Workspace], manifest: Manifest) -> None:
    runner = Flysim(code=1)
    committed(runner)
    with pytest.raises(CommandFailed, match=r"sandbox\.reset"):
        own_image.build(work(runner, sandbox=True), manifest, "infra-notes")
