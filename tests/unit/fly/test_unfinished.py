"""What was left half done is told with what finishes it."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import convert, structs

from pkg.fly import lock
from pkg.fly.health import MachineHealth, judge
from pkg.fly.journal import GO_BACK, STARTED, STEP, VERDICT, Entry, Journal, stories
from pkg.fly.models import Machine
from pkg.fly.unfinished import is_running, unfinished
from tests.unit.fly import shapes
from tests.unit.fly.world import APP, V1, V2, World

AT = "2026-11-24T12:00:00Z"
SICK = "machine m1 (app) is unhealthy: its check is critical"
WHICH = f"`inv fly.releases.revert VERSION -a {APP}` brings a good release back"
BACK = f"`inv fly.releases.revert v7 -a {APP}` brings the release before back"
STARTED_ENTRY = Entry(at=AT, kind=STARTED, task="fly.deploy", app=APP, id="1", image=V2, who="ann@desk")


def step(name: str, code: int | None = None, **more: Any) -> Entry:
    return Entry(at=AT, kind=STEP, id="1", step=name, code=code, **more)


DEPLOYED = (step("deploy"), step("deploy", 1), step("watch the deploy"))
FAILED = (*DEPLOYED, step("watch the deploy", 1, bad=[SICK]))
RESTARTED = (*FAILED, step("restart"), step("restart", 0), step("watch the restart"))


def seen(**state: Any) -> MachineHealth:
    return judge(convert(shapes.machine("m1", **state), Machine))


def journal(world: World, *steps: Entry, **started: Any) -> None:
    told = Journal.of(world.ws)
    for entry in (structs.replace(STARTED_ENTRY, **started), *steps):
        told.append(entry)


@pytest.mark.parametrize("steps", [(), DEPLOYED, (*RESTARTED, step("watch the restart", 0))])
def test_what_is_not_known_to_be_bad_is_finished_by_the_same_command(
    tmp_path: Path, steps: tuple[Entry, ...]
) -> None:
    world = World(tmp_path)
    journal(world, *steps, version=7, again=f"inv fly.deploy -a {APP} --image {V2} --watch 5m --guard")
    found = unfinished(world.ws, APP)
    assert found is not None
    assert found.next == f"`inv fly.deploy -a {APP} --image {V2} --watch 5m --guard` finishes the job"
    assert f"the last that is known is `{steps[-1].step if steps else 'its checks beforehand'}`" in str(found)


@pytest.mark.parametrize("steps", [FAILED, RESTARTED])
def test_what_failed_its_checks_is_not_deployed_again(tmp_path: Path, steps: tuple[Entry, ...]) -> None:
    world = World(tmp_path)
    journal(world, *steps, version=7, again="inv fly.deploy -a demo")
    found = unfinished(world.ws, APP)
    assert found is not None
    assert found.next == BACK
    assert SICK in found.why


def test_a_way_back_that_was_begun_names_its_own_release(tmp_path: Path) -> None:
    world = World(tmp_path)
    journal(world, *FAILED, step(GO_BACK, image=V1, version=7), step("rollback"), version=3)
    found = unfinished(world.ws, APP)
    assert found is not None
    assert found.next == BACK


@pytest.mark.parametrize("task", ["fly.deploy", "fly.releases.revert"])
def test_where_no_release_is_known_it_is_told_where_to_look(tmp_path: Path, task: str) -> None:
    world = World(tmp_path)
    journal(world, *FAILED, task=task)
    found = unfinished(world.ws, APP)
    assert found is not None
    assert found.next.startswith(WHICH)


def test_where_nothing_was_begun_nothing_is_known_to_have_changed(tmp_path: Path) -> None:
    world = World(tmp_path)
    journal(world)
    found = unfinished(world.ws, APP)
    assert found is not None
    assert not found.begun
    assert "`its checks beforehand`, so nothing is known to have changed" in found.what


def test_values_that_are_not_kept_are_asked_for(tmp_path: Path) -> None:
    world = World(tmp_path)
    journal(world, *DEPLOYED, again="inv fly.deploy -a demo -- --env 'A=***'")
    found = unfinished(world.ws, APP)
    assert found is not None
    assert (
        found.next == "`inv fly.deploy -a demo -- --env 'A=***'` finishes the job, with what *** stands for"
    )


def test_a_bad_release_that_is_on_no_machine_any_more_leaves_nothing_to_do(tmp_path: Path) -> None:
    world = World(tmp_path)
    journal(world, *FAILED, version=7)
    good, sick = seen(tag="v1"), seen(tag="v1", checks=["critical"])
    for machines, over in (([good], True), ([sick], False), ([seen(tag="v2")], False), ([], False)):
        found = unfinished(world.ws, APP, machines)
        assert found is not None
        assert (found.over, found.next == "") == (over, over)
        assert ("nothing is left to do" in str(found)) == over


def test_one_that_was_not_bad_is_not_over_before_it_has_a_verdict(tmp_path: Path) -> None:
    world = World(tmp_path)
    journal(world, *DEPLOYED)
    found = unfinished(world.ws, APP, [seen(tag="v1")])
    assert found is not None
    assert not found.over


def test_nothing_is_unfinished_where_nothing_was_begun(tmp_path: Path) -> None:
    assert unfinished(World(tmp_path).ws, APP) is None


def test_a_deploy_runs_while_its_process_holds_the_lock(tmp_path: Path) -> None:
    ws = World(tmp_path).ws
    started = Entry(kind=STARTED, app=APP, id="1", pid=7)
    ended = [Entry(kind=STARTED, app=APP, id="0", pid=7), Entry(kind=VERDICT, id="0", verdict="healthy")]
    earlier = Entry(kind=STARTED, app=APP, id="2", pid=6)
    told = stories([*ended, started, earlier])
    assert not any(is_running(ws, story) for story in told)
    me = lock.Holder(who="ann@desk", since="2026-11-24T12:00:00+00:00", pid=7, task="fly.deploy")
    with lock.held(ws.state / lock.FOLDER, APP, me):
        assert [story.started.id for story in told if is_running(ws, story)] == ["1"]
    assert not any(is_running(ws, story) for story in told)
