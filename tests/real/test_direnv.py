"""The repo's own .envrc, loaded by the real direnv: new, denied and allowed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pkg.shell.environment import REFERENCE, load_environment
from pkg.shell.redact import Redactor
from tests.fakes import ManualClock, MemoryConsole
from tests.real.conftest import ROOT, environment, need


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    shutil.copy(ROOT / ".envrc", folder)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The variables of somebody who has never allowed anything."""
    kept = {name: value for name, value in environment().items() if not name.startswith("XDG_")}
    return {**kept, "HOME": str(tmp_path / "home")}


def direnv(repo: Path, home: dict[str, str], *words: str) -> None:
    subprocess.run([need("direnv"), *words], cwd=repo, env=home, check=True, capture_output=True)


def load(repo: Path, home: dict[str, str]) -> tuple[dict[str, str], str]:
    need("direnv")
    console = MemoryConsole(Redactor())
    loaded = load_environment(repo, home, console=console, redactor=console.redactor, clock=ManualClock())
    return dict(loaded.variables), console.stderr


def test_a_new_envrc_is_blocked_and_the_word_says_what_to_do(repo: Path, home: dict[str, str]) -> None:
    variables, said = load(repo, home)
    assert "FLY_API_TOKEN" not in variables
    assert "run `direnv allow`" in said


def test_a_denied_one_is_not_loaded(repo: Path, home: dict[str, str]) -> None:
    direnv(repo, home, "allow")
    direnv(repo, home, "deny")
    variables, said = load(repo, home)
    assert "FLY_API_TOKEN" not in variables
    # Older ones then call it blocked, newer ones exit with 0 and say nothing.
    assert ".envrc is not loaded" in said
    assert "direnv allow" in said


def test_an_allowed_one_is_loaded_with_its_references_and_its_folders(
    repo: Path, home: dict[str, str]
) -> None:
    direnv(repo, home, "allow")
    variables, said = load(repo, home)
    assert variables["FLY_API_TOKEN"].startswith(REFERENCE)
    assert variables["FLY_NO_UPDATE_CHECK"] == "1"
    first, second = variables["PATH"].split(os.pathsep)[:2]
    assert {first, second} == {str(repo / ".tools/bin"), str(repo / ".venv/bin")}
    assert said == ""


def test_an_edit_blocks_it_again(repo: Path, home: dict[str, str]) -> None:
    direnv(repo, home, "allow")
    with (repo / ".envrc").open("a") as envrc:
        envrc.write("export ANOTHER=1\n")
    variables, said = load(repo, home)
    assert "ANOTHER" not in variables
    assert "run `direnv allow`" in said


def test_what_direnv_loads_is_what_is_read_without_it(
    repo: Path, home: dict[str, str], tmp_path: Path
) -> None:
    direnv(repo, home, "allow")
    with_direnv, _ = load(repo, home)
    bare = tmp_path / "bare"
    bare.mkdir()
    without = {**home, "PATH": str(bare)}
    console = MemoryConsole(Redactor())
    read = load_environment(repo, without, console=console, redactor=console.redactor, clock=ManualClock())
    names = {name for name in with_direnv if name not in home} - {"PATH"}
    assert {name: read.variables[name] for name in names} == {name: with_direnv[name] for name in names}
    assert console.stderr == ""
