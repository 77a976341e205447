"""With Go, the real ko and Litestream, built from their pinned modules."""

import os
import shutil
import subprocess

import pytest

from pkg.tools.pins import load
from tests.cli.tools.conftest import Project

pytestmark = [pytest.mark.real, pytest.mark.timeout(1200)]


@pytest.fixture
def go(project: Project) -> Project:
    if shutil.which("go") is None:
        if os.environ.get("CI"):
            pytest.fail("Go is needed, and CI is set")
        pytest.skip("Go was not found on PATH: ko and Litestream were not built")
    # Go's caches are the person's own, so a second run is quick.
    project.variables |= {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return project


def test_go_builds_working_programs_of_the_pinned_versions(go: Project) -> None:
    answer = go.inv("tools.install", "ko", "litestream")
    assert answer.code == 0, answer.stderr
    for name in ("ko", "litestream"):
        program = go.folder / ".tools" / "bin" / name
        said = subprocess.run([program, "version"], check=True, capture_output=True, text=True).stdout
        assert said.strip() == f"v{load()[name].version}"
        assert go.inv("tools.exec", name, "--", "version").stdout == said
    again = go.inv("tools.install", "ko", "litestream", PATH="/usr/bin:/bin")
    assert again.code == 0, again.stderr
    assert f"ko {load()['ko'].version} is installed" in again.stderr


def test_go_confirms_the_pinned_checksums(go: Project) -> None:
    before = go.pins.read_text()
    for name in ("ko", "litestream"):
        answer = go.inv("tools.pin", name, load()[name].version)
        assert answer.code == 0, answer.stderr
        assert "was pinned already, and is still the same" in answer.stderr
    assert go.pins.read_text() == before
