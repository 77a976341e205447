"""The journal is told as a story: what was begun, each command, how it ended."""

from msgspec import structs

from pkg.fly.cli.history import newest, ran_lines, runs, story_lines
from pkg.fly.journal import RAN, STARTED, STEP, VERDICT, Entry, stories

AT = "2026-11-24T12:00:00Z"
STARTED_ENTRY = Entry(
    at=AT, kind=STARTED, task="fly.deploy", app="infra", id="1", image="a/b:c", forced={"published": "why"}
)


def test_a_deploy_is_told_from_start_to_verdict() -> None:
    entries = [
        STARTED_ENTRY,
        Entry(kind=STEP, id="1", step="deploy", argv="flyctl deploy"),
        Entry(kind=STEP, id="1", step="deploy", code=1, seconds=2.5),
        Entry(kind=VERDICT, id="1", verdict="rolled-back", code=4, seconds=9, notes=["m1 is critical"]),
    ]
    (story,) = stories(entries)
    assert story_lines(story) == [
        "2026-11-24 12:00:00  fly.deploy infra: rolled-back (exit 4, 9 s)",
        "    image a/b:c",
        "    forced published: why",
        "    $ flyctl deploy",
        "    deploy: no (1) after 2.5 s",
        "    - m1 is critical",
    ]


def test_one_whose_answers_were_worse_says_so() -> None:
    worse = Entry(kind=VERDICT, id="1", verdict="healthy", code=0, seconds=9, worse=["more 5xx"])
    (story,) = stories([STARTED_ENTRY, worse])
    assert story_lines(story)[0].endswith("fly.deploy infra: healthy, answered worse (exit 0, 9 s)")


def test_a_killed_deploy_says_where_it_stopped() -> None:
    (story,) = stories([STARTED_ENTRY, Entry(kind=STEP, id="1", step="deploy", argv="flyctl deploy")])
    lines = story_lines(story)
    assert lines[0].endswith("fly.deploy infra: it was killed, or its journal could not be written")
    assert lines[-1] == "    - the last that is known is deploy"


def test_a_deploy_that_runs_now_is_not_called_killed() -> None:
    (story,) = stories([STARTED_ENTRY, Entry(kind=STEP, id="1", step="deploy", argv="flyctl deploy")])
    lines = story_lines(story, running=True)
    assert lines[0].endswith("fly.deploy infra: it is under way")
    assert lines[-1] == "    - it is at deploy"


def test_a_task_of_one_step_is_told_with_its_command() -> None:
    entry = Entry(at=AT, kind=RAN, task="fly.machines.stop", app="infra", argv="flyctl machine stop", code=1)
    assert ran_lines(entry) == [
        "2026-11-24 12:00:00  fly.machines.stop infra: failed (exit 1, 0 s)",
        "    $ flyctl machine stop",
    ]
    refused = Entry(
        at=AT, kind=RAN, task="fly.deploy", app="infra", verdict="refused", code=3, notes=["[image] x"]
    )
    assert ran_lines(refused) == [
        "2026-11-24 12:00:00  fly.deploy infra: refused (exit 3, 0 s)",
        "    - [image] x",
    ]


def test_the_newest_runs_are_whole_and_in_order() -> None:
    entries = [
        STARTED_ENTRY,
        Entry(kind=RAN, task="fly.machines.stop"),
        Entry(kind=STARTED, id="2"),
        Entry(kind=VERDICT, id="1", verdict="healthy"),
        Entry(kind=VERDICT, id="2", verdict="failed"),
    ]
    assert newest(entries, 1) == [entries[2], entries[4]]
    assert newest(entries, 2) == [entries[1], entries[2], entries[4]]
    assert newest(entries, 9) == entries
    assert newest([], 3) == []


def test_runs_of_the_same_second_are_told_in_the_journals_order() -> None:
    at = "2026-11-24T12:00:00+00:00"
    entries = [
        Entry(kind=RAN, at=at, task="fly.machines.stop"),
        Entry(kind=STARTED, at=at, id="1", task="fly.deploy"),
        Entry(kind=VERDICT, at=at, id="1", verdict="healthy"),
        Entry(kind=RAN, at=at, task="fly.machines.start"),
    ]
    heads = [lines[0].split()[2] for lines in runs(entries, lambda _: False)]
    assert heads == ["fly.machines.stop", "fly.deploy", "fly.machines.start"]


def test_what_to_type_next_is_told_last() -> None:
    ended = Entry(kind=VERDICT, id="1", verdict="degraded", code=5, notes=["down: m1"], next="flyctl deploy")
    (story,) = stories([STARTED_ENTRY, ended])
    assert story_lines(story)[-2:] == ["    - down: m1", "    next: flyctl deploy"]


def test_what_was_typed_cannot_forge_a_line() -> None:
    forged = "a\n2026-11-24 12:00:00  fly.deploy infra: healthy (exit 0, 1 s)\x1b[2J"
    started = structs.replace(STARTED_ENTRY, forced={"published": forged})
    (story,) = stories([started, Entry(kind=VERDICT, id="1", verdict="failed", code=1, notes=[forged])])
    ran = Entry(at=AT, kind=RAN, task="fly.machines.stop", app="infra", argv=forged, notes=[forged])
    for told in (story_lines(story), ran_lines(ran)):
        first, *rest = "\n".join(told).splitlines()
        assert "healthy" not in first
        assert all(line.startswith("    ") for line in rest)
        assert "\x1b" not in "".join(rest)
