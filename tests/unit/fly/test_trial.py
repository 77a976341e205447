"""A deploy that watches the metrics: it tells both times, and undoes a worse release when it guards."""

import re
from pathlib import Path

import pytest
from msgspec import structs
from pytest_httpserver import HTTPServer

from pkg.fly import argv, plan
from pkg.fly.deploy import Deployment
from pkg.fly.facts import Facts
from pkg.fly.image import parse
from pkg.fly.journal import STARTED, STEP, Entry, last_story
from pkg.fly.metrics.failures import Away
from pkg.fly.metrics.judging import Tolerance, Window
from pkg.fly.order import Order, present_manifest
from pkg.fly.trial import Trial, Wish, changed, wish
from pkg.fly.verdict import Outcome, Verdict
from pkg.fly.waiting import Pace
from pkg.shell.errors import BadInput, Failure, Refused
from tests.unit.fly import shapes
from tests.unit.fly.metrics.served import GOOD, serve
from tests.unit.fly.world import APP, V1, V2, World

DEPLOY = argv.deploy(APP, "fly.toml", V2, wait_timeout=60)
BACK = argv.rollback(APP, "fly.toml", V1, wait_timeout=60)
SEARCH = ("git", "log", "--format=%H", f"-S{shapes.DIGEST['v1']}", "--", "core/image.toml")
WORSE = Window(1000, 12, 0.4)


def good(name: str) -> dict[str, object]:
    return shapes.machine(name, tag="v2", release=2)


class Scene:
    """Two machines on v1, and a deploy of v2 whose machines are well."""

    def __init__(self, folder: Path, server: HTTPServer, windows: list[Window | int], *, guard: bool) -> None:
        self.world = World(folder)
        self.world.fly([shapes.machine("m1"), shapes.machine("m2")])
        self.world.runner.answer(*SEARCH, times=None)
        self.world.runner.answer(*DEPLOY)
        self.world.sees(good("m1"), good("m2"))
        self.trial = Trial(self.world.ws, serve(server, windows), APP, Wish(300, guard, Tolerance()))

    def run(self) -> Outcome:
        world = self.world
        made = plan.make(world.ws, world.flyctl, world.manifest, app=APP, forced={})
        self.trial.begin(made.facts)
        order = Order(
            task="fly.deploy",
            image=parse(V2),
            command=DEPLOY,
            manifest=present_manifest(world.ws, world.manifest),
            pace=Pace(tick=1, deadline=60, doubt=6),
        )
        outcome = Deployment(world.ws, world.flyctl, made.facts, order, trial=self.trial).run()
        world.runner.assert_all_used()
        return outcome

    @property
    def verified(self) -> str:
        return self.world.journal[-1].verified


def test_a_release_that_answers_as_before_is_healthy_and_tells_both(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    scene = Scene(tmp_path, httpserver, [GOOD, Window(900, 0.3, 0.11)], guard=True)
    scene.world.sees(good("m1"), good("m2"))
    outcome = scene.run()
    assert outcome.verdict is Verdict.HEALTHY
    assert "5xx: 0.2% before, 0.3% after" in outcome.notes
    assert scene.verified == V2
    assert scene.world.journal[-1].worse == []
    assert sum(scene.world.clock.sleeps) >= 300
    assert "demo: watching its metrics: 5m to go" in scene.world.console.stderr
    assert [entry.step for entry in scene.world.journal if entry.step][-2:] == ["look again", "look again"]


def test_one_that_answers_worse_is_told_and_left_where_nobody_guards(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    scene = Scene(tmp_path, httpserver, [GOOD, WORSE], guard=False)
    scene.world.sees(good("m1"), good("m2"))
    outcome = scene.run()
    assert outcome.verdict is Verdict.HEALTHY
    assert outcome.notes[0].startswith("more 5xx: 12% of the answers")
    assert "nothing was undone: that takes --guard" in outcome.notes
    assert outcome.worse == scene.world.journal[-1].worse == outcome.notes[:2]


def test_one_that_answers_worse_is_undone_by_a_guard(tmp_path: Path, httpserver: HTTPServer) -> None:
    scene = Scene(tmp_path, httpserver, [GOOD, WORSE], guard=True)
    scene.world.sees(good("m1"), good("m2"))
    scene.world.runner.answer(*BACK)
    scene.world.sees(shapes.machine("m1", tag="v1", release=3), shapes.machine("m2", tag="v1", release=3))
    outcome = scene.run()
    assert (outcome.verdict, outcome.exit_code, outcome.previous) == (Verdict.ROLLED_BACK, 4, V1)
    assert outcome.notes[0].startswith("more 5xx")
    assert scene.verified == V1
    assert (scene.world.journal[-1].worse or [""])[0].startswith("more 5xx")


def test_a_guard_that_cannot_see_calls_nothing_healthy_and_undoes_nothing(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    scene = Scene(tmp_path, httpserver, [GOOD, 503], guard=True)
    scene.world.sees(good("m1"), good("m2"))
    outcome = scene.run()
    assert (outcome.verdict, outcome.exit_code) == (Verdict.UNVERIFIED, 6)
    assert "could not be read" in outcome.notes[0]
    assert scene.world.journal[-1].worse is None
    assert "inv fly.metrics" in outcome.next
    assert scene.verified == ""


NOTHING = Window(0, None, None)


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        (NOTHING, GOOD, "not judged: 0 answers before"),
        (NOTHING, NOTHING, "not judged: 0 answers before"),
        (GOOD, Window(3, 100, 0.5), "not judged: 3 answers since"),
    ],
    ids=["a first release", "no traffic", "hardly any traffic since"],
)
def test_where_a_guard_has_too_few_answers_the_machines_decide_and_that_is_said(
    tmp_path: Path, httpserver: HTTPServer, before: Window, after: Window, word: str
) -> None:
    scene = Scene(tmp_path, httpserver, [before, after], guard=True)
    scene.world.sees(good("m1"), good("m2"))
    outcome = scene.run()
    assert outcome.verdict is Verdict.HEALTHY
    assert any(note.startswith(word) for note in outcome.notes), outcome.notes
    assert scene.verified == V2


def test_without_a_guard_metrics_that_are_away_change_nothing(tmp_path: Path, httpserver: HTTPServer) -> None:
    scene = Scene(tmp_path, httpserver, [GOOD, 503], guard=False)
    scene.world.sees(good("m1"), good("m2"))
    outcome = scene.run()
    assert outcome.verdict is Verdict.HEALTHY
    assert "could not be read" in outcome.notes[0]


def test_a_guard_that_is_blind_beforehand_lets_nothing_begin(tmp_path: Path, httpserver: HTTPServer) -> None:
    with pytest.raises(Away):
        Scene(tmp_path, httpserver, [503], guard=True).run()


def test_without_a_guard_nobody_waits_for_what_cannot_be_compared(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    scene = Scene(tmp_path, httpserver, [503], guard=False)
    scene.world.sees(good("m1"), good("m2"))
    outcome = scene.run()
    assert outcome.verdict is Verdict.HEALTHY
    assert outcome.notes == ["the metrics were not compared"]
    assert sum(scene.world.clock.sleeps) < 300
    assert "will not be compared" in scene.world.console.stderr


def test_a_machine_that_falls_ill_meanwhile_is_a_bad_release(tmp_path: Path, httpserver: HTTPServer) -> None:
    scene = Scene(tmp_path, httpserver, [GOOD, GOOD], guard=False)
    ill = shapes.machine("m2", tag="v2", release=2, checks=["critical"])
    scene.world.sees(good("m1"), ill, times=7)
    scene.world.runner.answer(*BACK)
    scene.world.sees(shapes.machine("m1", tag="v1", release=3), shapes.machine("m2", tag="v1", release=3))
    outcome = scene.run()
    assert outcome.verdict is Verdict.ROLLED_BACK
    assert "m2" in outcome.notes[0]


def test_a_ctrl_c_while_it_watches_is_an_interruption(tmp_path: Path, httpserver: HTTPServer) -> None:
    scene = Scene(tmp_path, httpserver, [GOOD], guard=True)

    def press() -> None:
        raise KeyboardInterrupt

    scene.world.clock.at_sleep = press
    outcome = scene.run()
    assert outcome.verdict is Verdict.INTERRUPTED
    assert outcome.notes == ["it stopped during: watch the metrics"]


@pytest.mark.parametrize(
    ("seconds", "guard", "tolerance", "word"),
    [
        (0, True, Tolerance(), "--guard needs to know for how long"),
        (0, False, Tolerance(5, 50), "--guard-errors and --guard-slower need to know for how long"),
        (0, False, Tolerance(1, 90), "--guard-errors and --guard-slower need to know for how long"),
        (99 * 86400, False, Tolerance(), "--watch 99d is too long"),
        (30, False, Tolerance(), "too short"),
        (300, True, Tolerance(-1, 50), "less than nothing"),
        (300, True, Tolerance(1, -50), "less than nothing"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, seconds: float, guard: bool, tolerance: Tolerance, word: str
) -> None:
    with pytest.raises(BadInput, match=word):
        wish(World(tmp_path).ws, seconds, guard=guard, tolerance=tolerance)


def test_not_watching_is_no_trial(tmp_path: Path) -> None:
    assert wish(World(tmp_path).ws, 0, guard=False, tolerance=Tolerance()) is None


AGO = "2026-11-24T11:{}:00Z"  # the clock says 12:00


def began(*steps: tuple[str, str]) -> list[Entry]:
    """A deploy of v2 that was undone, with its steps and when they were."""
    at = AGO.format("40")
    started = Entry(at=at, kind=STARTED, task="fly.deploy", app=APP, id="1", image=V2, previous=V1)
    return [started, *(Entry(at=AGO.format(at), kind=STEP, id="1", step=step) for step, at in steps)]


def facts(world: World, journal: list[Entry], minute: str = "30") -> Facts:
    world.fly([shapes.machine()], releases=[{**shapes.release(1, "v1"), "CreatedAt": AGO.format(minute)}])
    found = plan.make(world.ws, world.flyctl, world.manifest, app=APP, forced={}).facts
    return structs.replace(found, journal=journal, story=last_story(journal, APP))


def test_before_is_the_time_in_which_the_machines_ran_what_they_run_now(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert f"{changed(facts(world, [], '57')):%H:%M}" == "11:57"


def test_a_rollback_from_here_ends_after_its_release_has_begun(tmp_path: Path) -> None:
    steps = began(
        ("deploy", "41"),
        ("watch the metrics", "46"),
        ("watch the rollback", "48"),
        ("check replication", "59"),
    )
    assert f"{changed(facts(World(tmp_path), steps, '47')):%H:%M}" == "11:48"


def test_the_time_before_is_cut_where_the_bad_release_ended_and_that_is_said(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    scene = Scene(tmp_path, httpserver, [GOOD, GOOD], guard=True)
    scene.trial.begin(facts(scene.world, began(("watch the rollback", "58"))))
    assert {re.findall(r"\[(\d+)s\]", request.args["query"])[0] for request, _ in httpserver.log} == {"120"}
    assert "before: 2m only, since the last change, at 2026-11-24 11:58:00 UTC" in scene.trial.run().told


def test_a_guard_with_nothing_to_compare_with_begins_nothing(tmp_path: Path, httpserver: HTTPServer) -> None:
    scene = Scene(tmp_path, httpserver, [GOOD], guard=True)
    just_now = began(("watch the rollback", "59"))
    scene.world.clock.advance(-30)
    with pytest.raises(
        Refused, match="there is nothing to compare with: demo runs what it runs since"
    ) as told:
        scene.trial.begin(facts(scene.world, just_now))
    assert "30s ago" in told.value.what
    assert not httpserver.log


def test_without_a_guard_it_says_so_and_goes_on(tmp_path: Path, httpserver: HTTPServer) -> None:
    scene = Scene(tmp_path, httpserver, [GOOD], guard=False)
    scene.world.clock.advance(-30)
    scene.trial.begin(facts(scene.world, began(("watch the rollback", "59"))))
    assert scene.trial.run().blind
    assert "will not be compared: there is nothing to compare with" in scene.world.console.stderr


def test_since_when_a_release_runs_must_be_known(tmp_path: Path) -> None:
    known = structs.replace(facts(World(tmp_path), []), releases=None, unread={"releases": "HTTP 503"})
    with pytest.raises(Failure, match="is not known: HTTP 503"):
        changed(known)
