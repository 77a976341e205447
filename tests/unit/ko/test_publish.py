"""Publishing: what ko is told, what it must have pushed, and what is recorded."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.fly.image import RECORD, read_record
from pkg.ko import argv, publish, simulated
from pkg.ko.source import Source
from pkg.shell.errors import BadInput, CommandFailed, Failure
from pkg.shell.runner import Result
from pkg.shell.workspace import Workspace
from tests.fakes import Call, FakeRunner

COMMIT = "c0ffee" + "0" * 34
DIGEST = "sha256:" + "1" * 64
TARGET = "registry.fly.io/infra"
CLEAN = Source(COMMIT)


class Ko(FakeRunner):
    """A runner whose ko pushes what the test says."""

    def __init__(self, *refs: str, code: int = 0, dry: bool = False, after: Source = CLEAN) -> None:
        super().__init__(dry=dry)
        self.answer(*argv.head(), stdout=after.commit)
        self.answer(*argv.changes([RECORD.as_posix()]), stdout="".join(f"{one}\n" for one in after.changes))
        self.answer("ko", "version", stdout="v0.19.1\n", times=None)
        self.answer("flyctl", "auth", "docker", times=None)
        self.refs, self.code = refs, code

    def _run(self, call: Call) -> Result:
        if call.argv[:2] == ("ko", "build") and not call.skipped:
            Path(call.argv[-1]).write_text("".join(f"{ref}\n" for ref in self.refs))
            self.answer(*call.argv, code=self.code)
        return super()._run(call)


def with_runner(ws: Workspace, runner: FakeRunner) -> Workspace:
    return replace(ws, runner=runner)


def test_the_image_goes_to_the_default_apps_repository(ws: Workspace) -> None:
    assert publish.repository(ws) == TARGET


def test_what_ko_pushed_is_recorded(ws: Workspace) -> None:
    ko = Ko(f"{TARGET}:{COMMIT}@{DIGEST}")
    written = publish.publish(with_runner(ws, ko), Source(COMMIT), TARGET)
    assert written == read_record(ws.root, ws.state)
    assert written is not None
    assert (written.app, written.ko, written.dirty) == ("infra", "0.19.1", False)
    build = next(call for call in ko.calls if call.mode == "stream")
    assert build.cwd == ws.root / "core"
    assert build.env == {"KO_DOCKER_REPO": TARGET, "KO_CONFIG_PATH": str(ws.root / "core/.ko.yaml")}
    assert {"--bare", "--platform=linux/amd64", "--sbom=none", "--image-user=0:0"} <= set(build.argv)
    assert build.argv[build.argv.index("--tags") + 1] == COMMIT


def test_a_dirty_tree_is_recorded_as_one(ws: Workspace) -> None:
    built = Source(COMMIT, (" M core/main.go",))
    ko = Ko(f"{TARGET}:{COMMIT}-dirty@{DIGEST}", after=built)
    written = publish.publish(with_runner(ws, ko), built, TARGET)
    assert written is not None
    assert written.dirty


@pytest.mark.parametrize("after", [Source(COMMIT, (" M core/main.go",)), Source("d" * 40)])
def test_a_tree_that_changed_while_ko_built_it_is_not_recorded(after: Source, ws: Workspace) -> None:
    ko = Ko(f"{TARGET}:{COMMIT}@{DIGEST}", after=after)
    with pytest.raises(Failure, match=rf"(?s){COMMIT} before, {after.tag} after.*is not recorded") as caught:
        publish.publish(with_runner(ws, ko), CLEAN, TARGET)
    assert "publish again" in caught.value.fix
    assert not (ws.root / RECORD).exists()


def test_another_registry_needs_no_login_at_fly(ws: Workspace) -> None:
    target = "127.0.0.1:5000/infra"
    ko = Ko(f"{target}:{COMMIT}@{DIGEST}")
    publish.publish(with_runner(ws, ko), Source(COMMIT), target)
    assert ("flyctl", "auth", "docker") not in ko.argvs


def test_a_dry_run_shows_and_pushes_nothing(ws: Workspace) -> None:
    ko = Ko(dry=True)
    assert publish.publish(with_runner(ws, ko), Source(COMMIT), TARGET) is None
    assert ko.argvs == [("ko", "version")]
    assert not (ws.root / RECORD).exists()


@pytest.mark.parametrize(
    "refs",
    [
        (),
        (f"{TARGET}@{DIGEST}", f"{TARGET}@sha256:{'2' * 64}"),
        (f"{TARGET}:{COMMIT}",),
        (f"{TARGET}:latest@{DIGEST}",),
        (f"registry.fly.io/other:{COMMIT}@{DIGEST}",),
    ],
)
def test_anything_but_one_pinned_image_is_not_recorded(refs: tuple[str, ...], ws: Workspace) -> None:
    with pytest.raises(Failure, match=r"core/\.ko\.yaml must build one program"):
        publish.publish(with_runner(ws, Ko(*refs)), Source(COMMIT), TARGET)
    assert not (ws.root / RECORD).exists()


def test_a_failing_ko_records_nothing(ws: Workspace) -> None:
    with pytest.raises(CommandFailed, match="nothing is recorded"):
        publish.publish(with_runner(ws, Ko(code=1)), Source(COMMIT), TARGET)
    assert not (ws.root / RECORD).exists()


def test_a_failing_login_says_that_nothing_was_published(ws: Workspace) -> None:
    runner = FakeRunner().answer("ko", "version", stdout="v0.19.1")
    runner.answer(*argv.login(), code=1, stderr="Error: no access token available")
    with pytest.raises(CommandFailed, match="nothing was published"):
        publish.publish(with_runner(ws, runner), Source(COMMIT), TARGET)


def test_a_ko_that_does_not_tell_its_version_is_not_used(ws: Workspace) -> None:
    runner = FakeRunner().answer("ko", "version", code=1)
    with pytest.raises(CommandFailed, match=r"tools\.install ko"):
        publish.publish(with_runner(ws, runner), Source(COMMIT), TARGET)


@pytest.mark.parametrize(
    "target", ["infra", "registry.fly.io/", f"{TARGET}:tag", f"{TARGET}@{DIGEST}", "A/b", "a b/c", ""]
)
def test_what_is_no_repository_is_refused(target: str) -> None:
    with pytest.raises(BadInput, match="is no repository"):
        publish.check_repository(target)


@given(text=st.text(max_size=60))
def test_only_the_one_expected_reference_is_read(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("refs") / "refs"
    path.write_text(text, encoding="utf-8", errors="replace")
    with pytest.raises(Failure):
        publish.read_refs(path, TARGET, COMMIT)
    path.write_text(f"{TARGET}:{COMMIT}@{DIGEST}\n")
    assert str(publish.read_refs(path, TARGET, COMMIT)) == f"{TARGET}:{COMMIT}@{DIGEST}"


def test_on_the_simulation_an_image_is_made_up_and_recorded_there(ws: Workspace) -> None:
    built = Source(COMMIT)
    runner = _Flysim()
    written = simulated.publish(replace(with_runner(ws, runner), sandbox=True), built, TARGET)
    assert written is not None
    assert (written.ko, written.commit) == ("simulated", COMMIT)
    assert not (ws.root / RECORD).exists()
    assert read_record(ws.root, ws.state) == written
    settings = json.loads(runner.calls[0].argv[2])
    assert settings == {
        "images": {f"{TARGET}:{COMMIT}": {"behaviour": "healthy", "digest": written.image.digest}}
    }


def test_other_changes_make_another_simulated_image(ws: Workspace) -> None:
    built = [Source(COMMIT), Source(COMMIT, (" M a",)), Source(COMMIT, (" M b",))]
    sandbox = replace(ws, sandbox=True)
    written = [simulated.publish(with_runner(sandbox, _Flysim()), each, TARGET) for each in built]
    assert len({each.image.digest for each in written if each}) == 3


def test_a_simulation_that_refuses_is_said_so(ws: Workspace) -> None:
    with pytest.raises(CommandFailed, match=r"sandbox\.reset"):
        simulated.publish(with_runner(ws, _Flysim(code=1)), Source(COMMIT), TARGET)


class _Flysim(FakeRunner):
    def __init__(self, code: int = 0) -> None:
        super().__init__()
        self.code = code

    def _run(self, call: Call) -> Result:
        assert call.argv[:2] == ("flysim", "control")
        self.answer(*call.argv, code=self.code)
        return super()._run(call)
