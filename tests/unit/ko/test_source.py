"""What is checked out, and whether an image may be built from it."""

import subprocess
from pathlib import Path

import pytest

from pkg.ko import argv, source
from pkg.ko.source import Source
from pkg.shell.errors import CommandFailed, Refused
from tests.fakes import FakeRunner

COMMIT = "c0ffee" + "0" * 34
STATUS = ("git", "status", "--porcelain", "--untracked-files=normal", "--", ".", ":(exclude)core/image.toml")


def test_a_clean_tree_is_its_commit(runner: FakeRunner) -> None:
    runner.answer(*argv.head(), stdout=f"{COMMIT}\n").answer(*STATUS)
    read = source.read(runner)
    assert read == Source(COMMIT)
    assert (read.dirty, read.tag) == (False, COMMIT)
    source.refuse_dirty(read, allow=False)


def test_a_dirty_tree_is_refused_with_its_changes_and_never_takes_the_clean_tag(runner: FakeRunner) -> None:
    changes = "".join(f" M core/{number}.go\n" for number in range(7))
    runner.answer(*argv.head(), stdout=f"{COMMIT}\n").answer(*STATUS, stdout=changes)
    read = source.read(runner)
    assert read.tag == f"{COMMIT}-dirty"
    with pytest.raises(Refused, match=r"core/0\.go.*core/4\.go; and 2 more") as caught:
        source.refuse_dirty(read, allow=False)
    assert "--allow-dirty" in caught.value.fix
    source.refuse_dirty(read, allow=True)


def test_a_folder_that_is_no_checkout_is_said_so(runner: FakeRunner) -> None:
    runner.answer(*argv.head(), code=128, stderr="fatal: not a git repository\n")
    with pytest.raises(CommandFailed, match="run this in a clone of the repo"):
        source.read(runner)


@pytest.mark.parametrize(
    ("code", "stdout", "count"), [(0, "3\n", 3), (0, "0\n", 0), (128, "", None), (0, "?", None)]
)
def test_newer_commits_are_counted_when_the_commit_is_known(
    code: int, stdout: str, count: int | None, runner: FakeRunner
) -> None:
    besides = [f":(exclude)core/{pattern}" for pattern in ("image.toml", "fly.toml", "*.md", "*_test.go")]
    count_them = (
        *("git", "rev-list", "--count", "--end-of-options"),
        *(f"{COMMIT}..HEAD", "--", "core", *besides),
    )
    runner.answer(*count_them, code=code, stdout=stdout)
    assert source.commits_since(runner, COMMIT, "core") == count


def test_git_takes_no_commit_for_an_option(tmp_path: Path) -> None:
    file = tmp_path / "made"
    counting = argv.commits_since(f"--output={file}", "core")
    done = subprocess.run(counting, capture_output=True, check=False)
    assert done.returncode == 128
    assert not file.with_name("made..HEAD").exists()
