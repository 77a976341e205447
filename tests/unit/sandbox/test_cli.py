"""`inv sandbox` knows whether a task follows it."""

import pytest

from pkg.sandbox.cli import nothing_follows


@pytest.mark.parametrize("words", ["sandbox", "--dry sandbox", "sandbox --echo", "sandbox.sandbox"])
def test_alone_it_runs_nothing(words: str) -> None:
    assert nothing_follows(["inv", *words.split()])


@pytest.mark.parametrize("words", ["sandbox fly.status", "sandbox fly.logs -- --no-tail", "sandbox.reset"])
def test_with_a_task_behind_it_it_runs_that(words: str) -> None:
    assert not nothing_follows(["inv", *words.split()])
