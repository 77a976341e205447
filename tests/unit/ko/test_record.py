"""The record of what was published, written here and read by `fly`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pkg.fly.image import RECORD, Record, read_record
from pkg.ko import record
from pkg.shell.errors import Failure, Refused
from pkg.shell.workspace import Workspace
from tests.fakes import MemoryConsole

WHEN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ONE = Record("infra", f"registry.fly.io/infra:a@sha256:{'1' * 64}", "a" * 40, WHEN, "0.19.1", dirty=False)
TWO = Record(
    "infra", f"registry.fly.io/infra:b-dirty@sha256:{'2' * 64}", "b" * 40, WHEN, "0.19.2", dirty=True
)


def test_what_is_written_is_what_fly_reads(tmp_path: Path) -> None:
    record.write(tmp_path / RECORD, ONE)
    assert read_record(tmp_path, tmp_path / "state") == ONE
    assert (tmp_path / RECORD).read_text().startswith("# What ko published last")


def test_comments_and_what_others_wrote_are_kept(tmp_path: Path) -> None:
    path = tmp_path / RECORD
    record.write(path, ONE)
    path.write_text(path.read_text().replace("[image]", "# ours\n[image]  # here") + 'note = "kept"\n')
    record.write(path, TWO)
    assert read_record(tmp_path, tmp_path / "state") == TWO
    assert all(text in path.read_text() for text in ("# ours", "# here", 'note = "kept"'))
    assert [each.name for each in path.parent.iterdir()] == ["image.toml"]


def test_the_sandboxs_own_record_goes_first(tmp_path: Path) -> None:
    record.write(tmp_path / RECORD, ONE)
    record.write(tmp_path / "state" / RECORD.name, TWO)
    assert read_record(tmp_path, tmp_path / "state") == TWO


def test_a_record_that_cannot_be_written_names_the_image_that_is_published(tmp_path: Path) -> None:
    (tmp_path / "core").write_text("a file where the folder should be")
    with pytest.raises(Failure, match="is published, and nothing here says so"):
        record.write(tmp_path / RECORD, ONE)


@pytest.mark.parametrize(
    "text", [b"[[[", b"image = 3\n", b"[[image]]\n", b"\xff", b"<<<<<<< ours\n[image]\n"]
)
def test_a_damaged_file_is_written_anew_and_that_is_known_beforehand(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / RECORD
    path.parent.mkdir()
    path.write_bytes(text)
    assert record.flaw_of(path)
    record.write(path, ONE)
    assert read_record(tmp_path, tmp_path / "state") == ONE
    assert record.flaw_of(path) == ""


def test_what_could_not_be_written_is_known_beforehand(tmp_path: Path) -> None:
    assert record.flaw_of(tmp_path / RECORD) == ""
    (tmp_path / RECORD).mkdir(parents=True)
    with pytest.raises(Failure, match="could not be recorded, so nothing was"):
        record.flaw_of(tmp_path / RECORD)


def test_the_header_is_true_of_any_record() -> None:
    root = Path(__file__).parents[3]
    header = (root / RECORD).read_text().partition("[image]")[0]
    assert header == "".join(f"# {line}\n" for line in record.HEADER) + "\n"
    assert "yet" not in header


def test_two_do_not_publish_at_once(ws: Workspace) -> None:
    with record.turn(ws):
        with (
            pytest.raises(Refused, match=r"core is being published already: core\.publish by") as caught,
            record.turn(ws),
        ):
            pass
        assert "nothing was published" in caught.value.meaning
    with record.turn(ws):
        pass


def test_a_damaged_record_is_told_before_anything_is_published(ws: Workspace, console: MemoryConsole) -> None:
    (ws.root / RECORD).write_text("image = 3")
    with record.turn(ws):
        assert "is damaged, and is written anew" in console.stderr
