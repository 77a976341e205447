"""The tests of an installation reach each line and each branch of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.scratch import ROOT

pytestmark = pytest.mark.thorough

MODULES = ("archive", "disk", "download", "install", "lock", "retry", "store")
TESTS = ("archive", "disk", "download", "install", "lock")
# What is killed runs in programs of their own; the rest of these repeat what others reach, and take longest.
LEFT_OUT = (
    *("at_any_step", "after_a_repair", "eight_at_once", "damaged_archive", "link_is_set", "side_by_side"),
    *("until_it_has_passed", "does_not_fit", "asks_for_patience", "in_percents", "password"),
)
COUNTED = " and ".join(f"not {words}" for words in LEFT_OUT)


def test_download_and_installation_are_covered_whole(tmp_path: Path) -> None:
    settings = tmp_path / "coverage.ini"
    files = "".join(f"\n  {ROOT}/pkg/tools/{name}.py" for name in MODULES)
    settings.write_text(f"[run]\nbranch = true\ndata_file = {tmp_path}/data\ninclude ={files}\n")
    tests = [f"tests/unit/tools/test_{name}.py" for name in TESTS]
    quiet = (
        "-q",
        "-p",
        "no:randomly",
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
        f"--basetemp={tmp_path}/run",
    )

    def coverage(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "coverage", *words],
            cwd=ROOT,
            # Of the run that this is a part of, the other one knows nothing.
            env={
                name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV"))
            },
            capture_output=True,
            text=True,
            check=False,
        )

    ran = coverage("run", f"--rcfile={settings}", "-m", "pytest", *quiet, "-k", COUNTED, *tests)
    assert ran.returncode == 0, ran.stdout
    report = coverage("report", f"--rcfile={settings}", "--show-missing", "--fail-under=100")
    assert report.returncode == 0, report.stdout
    assert all(f"pkg/tools/{name}.py" in report.stdout for name in MODULES)
