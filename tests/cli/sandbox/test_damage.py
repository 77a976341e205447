"""A simulation that is damaged, in use, or nowhere to be written says so at once, and what makes it anew."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.cli.sandbox.test_sandbox import inv
from tests.docs.scratch import Scratch


def garbage(database: Path) -> None:
    database.write_bytes(b"garbage")


def emptied(database: Path) -> None:
    database.write_bytes(b"")


def damaged(database: Path) -> None:
    """Overwrite all but the head."""
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(database.stat().st_size - 4096))


@pytest.mark.parametrize("harm", [garbage, emptied, damaged])
def test_a_database_that_is_none_is_made_anew_by_a_reset(
    scratch: Scratch, harm: Callable[[Path], None]
) -> None:
    harm(scratch.state / "state.db")
    for words in (("sandbox", "fly.status"), ("sandbox", "fly.deploy", "--yes"), ("sandbox.fault", "GET")):
        shown = inv(scratch, *words, code=1)
        assert "cannot be used" in shown
        assert "`inv sandbox.reset` makes it anew" in shown
        assert "by hand" not in shown
    inv(scratch, "sandbox.reset")
    assert "infra:first" in inv(scratch, "sandbox", "fly.status")


def test_a_database_that_is_gone_is_made_anew(scratch: Scratch) -> None:
    for path in scratch.state.glob("state.db*"):
        path.unlink()
    shown = inv(scratch, "sandbox", "fly.status")
    assert "a new simulated Fly is being made" in shown
    assert "infra:first" in shown


def test_a_mark_that_cannot_be_read_is_that_of_a_broken_seed(scratch: Scratch) -> None:
    (scratch.state / "seeded").write_bytes(b"\xff\xfe")
    assert "infra:first" in inv(scratch, "sandbox", "fly.status")


@pytest.mark.parametrize("record", [b"x =", b"\xff", b"[image]\n", b""])
def test_a_broken_record_of_the_simulation_is_not_looked_for_in_git(scratch: Scratch, record: bytes) -> None:
    (scratch.state / "image.toml").write_bytes(record)
    shown = inv(scratch, "sandbox", "fly.deploy", "--yes", code=2)
    assert "image.toml is no record of a published image" in shown
    assert "`inv sandbox.image REF` writes it anew, `inv sandbox.reset` all of it" in shown
    assert "git checkout" not in shown


def test_a_record_that_cannot_be_written_is_told(scratch: Scratch) -> None:
    (scratch.state / "image.toml").symlink_to("/dev/full")
    shown = inv(scratch, "sandbox.image", "registry.fly.io/infra:new", code=1)
    assert "image.toml cannot be written: No space left on device" in shown
    assert "next:" in shown


@pytest.mark.parametrize("folder", ["/proc/x", "/dev/null", "/dev/null/x"])
def test_a_folder_that_cannot_be_used_is_told_at_once(scratch: Scratch, folder: str) -> None:
    shown = inv(scratch, "sandbox", "fly.status", code=1, FLY_SANDBOX=folder)
    assert f"the simulation's folder {folder} cannot be used" in shown
    assert "set FLY_SANDBOX to another folder" in shown
    shown = inv(scratch, "fly.status", code=1, FLY_SANDBOX=folder)
    assert "`inv sandbox.reset` makes it anew" in shown


def test_a_second_tour_at_the_same_time_is_refused(scratch: Scratch) -> None:
    (scratch.repo / ".fly").mkdir(exist_ok=True)
    with FileLock(scratch.repo / ".fly" / "tour.running"):
        shown = inv(scratch, "sandbox.tour", code=3)
    assert "a tour is under way here already" in shown
    assert "wait for it to end" in shown
    assert not (scratch.repo / ".fly" / "tour").exists()


def test_a_manifest_that_flyctl_does_not_take_is_named_in_a_few_lines(scratch: Scratch) -> None:
    inv(scratch, "sandbox.reset")
    manifest = scratch.repo / "fly.toml"
    manifest.write_text(manifest.read_text().replace('"rolling"', '"sideways"'))
    shown = inv(scratch, "sandbox.reset", code=1)
    assert "App configuration is not valid" in shown
    assert "correct fly.toml, then run it again" in shown
    assert len(shown.splitlines()) < 6


def test_a_repo_without_a_manifest_has_nothing_to_simulate(scratch: Scratch) -> None:
    for path in scratch.repo.glob("**/fly.toml"):
        path.unlink()
    assert "there is no manifest (fly.toml) in this repo" in inv(scratch, "sandbox.reset", code=2)
