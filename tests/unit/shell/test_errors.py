"""An error tells what failed, what ran, what it means and what to do next."""

import pytest

from pkg.shell.errors import (
    EXIT_CODES,
    BadInput,
    CommandFailed,
    CommandMissing,
    Failure,
    Interrupted,
    Refused,
    TimedOut,
    not_on_path,
)
from pkg.shell.runner import Result


def test_an_error_of_one_line_is_one_line() -> None:
    assert str(Failure("it failed")) == "it failed"


def test_each_part_has_its_label_and_further_lines_are_below_it() -> None:
    error = Failure("it failed", command=["flyctl", "x y"], meaning="nothing\nchanged", fix="try again")
    assert str(error) == (
        "it failed\n  ran:   flyctl 'x y'\n  means: nothing\n         changed\n  next:  try again"
    )


def test_a_failed_command_tells_its_exit_code_and_last_words() -> None:
    result = Result(("flyctl", "status"), 1, "", "\n".join(f"line {n}" for n in range(20)) + "\n", 0.1)
    lines = str(CommandFailed("no status", result=result, fix="look")).splitlines()
    assert lines[:4] == ["no status", "  ran:   flyctl status", "  exit:  1", "  said:  line 10"]
    assert lines[-2:] == ["         line 19", "  next:  look"]


def test_a_failed_command_that_said_nothing_has_no_such_line() -> None:
    assert "said" not in str(CommandFailed("x", result=Result(("a",), 2, "out", "", 0.1)))


@pytest.mark.parametrize(
    ("kind", "code"),
    [(Failure, 1), (BadInput, 2), (Refused, 3), (Interrupted, 130), (CommandMissing, 1), (TimedOut, 1)],
)
def test_each_kind_has_its_exit_code_which_can_be_overridden(kind: type[Failure], code: int) -> None:
    assert kind("x").exit_code == code
    assert kind("x", exit_code=5).exit_code == 5
    assert code in {row.code for row in EXIT_CODES}


def test_no_exit_code_is_explained_twice() -> None:
    assert len({row.code for row in EXIT_CODES}) == len({row.name for row in EXIT_CODES}) == len(EXIT_CODES)


def test_a_missing_program_is_told_with_the_way_to_get_it() -> None:
    assert not_on_path("ko", ["ko", "build"]).fix == "./dev inv tools.install"
    assert "put its folder on PATH" in not_on_path("x", ["x"]).fix
