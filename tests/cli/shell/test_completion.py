"""Tab in a real bash: the function is sourced, asked, and what it gives is what bash would show."""

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.fly.repo import ROOT, SIMULATION
from tests.cli.shell.terminal import completed

SCRIPTS = ROOT / "pkg" / "shell" / "completion"
BRAND_NEW = """
from invoke import task

@task
def brand_new(c):
    '''Show that it is new.'''

ns.add_task(brand_new)
"""
BASH = shutil.which("bash") or "/bin/bash"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A copy of what the tasks are made of, in a path with a space."""
    root = tmp_path / "my repo"
    root.mkdir()
    (root / "pkg").symlink_to(ROOT / "pkg")
    shutil.copy(ROOT / "tasks.py", root)
    for folder in ("", "core"):
        (root / folder).mkdir(exist_ok=True)
        shutil.copy(ROOT / folder / "fly.toml", root / folder)
    (root / "docs" / "reference").mkdir(parents=True)
    shutil.copy(ROOT / "docs/reference/tasks.md", root / "docs/reference")
    (root / ".fly" / "seen").mkdir(parents=True)
    (root / ".fly" / "seen" / "infra").write_text("148e1\tsyd app\n9080e\tfra app\n")
    return root


def tab(folder: Path, line: str, **env: str) -> list[str]:
    """What bash would offer for a line whose cursor stands at its end."""
    script = f"""
        source {SCRIPTS / "inv.bash"}
        COMP_LINE=$1 COMP_POINT=${{#1}}
        # as readline splits: at blanks and at `=`
        read -ra COMP_WORDS <<<"${{1//=/ = }}"
        [[ $1 = *[\\ =] ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _inv
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    done = subprocess.run(
        [BASH, "--norc", "-c", script, "bash", line],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), **env},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1] if done.stdout.strip() else []


def keep(repo: Path) -> None:
    """Have the tasks kept, as the first Tab has it done behind one's back."""
    argv = [sys.executable, "-m", "pkg.shell.completion.cli"]
    subprocess.run(argv, cwd=repo, check=True, timeout=60)


def test_tasks_options_and_values(repo: Path) -> None:
    keep(repo)
    assert tab(repo, "inv fly.sta") == ["fly.status"]
    assert {"--app", "--config", "--all", "--json"} <= set(tab(repo, "inv fly.status --"))
    assert tab(repo, "inv fly.status --app infra-") == ["infra-core"]
    assert tab(repo, "inv fly.status --app=infra-") == ["infra-core"]
    assert tab(repo, "inv --help fly.dep") == ["fly.deploy"]
    assert tab(repo, "inv fly.status -c ") == ["fly.toml", "core"]
    assert tab(repo, "inv fly.machines.restart 9") == ["9080e"]
    assert tab(repo, "inv fly.deploy --image ") == []


def test_it_works_below_the_repos_root_and_the_first_tab_keeps_the_tasks(repo: Path) -> None:
    assert not (repo / ".fly" / "completion").exists()
    assert tab(repo / "core", "inv hist") == ["history"]
    deadline = time.monotonic() + 30
    while not (repo / ".fly" / "completion").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_first_tab_answers_from_the_page_and_costs_no_more_than_another(repo: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert tab(repo, "inv fly.deploy --gu") == ["--guard", "--guard-errors", "--guard-slower"]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.1


def test_a_word_that_must_come_is_no_task(repo: Path) -> None:
    assert tab(repo, "inv fly.releases.revert ") == []
    (repo / ".fly" / "seen-releases").mkdir()
    (repo / ".fly" / "seen-releases" / "infra").write_text("v2\tinfra:v2\n")
    assert tab(repo, "inv fly.releases.revert ") == ["v2"]
    assert tab(repo, "inv fly.secrets.unset ") == []
    assert tab(repo, "inv fly.certs.show ") == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("inv fly.machines.stop ", ["fly.machines.stop"]),
        ("inv fly.secrets.unset ", ["fly.secrets.unset"]),
        ("inv nosuch ", ["nosuch"]),
        ("inv fly.secrets.import ", ["fly.secrets.import", "only one.env"]),
        ("inv fly.secrets.import --file=o", ["fly.secrets.import", "--file=only one.env"]),
        ("inv fly.status -c o", ["fly.status", "-c", "only one.env"]),
    ],
)
def test_a_file_stands_only_where_one_is_meant(repo: Path, line: str, words: list[str]) -> None:
    (repo / ".fly" / "seen" / "infra").unlink()
    folder = repo / "folder"
    folder.mkdir()
    (folder / "only one.env").touch()
    env = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(folder)}
    assert completed([BASH, "--norc", "-i"], SCRIPTS / "inv.bash", line, folder, env) == words


def test_tasks_that_have_changed_are_known_at_a_later_tab(repo: Path) -> None:
    keep(repo)
    assert tab(repo, "inv brand") == []
    with (repo / "tasks.py").open("a") as tasks:
        tasks.write(BRAND_NEW)
    assert tab(repo, "inv brand") == []  # from what was kept; the tasks are kept anew meanwhile
    deadline = time.monotonic() + 30
    while tab(repo, "inv brand") != ["brand-new"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_in_another_repo_invokes_own_completion_answers(tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text("from invoke import task\n\n@task\ndef theirs(c):\n    pass\n")
    assert "theirs" in tab(tmp_path, "inv the")


def test_without_inv_there_is_nothing(repo: Path) -> None:
    assert tab(repo, "inv fly", PATH="/usr/bin:/bin") == []


def test_it_costs_a_small_part_of_what_a_person_notices(repo: Path) -> None:
    keep(repo)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(5):
        tab(repo, "inv fly.st")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / 5
    assert spent < 0.1, spent


def test_what_status_saw_is_offered(repo: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    env = {
        "PATH": f"{SIMULATION}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "FLYSIM_STATE": str(state),
        "FLY_SANDBOX": str(state),
        "FLY_API_TOKEN": "fo1_simulated",
        "HOME": str(tmp_path),
    }
    for argv in (
        ["flysim", "control", '{"apps": ["infra"]}'],
        ["flyctl", "machine", "run", "registry.fly.io/infra:v1", "-a", "infra", "--region", "syd"],
        ["inv", "fly.status"],
    ):
        done = subprocess.run(
            argv,
            cwd=repo,
            env={**env, "FLY_SANDBOX": str(state)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, 1}, done.stderr
    (machine,) = (state / "seen" / "infra").read_text().splitlines()
    assert tab(repo, "inv fly.machines.stop ", FLY_SANDBOX=str(state))[0] == machine.partition("\t")[0]
