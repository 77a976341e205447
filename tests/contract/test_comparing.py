"""The comparison itself, with a stand-in for the real flyctl: it sees what differs, and what does not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.contract import comparing
from tests.flysim.flyctl.door import Ran
from tests.flysim.flyctl.replaying import Replay

# Rows that need nothing of the rows before them.
WANTED = (
    ["auth", "whoami", "--json"],
    ["apps", "list", "--json"],
    ["releases", "list"],
    ["status", "--nosuch"],
)
STAND_IN = """\
#!{python}
import os, sys
if sys.argv[1:] == ["version", "--json"]:
    print('{{"Version": "{version}", "Environment": "production"}}')
elif sys.argv[1:2] == {broken!r}:
    sys.exit(3)
else:
    os.environ.setdefault("FLYSIM_STATE", {state!r})
    os.execv({python!r}, [{python!r}, {program!r}, *sys.argv[1:]])
"""


def stand_in(folder: Path, *, version: str = "0.4.87", broken: str = "-") -> Path:
    """A program that says it is real and answers as the simulation does, but for one command."""
    (folder / "bin").mkdir()
    program = folder / "bin" / "flyctl"
    program.write_text(
        STAND_IN.format(
            python=sys.executable,
            program=str(comparing.BIN / "flyctl"),
            state=str(folder / "state"),
            version=version,
            broken=[broken],
        )
    )
    program.chmod(0o755)
    return program


def test_the_simulated_one_is_not_taken_for_a_real_one(tmp_path: Path) -> None:
    assert comparing.find(str(comparing.BIN)) is None
    assert comparing.find(str(tmp_path)) is None


def test_a_real_one_is_found_behind_the_simulated_one(tmp_path: Path) -> None:
    program = stand_in(tmp_path)
    assert comparing.find(os.pathsep.join([str(comparing.BIN), str(program.parent)])) == program


def test_another_version_is_a_difference(tmp_path: Path) -> None:
    assert comparing.version_differences(stand_in(tmp_path, version="9.9.9")) == [
        "version: recorded 0.4.87, got 9.9.9"
    ]


def test_the_grammar_of_a_faithful_one_does_not_differ(tmp_path: Path) -> None:
    rows = comparing.grammar_rows()[:12]
    assert comparing.grammar_differences(stand_in(tmp_path), rows, tmp_path) == []


def test_the_grammar_of_another_one_does(tmp_path: Path) -> None:
    rows = [row for row in comparing.grammar_rows() if row["argv"][0] == "status"][:2]
    found = comparing.grammar_differences(stand_in(tmp_path, broken="status"), rows, tmp_path)
    assert any("rc: recorded 1, got 3" in each for each in found)


def test_it_talks_to_the_served_simulation_and_differences_are_told_row_by_row(tmp_path: Path) -> None:
    program = stand_in(tmp_path, broken="releases")
    with comparing.served(program, tmp_path, "demo.toml") as door:
        assert door.env["FLY_FLAPS_BASE_URL"].startswith("http://127.0.0.1:")
        replay = Replay("daily", door)
        replay.rows = [row for row in replay.rows if row.get("argv") in WANTED]
        found = list(replay.differences())
    assert found
    assert all("['releases'" in each for each in found)


@pytest.mark.parametrize(("argv", "rc"), [(("logs",), 127), (("auth", "whoami"), 0)])
def test_what_runs_on_is_interrupted(tmp_path: Path, argv: tuple[str, ...], rc: int) -> None:
    with comparing.served(stand_in(tmp_path), tmp_path, "demo.toml") as door:
        ran: Ran = door.interrupted(*argv, after=1)
    assert ran.rc == rc
