"""What is about to be made is noted first, and found again by the next run."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from pkg.fly.answers import Passing, failure
from pkg.fly.intent import Intent, Pending, intended, nothing_new, unfinished
from pkg.shell.errors import BadInput, Failure, Refused
from pkg.shell.runner import Result


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
    assert [str(note.intent) for note in unfinished(tmp_path, "demo")] == [
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


@pytest.mark.parametrize("damage", [b"", b'{"task": "fly.t', b"[]", b"\xff", b"[" * 100_000])
def test_a_damaged_note_is_no_absent_one_and_nothing_is_made_twice(tmp_path: Path, damage: bytes) -> None:
    with begin(tmp_path):
        pass
    note = next(tmp_path.glob("*.json"))
    note.write_bytes(damage)
    with pytest.raises(Refused, match="cannot be read") as refused, begin(tmp_path):
        pass
    assert f"rm {note}" in refused.value.fix
    assert [found.path for found in unfinished(tmp_path, "any")] == [note]
    note.unlink()
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


def ended(code: int, said: str) -> Failure:
    return failure(Result(("flyctl", "machine", "run"), code, "", said, 0.0), "making")


INTENT = Intent("fly.t", "demo", "x", "a1", "now", ["v1"])


@pytest.mark.parametrize(
    ("reason", "there", "clean"),
    [
        (ended(1, "Error: volume nosuch was not found"), ["v1"], True),
        (ended(1, "Error: unknown flag: --x"), [], True),
        (ended(1, "Error: volume nosuch was not found"), ["v1", "v2"], False),
        (ended(1, "Error: injected 500"), ["v1"], False),
        (ended(126, "Error: deadline exceeded"), ["v1"], False),
        (ended(127, "Error: interrupted"), ["v1"], False),
        (ended(-9, ""), ["v1"], False),
        (Failure("flyctl made none"), ["v1"], False),
    ],
)
def test_only_a_refusal_that_left_nothing_forgets_its_note(
    reason: Failure, there: list[str], clean: bool
) -> None:
    assert nothing_new(lambda: there)(reason, INTENT) is clean


def test_what_cannot_be_looked_at_keeps_the_note() -> None:
    def broken() -> list[str]:
        raise ended(1, "Error: injected 503")

    assert isinstance(ended(1, "Error: injected 503"), Passing)
    assert not nothing_new(broken)(ended(1, "Error: no such volume"), INTENT)


def test_a_clean_failure_forgets_also_the_note_of_a_run_that_was_cut_off(tmp_path: Path) -> None:
    with begin(tmp_path):
        pass
    again = intended(
        tmp_path,
        task="fly.t",
        app="demo",
        what="x",
        at="now",
        known=list,
        clean=nothing_new(lambda: ["v1"]),
    )
    with pytest.raises(Failure), again:
        raise ended(1, "Error: no such machine")
    assert unfinished(tmp_path) == []
