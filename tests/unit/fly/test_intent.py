"""What is about to be made is noted first, and found again by the next run."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from pkg.fly.intent import Pending, intended, unfinished
from pkg.shell.errors import BadInput, Failure, Refused


def begin(folder: Path | None, what: str = "x") -> AbstractContextManager[Pending]:
    return intended(
        folder, task="fly.t", app="demo", what=what, at="2026-11-24T08:00:00Z", known=lambda: ["v1"]
    )


def test_a_note_that_is_done_leaves_nothing(tmp_path: Path) -> None:
    with begin(tmp_path) as pending:
        assert not pending.resumed
        pending.done()
    assert unfinished(tmp_path) == []


def test_a_run_that_was_cut_off_is_taken_up_with_its_mark_and_what_it_knew(tmp_path: Path) -> None:
    marks = []
    for _ in range(2):
        with begin(tmp_path) as pending:
            marks.append((pending.resumed, pending.intent.mark, pending.intent.known))
    assert marks[0][0] is False
    assert marks[1] == (True, marks[0][1], ["v1"])
    assert [str(note) for note in unfinished(tmp_path, "demo")] == [
        "fly.t of demo (x), begun 2026-11-24T08:00:00Z"
    ]
    assert unfinished(tmp_path, "other") == []


def test_other_words_are_another_intent(tmp_path: Path) -> None:
    with begin(tmp_path):
        pass
    with begin(tmp_path, "y") as pending:
        assert not pending.resumed


def test_the_same_command_twice_at_once_is_refused(tmp_path: Path) -> None:
    with (
        begin(tmp_path),
        pytest.raises(Refused, match="running here already"),
        begin(tmp_path),
    ):
        pass


def test_a_note_that_was_cut_short_is_none(tmp_path: Path) -> None:
    with begin(tmp_path):
        pass
    note = next(tmp_path.glob("*.json"))
    note.write_bytes(note.read_bytes()[:20])
    with begin(tmp_path) as pending:
        assert not pending.resumed


def test_a_dry_run_notes_nothing(tmp_path: Path) -> None:
    with begin(None) as pending:
        pending.done()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_begun_when_the_note_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Failure, match="cannot be written"), begin(tmp_path / "file"):
        pass


def test_pending_without_a_note_forgets_quietly(tmp_path: Path) -> None:
    with begin(tmp_path) as pending:
        assert isinstance(pending, Pending)
        pending.done()
        pending.done()


def test_a_refusal_forgets_a_new_note_and_keeps_that_of_a_run_that_was_cut_off(tmp_path: Path) -> None:
    with pytest.raises(BadInput), begin(tmp_path):
        raise BadInput("no free volume")
    assert unfinished(tmp_path) == []
    with begin(tmp_path):
        pass
    with pytest.raises(Refused), begin(tmp_path):
        raise Refused("not confirmed")
    assert len(unfinished(tmp_path)) == 1
