"""Nothing touches a database before it is restored, and one process replicates."""

from pathlib import Path

import pytest

from pkg.processcompose import conventions
from tests.unit.processcompose.breaking import COMPOSE, REPLICATE, RESTORE, WAITS, Break, found

BREAKS = {
    "nobody waits for the restore": Break(
        "restore", COMPOSE, WAITS, "", "worker starts before the database is restored", "  worker:"
    ),
    "the restore without a condition": Break(
        "restore",
        COMPOSE,
        WAITS,
        "    depends_on:\n      restore:\n",
        "worker starts before the database is restored",
        "restore:",
    ),
    "the restore only started": Break(
        "restore",
        COMPOSE,
        "condition: process_completed_successfully",
        "condition: process_started",
        "worker starts before the database is restored",
        "condition: process_started",
    ),
    "a restore of nothing": Break(
        "restore", COMPOSE, RESTORE, "'true'", "no process restores DATABASE", "processes:"
    ),
    "a restore in a comment": Break(
        "restore", COMPOSE, RESTORE, f'"true # {RESTORE}"', "no process restores DATABASE", "processes:"
    ),
    "a restore that is disabled": Break(
        "restore",
        COMPOSE,
        f"    command: {RESTORE}",
        f"    disabled: true\n    command: {RESTORE}",
        "no process restores DATABASE",
        "processes:",
    ),
    "a restore over what is there": Break(
        "restore", COMPOSE, "-if-db-not-exists ", "", "-if-db-not-exists", "litestream restore"
    ),
    "a restore that needs a replica": Break(
        "restore", COMPOSE, "-if-replica-exists ", "", "-if-replica-exists", "litestream restore"
    ),
    "nobody replicates": Break(
        "restore",
        COMPOSE,
        "exec litestream replicate -config litestream.yml",
        "exec litestream version",
        "no process runs `litestream replicate`",
        "processes:",
    ),
    "a second daemon": Break(
        "restore",
        COMPOSE,
        "  litestream:\n",
        f"  second:\n    command: {REPLICATE}\n    availability: {{restart: always}}\n  litestream:\n",
        "one process replicates",
        "  litestream:",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_convention_is_found_by_file_and_line(name: str, copy: Path) -> None:
    found(BREAKS[name], copy)


@pytest.mark.parametrize(
    "command",
    [
        f"echo {RESTORE}",
        f"{RESTORE} x",
        f"true && {RESTORE}",
        RESTORE.replace("${DATABASE}", "${DATABASES}"),
        RESTORE.replace("${DATABASE}", "-o /tmp/x ${DATABASE}"),
        RESTORE.replace("litestream.yml", "other.yml"),
        RESTORE.replace("restore", "restore -dry-run"),
    ],
)
def test_a_restore_is_written_in_one_way(command: str, copy: Path) -> None:
    form = Break("restore", COMPOSE, RESTORE, command, f"must be `{RESTORE}`")
    found(form, copy)
    assert len(conventions.check(copy)) == 1


@pytest.mark.parametrize(
    "command",
    [
        f"{RESTORE} &",
        f"{RESTORE} | tee /data/log",
        f"{RESTORE} || echo no",
        f"{RESTORE}; exit 0",
        f"|\n      {RESTORE}\n      echo done",
    ],
)
def test_a_restore_that_may_fail_unseen_is_told_once(command: str, copy: Path) -> None:
    line = "command: |" if "\n" in command else command
    found(Break("success", COMPOSE, RESTORE, command, "may succeed whatever happens", line), copy)
    assert len(conventions.check(copy)) == 1


@pytest.mark.parametrize(
    "command",
    [
        f"exec {RESTORE}",
        RESTORE.replace("${DATABASE}", "$DATABASE"),
        RESTORE.replace("${DATABASE}", "/data/relay.db"),
        f">-\n      {RESTORE.replace(' -if', chr(10) + '      -if')}",
    ],
)
def test_the_one_way_may_be_spelt_as_the_shell_has_it(command: str, copy: Path) -> None:
    path = copy / "processcompose/relay" / COMPOSE
    path.write_text(path.read_text().replace(RESTORE, command))
    assert conventions.check(copy) == []


@pytest.mark.parametrize(
    "command",
    [
        f"{REPLICATE} -once",
        REPLICATE.replace("litestream.yml", "other.yml"),
        "exec litestream replicate",
        "echo litestream replicate -config litestream.yml",
        f"{REPLICATE} &",
        f"|\n      {REPLICATE}\n      exec sleep 9",
    ],
)
def test_the_daemon_is_started_in_one_way(command: str, copy: Path) -> None:
    line = "command: |" if "\n" in command else command
    found(Break("restore", COMPOSE, REPLICATE, command, f"must be `{REPLICATE}`", line), copy)
    assert len(conventions.check(copy)) == 1
