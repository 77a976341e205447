"""One token that somebody knows: those that nobody can use are revoked."""

from datetime import timedelta
from pathlib import Path

import pytest

from pkg.fly import argv
from pkg.fly.client import Flyctl
from pkg.fly.token_making import Sink, Wish, keep, make, named, output_file, revoke, to_github
from pkg.fly.tokens import Row
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


def locked() -> None:
    raise Failure("the vault is locked", meaning="nothing is stored", fix="run `op signin`")


def put_away(runner: FakeRunner, *sinks: Sink) -> tuple[list[str], list[str]]:
    """Put a token where the vault does not take it; return what was said, and what was forgotten."""
    said: list[str] = []
    forgotten: list[str] = []
    with pytest.raises(Failure, match="the vault is locked") as error:
        keep(
            flyctl(runner),
            WISH,
            [*sinks, Sink("op://v/i/credential", locked)],
            say=said.append,
            forget=lambda: forgotten.append("forgotten"),
        )
    runner.assert_all_used()
    return [*said, str(error.value)], forgotten


def test_one_that_gets_nowhere_is_revoked_and_it_is_said_where_it_may_stand(runner: FakeRunner) -> None:
    runner.answer(*argv.tokens_list("demo"), stdout=LOST).answer(*argv.tokens_revoke("t1"))
    [said, _], forgotten = put_away(runner)
    assert "op://v/i/credential did not take it, or holds it now and is dead" in said
    assert "the same command again" in said
    assert forgotten == ["forgotten"]


def test_one_that_stands_elsewhere_is_said_to_be_dead_there(runner: FakeRunner) -> None:
    runner.answer(*argv.tokens_list("demo"), stdout=LOST).answer(*argv.tokens_revoke("t1"))
    [said, _], _ = put_away(runner, Sink("GITHUB_OUTPUT", lambda: None), Sink("the screen", lambda: None))
    assert "what GITHUB_OUTPUT and the screen got is dead" in said
    assert "nobody has its value" not in said


def test_one_that_cannot_be_revoked_is_named_beside_what_failed_first(runner: FakeRunner) -> None:
    runner.answer(*argv.tokens_list("demo"), stdout=LOST)
    runner.answer(*argv.tokens_revoke("t1"), code=1, stderr="Error: injected 403")
    [error], forgotten = put_away(runner)
    assert error.startswith("the vault is locked")
    assert "t1 (ci: deploy demo, by ann@desk, a1) is alive" in error
    assert "injected 403" in error
    assert "inv fly.tokens.revoke t1 -a demo; then what failed first: run `op signin`" in error
    assert forgotten == []


def test_one_whose_id_is_not_known_is_named_by_its_name(runner: FakeRunner) -> None:
    runner.answer(*argv.tokens_list("demo"), code=1, stderr="Error: injected 401")
    [error], _ = put_away(runner)
    assert f"a token called {NAME!r} may be alive" in error
    assert "inv fly.tokens.revoke ID -a demo" in error


def test_one_that_was_half_made_and_cannot_be_revoked_is_told_with_both_failures(runner: FakeRunner) -> None:
    runner.answer(*CREATE, stdout='{"token": "FlyV1 fm2_')
    runner.answer(*argv.tokens_list("demo"), stdout=LOST)
    runner.answer(*argv.tokens_revoke("t1"), code=1, stderr="Error: injected 403")
    with pytest.raises(Failure, match="cut short") as error:
        make(flyctl(runner), WISH, resumed=False, say=lambda _: None)
    assert "inv fly.tokens.revoke t1 -a demo" in str(error.value)


def test_a_revocation_is_looked_at(runner: FakeRunner) -> None:
    row = Row("t1", NAME, "ann", None, revoked=False)
    runner.answer(*argv.tokens_revoke("t1")).answer(*argv.tokens_list("demo"), stdout=LOST)
    with pytest.raises(Failure, match="and it is alive"):
        revoke(flyctl(runner), "demo", row, dry=False)
    runner.answer(*argv.tokens_revoke("t1"), code=1, stderr="Error: injected 500")
    runner.answer(*argv.tokens_list("demo"), stdout=REVOKED)
    revoke(flyctl(runner), "demo", row, dry=False)


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
    with pytest.raises(BadInput, match="cannot be written"):
        output_file(str(tmp_path))
