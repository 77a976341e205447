"""What was seen of an app is kept for the shell's completion."""

from pathlib import Path

import msgspec

from pkg.fly.health import judge
from pkg.fly.models import Machine
from pkg.fly.seen import remember, remember_names
from pkg.shell.completion.complete import MACHINE, SECRET, SEEN
from tests.unit.fly import shapes

FOLDER = SEEN[MACHINE]


def machine(name: str) -> Machine:
    return msgspec.convert(shapes.machine(name), Machine)


def test_a_machine_a_line_with_words(tmp_path: Path) -> None:
    remember(tmp_path, "infra", [judge(machine("m1")), judge(machine("m2"))])
    lines = (tmp_path / FOLDER / "infra").read_text().splitlines()
    assert [line.partition("\t")[0] for line in lines] == ["m1", "m2"]
    assert "started" in lines[0]


def test_other_names_have_a_folder_of_their_own(tmp_path: Path) -> None:
    remember_names(tmp_path, SECRET, "infra", [("API_KEY", "Deployed"), ("DSN", "Staged")])
    assert (tmp_path / SEEN[SECRET] / "infra").read_text() == "API_KEY\tDeployed\nDSN\tStaged\n"
    assert [path.name for path in tmp_path.iterdir()] == [SEEN[SECRET]]


def test_what_is_known_is_not_written_again(tmp_path: Path) -> None:
    remember(tmp_path, "infra", [judge(machine("m1"))])
    before = (tmp_path / FOLDER / "infra").stat().st_mtime_ns
    remember(tmp_path, "infra", [judge(machine("m1"))])
    assert (tmp_path / FOLDER / "infra").stat().st_mtime_ns == before
    remember(tmp_path, "infra", [])
    assert (tmp_path / FOLDER / "infra").read_text() == ""


def test_a_name_that_is_none_leads_nowhere(tmp_path: Path) -> None:
    for name in ("../up", "", "Up", "a/b", ".hidden"):
        remember(tmp_path, name, [judge(machine("m1"))])
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_note_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "infra").write_bytes(b"\xff\xfe")
    remember(tmp_path, "infra", [judge(machine("m1"))])
    assert (tmp_path / FOLDER / "infra").read_text().startswith("m1\t")


def test_what_cannot_be_written_is_left_out(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file is in the way")
    remember(tmp_path, "infra", [judge(machine("m1"))])
