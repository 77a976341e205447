"""The step `completion`: red until the shell sources the script, and the fix that it prints does that."""

import shutil
import subprocess
from pathlib import Path

import pytest

from pkg.onboard import completion
from pkg.onboard.direnv import SHELLS
from pkg.onboard.registry import CHECKS
from tests.unit.onboard.hire import ROOT, Hire


@pytest.fixture
def hire(tmp_path: Path) -> Hire:
    return Hire(tmp_path)


@pytest.mark.parametrize("shell", SHELLS)
def test_it_is_red_until_the_fix_is_typed(hire: Hire, shell: str) -> None:
    hire.variables_too["SHELL"] = f"/usr/bin/{shell}"
    found = completion.installed(hire.workspace)
    assert not found.ok
    assert f"does not read completion/inv.{shell}" in found.detail
    hire.type(found.fix)
    assert completion.installed(hire.workspace).ok
    line = (hire.home / SHELLS[shell]).read_text()
    assert line == f"source '{hire.root}/pkg/shell/completion/inv.{shell}'\n"


def test_the_line_that_the_fix_writes_is_one_that_bash_reads(hire: Hire) -> None:
    hire.variables_too["SHELL"] = "/bin/bash"
    hire.type(completion.installed(hire.workspace).fix)
    done = subprocess.run(
        [shutil.which("bash") or "bash", "--norc", "-c", "source ~/.bashrc && complete -p inv"],
        env={"HOME": str(hire.home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("complete -F _inv inv\n", "")


def test_a_line_that_is_commented_out_does_not_count(hire: Hire) -> None:
    hire.variables_too["SHELL"] = "/bin/bash"
    (hire.home / ".bashrc").write_text("# source /x/pkg/shell/completion/inv.bash\n")
    assert not completion.installed(hire.workspace).ok
    (hire.home / ".bashrc").write_text("source /x/pkg/shell/completion/inv.bash # Tab\n")
    assert completion.installed(hire.workspace).ok


def test_a_shell_that_has_none_does_without(hire: Hire) -> None:
    hire.variables_too["SHELL"] = "/usr/bin/nu"
    found = completion.installed(hire.workspace)
    assert (found.ok, found.detail) == (True, "there is none for nu; it works without")


def test_the_checklist_has_the_step_and_it_is_not_done_without_asking(hire: Hire) -> None:
    (check,) = [each for each in CHECKS if each.name == "completion"]
    assert check.prove(hire.workspace).command
    assert not check.safe
    assert all((ROOT / completion.SCRIPTS / f"inv.{shell}").is_file() for shell in SHELLS)
