"""Several machines at once: one call a tick, a word for each, and patience with others' leases."""

from collections.abc import Callable
from typing import Any

import pytest

from pkg.fly import argv
from pkg.fly.answers import UsageError
from pkg.fly.client import Flyctl
from pkg.fly.machines.goals import at_rest, running
from pkg.fly.machines.work import Work
from pkg.fly.waiting import Pace
from pkg.shell.errors import BadInput, Interrupted
from tests.fakes import FakeRunner, ManualClock
from tests.unit.fly import shapes

LIST = argv.machine_list("demo")


class Bench:
    """A Work on a fake runner, and what it said."""

    def __init__(self, *, dry: bool = False, deadline: float = 10.0) -> None:
        self.runner = FakeRunner(dry=dry)
        self.clock = ManualClock()
        self.said: list[str] = []
        self.shown: list[str] = []
        flyctl = Flyctl(self.runner, clock=self.clock, say=self.said.append, pause=0.1)
        self.work = Work(
            flyctl,
            "demo",
            pace=Pace.of(1.0, deadline),
            say=self.said.append,
            show=self.shown.append,
            dry=dry,
        )

    def looks(self, *answers: list[dict[str, Any]], last: list[dict[str, Any]] | None = None) -> None:
        for machines in answers:
            self.runner.answer(*LIST, json=machines)
        if last is not None:
            self.runner.answer(*LIST, json=last, times=None)

    def stop(self, **ends: Any) -> Callable[[str], None]:
        """Announce a stop of each machine that it is called for."""
        for ident, how in ends.items():
            self.runner.answer(*argv.machine_stop("demo", ident), **how)
        return lambda ident: self.work.flyctl.machine_stop("demo", ident)


def machines(**states: str) -> list[dict[str, Any]]:
    return [shapes.machine(name, state=state) for name, state in states.items()]


def test_every_machine_is_told_of_and_one_call_a_tick_looks_at_all() -> None:
    bench = Bench()
    bench.looks(machines(a="started", b="started"), machines(a="stopping", b="stopped"))
    bench.looks(last=machines(a="stopped", b="stopped"))
    outcomes = bench.work.do(bench.work.chosen("all"), bench.stop(a={}, b={}), at_rest("stopped"))
    assert [(outcome.id, outcome.ok) for outcome in outcomes] == [("a", True), ("b", True)]
    assert bench.runner.argvs.count(tuple(LIST)) == 3
    assert "1 of 2 done; a stopping" in bench.shown


def test_a_machine_that_is_there_already_is_left_alone() -> None:
    bench = Bench()
    bench.looks(last=machines(a="stopped"))
    [outcome] = bench.work.do(bench.work.chosen("a"), bench.stop(), at_rest("stopped"))
    assert outcome.ok


def test_one_that_fails_does_not_hide_how_the_others_ended() -> None:
    bench = Bench()
    bench.looks(machines(a="started", b="started"), last=machines(a="started", b="stopped"))
    act = bench.stop(a={"code": 1, "stderr": "Error: boom"}, b={})
    outcomes = bench.work.do(bench.work.chosen("a,b"), act, at_rest("stopped"))
    assert [(outcome.id, outcome.ok) for outcome in outcomes] == [("a", False), ("b", True)]
    assert outcomes[0].failure is not None
    assert "boom" in outcomes[0].failure.what


def test_flyctl_may_fail_after_the_deed_and_is_not_believed() -> None:
    bench = Bench()
    bench.looks(machines(a="started"), last=machines(a="stopped"))
    act = bench.stop(a={"code": 1, "stderr": "Error: injected 500"})
    [outcome] = bench.work.do(bench.work.chosen("a"), act, at_rest("stopped"))
    assert outcome.ok
    assert "though flyctl said" in outcome.words


def test_what_does_not_get_there_is_given_up_at_the_deadline_with_what_to_do() -> None:
    bench = Bench(deadline=5)
    bench.looks(machines(a="started"), last=machines(a="stopping"))
    [outcome] = bench.work.do(bench.work.chosen("a"), bench.stop(a={}), at_rest("stopped"))
    assert not outcome.ok
    assert "after 5 s: stopping" in str(outcome.failure)
    assert "inv fly.logs" in str(outcome.failure)


def test_somebody_elses_lease_is_waited_for_and_told_once() -> None:
    bench = Bench(deadline=60)
    bench.looks(machines(a="started"), last=machines(a="stopped"))
    held = {"code": 1, "stderr": "Error: failed to acquire lease: lease currently held by x"}
    act = bench.stop(a=held)
    bench.stop(a=held)
    bench.stop(a={})
    [outcome] = bench.work.do(bench.work.chosen("a"), act, at_rest("stopped"))
    assert outcome.ok
    assert [line for line in bench.said if "lease" in line] == [
        "a is held by the lease of another flyctl, or of one that was stopped; waiting for that to end"
    ]


def test_an_api_that_is_away_for_a_while_is_borne() -> None:
    bench = Bench()
    bench.looks(machines(a="started"))
    bench.runner.answer(*LIST, code=1, stderr="Error: failed to list VMs: injected 503", times=2)
    bench.looks(last=machines(a="stopped"))
    [outcome] = bench.work.do(bench.work.chosen("a"), bench.stop(a={}), at_rest("stopped"))
    assert outcome.ok
    assert any("still watching" in line for line in bench.said)


def test_an_api_that_refuses_for_good_ends_the_watch_before_the_deadline() -> None:
    bench = Bench(deadline=300)
    bench.looks(machines(a="started"))
    bench.runner.answer(*LIST, code=1, stderr="Error: failed to list VMs: injected 401", times=None)
    [outcome] = bench.work.do(bench.work.chosen("a"), bench.stop(a={}), at_rest("stopped"))
    assert not outcome.ok
    assert outcome.words == "not seen"
    assert bench.clock.monotonic() < 10


def test_a_crash_is_not_waited_out() -> None:
    bench = Bench(deadline=300)
    crashed = shapes.machine("a", state="stopped", events=[shapes.exit_event(5000, 1)])
    bench.looks(machines(a="stopped"), last=[crashed])
    bench.runner.answer(*argv.machine_start("demo", ["a"]))
    [outcome] = bench.work.do(
        bench.work.chosen("a"), lambda ident: bench.work.flyctl.machine_start("demo", [ident]), running()
    )
    assert not outcome.ok
    assert "crashed" in outcome.words
    assert bench.clock.monotonic() < 60


def test_a_dry_run_names_the_commands_and_watches_nothing() -> None:
    bench = Bench(dry=True)
    bench.looks(machines(a="started"))
    assert bench.work.do(bench.work.chosen("a"), bench.stop(), at_rest("stopped")) == []
    assert [call.argv for call in bench.runner.calls if call.skipped] == [
        tuple(argv.machine_stop("demo", "a"))
    ]


def test_what_flyctl_does_not_understand_ends_it_at_once() -> None:
    bench = Bench(deadline=300)
    bench.looks(machines(a="started"))
    act = bench.stop(a={"code": 1, "stderr": "Error: unknown flag: --nosuch"})
    with pytest.raises(UsageError, match="unknown flag") as error:
        bench.work.do(bench.work.chosen("a"), act, at_rest("stopped"))
    assert "nothing was sent" in str(error.value)
    assert bench.clock.monotonic() == 0


def test_the_time_that_flyctl_itself_takes_is_a_part_of_the_deadline() -> None:
    bench = Bench(deadline=5)
    bench.looks(machines(a="started"), last=machines(a="stopping"))
    act = bench.stop(a={"then": lambda _: bench.clock.advance(5)})
    [outcome] = bench.work.do(bench.work.chosen("a"), act, at_rest("stopped"))
    assert not outcome.ok
    assert bench.clock.monotonic() == 5


def test_ctrl_c_says_what_goes_on_and_what_to_type() -> None:
    bench = Bench()
    bench.looks(machines(a="started"))
    act = bench.stop(a={"raises": Interrupted("interrupted")})
    with pytest.raises(Interrupted, match="interrupted while working on a") as error:
        bench.work.do(bench.work.chosen("a"), act, at_rest("stopped"))
    assert "inv fly.machines -a demo" in str(error.value)


def test_ctrl_c_while_watching_is_no_look_that_failed() -> None:
    bench = Bench()
    bench.looks(machines(a="started"))
    bench.runner.answer(*LIST, raises=Interrupted("interrupted"))
    with pytest.raises(Interrupted, match="while working on a"):
        bench.work.do(bench.work.chosen("a"), bench.stop(a={}), at_rest("stopped"))


@pytest.mark.parametrize("words", ["all", "a,b", "app", "quiet-river-a,b", "a b"])
def test_machines_are_chosen_by_id_name_group_or_all(words: str) -> None:
    bench = Bench()
    bench.looks(last=machines(a="started", b="stopped", c="destroyed"))
    assert sorted(bench.work.chosen(words)) == ["a", "b"]


@pytest.mark.parametrize("words", ["nosuch", "c", "", ",", "a;b", "'a'", "a\nnosuch"])
def test_a_word_that_means_no_machine_is_refused_with_those_that_there_are(words: str) -> None:
    bench = Bench()
    bench.looks(last=machines(a="started", b="stopped", c="destroyed"))
    with pytest.raises(BadInput, match="has no machine") as error:
        bench.work.chosen(words)
    assert "machines: a, b; groups: app" in str(error.value)
