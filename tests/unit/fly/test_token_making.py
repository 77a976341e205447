"""One token that somebody knows: those that nobody can use are revoked."""

from datetime import timedelta
from pathlib import Path

import pytest

from pkg.fly import argv
from pkg.fly.client import Flyctl
from pkg.fly.token_making import Wish, keep, make, named, output_file, to_github
from pkg.shell.errors import BadInput, CommandFailed, Failure
from tests.fakes import START, FakeRunner, ManualClock, MemoryConsole

NAME = "ci: deploy demo, by ann@desk, a1"
WISH = Wish("demo", NAME, timedelta(hours=24), START + timedelta(hours=24))
CREATE = argv.tokens_create_deploy("demo", NAME, "24h0m0s")
HEAD = " ID │ NAME │ CREATED BY │ EXPIRES AT │ REVOKED AT\n"
LOST = HEAD + f" t1 │ {NAME} │ ann │ 2026-11-25T12:00:00Z │ \n t2 │ other │ ann │ 2026-11-25T12:00:00Z │ \n"
REVOKED = HEAD + f" t1 │ {NAME} │ ann │ 2026-11-25T12:00:00Z │ 2026-11-24T12:00:00Z\n"


def flyctl(runner: FakeRunner) -> Flyctl:
    return Flyctl(runner, clock=ManualClock(), say=lambda _: None)


def test_a_token_is_made(runner: FakeRunner) -> None:
    runner.answer(*CREATE, json={"token": "FlyV1 fm2_x"})
    made = make(flyctl(runner), WISH, resumed=False, say=lambda _: None)
    assert made is not None
    assert made.token == "FlyV1 fm2_x"
    assert "fm2" not in repr(made)


def test_the_one_of_a_run_that_was_cut_off_is_revoked_first(runner: FakeRunner) -> None:
    said: list[str] = []
    runner.answer(*argv.tokens_list("demo"), stdout=LOST).answer(*argv.tokens_revoke("t1"))
    runner.answer(*CREATE, json={"token": "FlyV1 fm2_x"})
    make(flyctl(runner), WISH, resumed=True, say=said.append)
    assert len(said) == 1
    assert "nobody has its value" in said[0]
    runner.assert_all_used()


def test_one_whose_value_was_lost_on_the_way_is_revoked(runner: FakeRunner) -> None:
    runner.answer(*CREATE, stdout='{"token": "FlyV1 fm2_')
    runner.answer(*argv.tokens_list("demo"), stdout=LOST).answer(*argv.tokens_revoke("t1"))
    with pytest.raises(Failure, match="cut short"):
        make(flyctl(runner), WISH, resumed=False, say=lambda _: None)
    runner.assert_all_used()


def test_one_that_gets_nowhere_is_revoked(runner: FakeRunner) -> None:
    runner.answer(*argv.tokens_list("demo"), stdout=LOST).answer(*argv.tokens_revoke("t1"))

    def sink() -> None:
        raise Failure("the vault is locked")

    with pytest.raises(Failure, match="the vault is locked"):
        keep(flyctl(runner), WISH, [sink], say=lambda _: None)
    runner.assert_all_used()


def test_revoked_ones_do_not_count(runner: FakeRunner) -> None:
    runner.answer(*argv.tokens_list("demo"), stdout=REVOKED)
    assert named(flyctl(runner), "demo", NAME) == []


def test_a_failure_that_made_none_is_told_as_it_is(runner: FakeRunner) -> None:
    runner.answer(*CREATE, code=1, stderr="Error: failed creating token: injected 500")
    runner.answer(*argv.tokens_list("demo"), stdout=HEAD)
    with pytest.raises(CommandFailed, match="injected 500"):
        make(flyctl(runner), WISH, resumed=False, say=lambda _: None)


def test_a_job_of_github_masks_it_before_it_is_written(tmp_path: Path) -> None:
    console = MemoryConsole()
    to_github(console, tmp_path / "out", "FlyV1 fm2_aaa,fm2_bbb")
    assert console.stdout.splitlines() == [
        "::add-mask::FlyV1 fm2_aaa,fm2_bbb",
        "::add-mask::fm2_aaa",
        "::add-mask::fm2_bbb",
    ]
    assert (tmp_path / "out").read_text() == "fly_api_token=FlyV1 fm2_aaa,fm2_bbb\n"


def test_a_file_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="GITHUB_OUTPUT"):
        to_github(MemoryConsole(), tmp_path, "FlyV1 fm2_aaa")


def test_outside_of_github_there_is_no_output(tmp_path: Path) -> None:
    assert output_file(str(tmp_path / "out")) == tmp_path / "out"
    for wrong in ("", "relative", "/nosuch/folder/out"):
        with pytest.raises(BadInput, match="no job of GitHub"):
            output_file(wrong)
