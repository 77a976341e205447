"""The record of what was published, written here and read by `fly`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pkg.fly.image import RECORD, Record, read_record
from pkg.ko import record
from pkg.shell.errors import Failure

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


def test_a_file_that_is_no_toml_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "image.toml"
    path.write_text("no toml")
    with pytest.raises(Failure, match="cannot be written"):
        record.write(path, ONE)
    assert path.read_text() == "no toml"
