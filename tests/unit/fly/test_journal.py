"""What was done is on the disk before it is told, and a broken line costs only itself."""

import threading
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pkg.fly.journal import RAN, STARTED, STEP, VERDICT, Entry, Journal, entries, last_story, stories
from pkg.shell.errors import Failure
from pkg.shell.redact import Redactor
from tests.unit.fly.world import World


def entry(kind: str, identifier: str = "1", app: str = "infra", **more: object) -> Entry:
    return msgspec.convert(
        {"at": "2026-11-24T12:00:00Z", "kind": kind, "id": identifier, "app": app, **more}, Entry
    )


@pytest.fixture
def journal(tmp_path: Path, redactor: Redactor) -> Journal:
    return Journal(tmp_path / "state" / "journal.jsonl", redactor)


def test_what_is_written_is_read(journal: Journal) -> None:
    written = [entry(STARTED, image=IMAGE, forced={"published": "why"}), entry(VERDICT, code=0, notes=["x"])]
    for each in written:
        journal.append(each)
    assert journal.read() == written
    assert journal.contents()[1] == 0


def test_no_journal_yet_is_an_empty_one(journal: Journal) -> None:
    assert journal.read() == []


def test_secrets_do_not_get_into_it(journal: Journal, redactor: Redactor) -> None:
    redactor.add("top-secret-value")
    journal.append(entry(STEP, argv="flyctl deploy --env A=top-secret-value"))
    assert "top-secret-value" not in journal.path.read_text()
    assert journal.read()[0].argv == "flyctl deploy --env A=***"


def test_a_line_cut_short_costs_only_itself(journal: Journal) -> None:
    journal.append(entry(STARTED))
    journal.append(entry(VERDICT))
    raw = journal.path.read_bytes()
    for cut in range(1, 40):
        journal.path.write_bytes(raw[:-cut])
        before = len(journal.read())
        journal.append(entry(RAN))
        found = journal.read()
        assert len(found) == before + 1
        assert found[-1].kind == RAN
        assert found[0].kind == STARTED


def test_what_is_no_entry_is_left_out_and_counted(journal: Journal) -> None:
    journal.append(entry(STARTED))
    with journal.path.open("ab") as file:
        file.write(b"\xff\xfe\n[]\n{}x\n\n")
    assert len(journal.read()) == 1
    assert journal.contents()[1] == 3


IMAGE = "registry.fly.io/infra:v1"
ODD = [
    b"[]",
    b"null",
    b"7",
    b"{}",
    b'{"kind":"ran"}',  # when?
    b'{"at":"yesterday","kind":"ran"}',
    b'{"at":"2026-11-24T12:00:00","kind":"ran"}',  # in which zone?
    b'{"at":"2026-11-24T12:00:00Z","kind":"dreamt","id":"1"}',  # of a later version
    b'{"at":"2026-11-24T12:00:00Z","kind":"verdict","app":"infra"}',  # of which deploy?
    b'{"at":"2026-11-24T12:00:00Z","kind":"verdict","id":"1","verified":"no image"}',
    b'{"at":"2026-11-24T12:00:00Z","kind":"started","id":"1","previous":["x"]}',
    b'{"at":"2026-11-24T12:00:00Z","kind":"ran","notes":{}}',
    b'{"at":"2026-11-24T12:00:00Z","kind":"ran","forced":[]}',
    b'{"at":7,"kind":"ran"}',
    b'{"at":"2026-11-24T12:00:00Z","kind":"ran","pid":1e999}',
    b"\0" * 64,
    b'\0\0{"at":"2026-11-24T12:00:00Z","kind":"ran"}',
    b'{"at":"2026-11-24T12:00:00Z","kind":"ran","app":"\xff"}',
    b'{"x":' + b"[" * 100_000,
]


@pytest.mark.parametrize("line", ODD, ids=lambda line: str(line[:60]))
def test_a_line_that_is_json_and_no_entry_costs_only_itself(journal: Journal, line: bytes) -> None:
    journal.append(entry(STARTED, image=IMAGE))
    with journal.path.open("ab") as file:
        file.write(line)
    journal.append(entry(VERDICT, verified=IMAGE))
    assert [each.kind for each in journal.read()] == [STARTED, VERDICT]
    assert journal.contents()[1] == 1


@given(st.lists(st.binary(max_size=40) | st.sampled_from(ODD), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_stands_in_it_the_last_entry_is_read(journal: Journal, lines: list[bytes]) -> None:
    journal.path.unlink(missing_ok=True)
    journal.append(entry(STARTED, "0"))
    with journal.path.open("ab") as file:
        file.write(b"\n".join(lines))
    journal.append(entry(VERDICT))
    found = journal.read()
    assert (found[0].kind, found[-1].kind) == (STARTED, VERDICT)
    assert stories(found)


def test_what_was_left_out_is_said_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    journal = Journal.of(world.ws)
    journal.append(entry(STARTED))
    journal.append(entry(VERDICT, verified="no image"))
    for _ in range(3):
        assert len(entries(world.ws)) == 1
    said = f"note: 1 line of {journal.path} is no entry that is known here; left out\n"
    assert world.console.stderr == said


def test_a_folder_that_cannot_be_looked_into_is_a_clear_error(tmp_path: Path, redactor: Redactor) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(Failure, match="cannot be read") as caught:
        Journal(loop / "journal.jsonl", redactor).read()
    assert caught.value.fix


def test_an_unknown_field_of_a_newer_version_is_ignored(journal: Journal) -> None:
    journal.append(entry(STARTED))
    journal.path.write_bytes(journal.path.read_bytes().replace(b'{"at"', b'{"new":1,"at"'))
    assert len(journal.read()) == 1


def test_a_full_disk_is_a_clear_error(tmp_path: Path, redactor: Redactor) -> None:
    full = tmp_path / "journal.jsonl"
    full.symlink_to("/dev/full")
    with pytest.raises(Failure) as caught:
        Journal(full, redactor).append(entry(STARTED))
    assert "No space left" in caught.value.what
    assert caught.value.fix


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path, redactor: Redactor) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(Failure, match="cannot be written"):
        Journal(tmp_path / "state" / "journal.jsonl", redactor).append(entry(STARTED))


def test_many_writers_lose_nothing(journal: Journal) -> None:
    def write(number: int) -> None:
        for step in range(20):
            journal.append(entry(STEP, str(number), step=str(step)))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journal.read()) == 100
    assert journal.contents()[1] == 0


def test_stories_gather_what_belongs_together() -> None:
    told = [
        entry(STARTED, "1"),
        entry(STARTED, "2", app="other"),
        entry(STEP, "1", step="deploy"),
        entry(STEP, "2", step="watch"),
        entry(VERDICT, "2", verdict="healthy"),
    ]
    first, second = stories(told)
    assert (first.stopped_at, first.verdict) == ("deploy", None)
    assert second.verdict is not None
    assert [story.started.id for story in stories(told, "infra")] == ["1"]
    newest = last_story(told, "other")
    assert newest is not None
    assert newest.started.id == "2"
    assert last_story(told, "third") is None


def test_a_story_without_steps_stopped_at_its_checks() -> None:
    (story,) = stories([entry(STARTED)])
    assert "checks" in story.stopped_at
