"""What was left half done is told with what finishes it."""

from pathlib import Path

import pytest

from pkg.fly import lock
from pkg.fly.journal import STARTED, STEP, VERDICT, Entry, Journal, stories
from pkg.fly.unfinished import advice, is_running, unfinished
from tests.unit.fly.world import APP, V2, World

AT = "2026-11-24T12:00:00Z"
REVERT = f"`inv fly.releases.revert VERSION -a {APP}` brings a good release back"
DEPLOY = f"`inv fly.deploy -a {APP}` finishes the job"


@pytest.mark.parametrize(
    ("task", "steps", "says"),
    [
        ("fly.deploy", [], DEPLOY),
        ("fly.deploy", ["deploy", "watch the deploy"], DEPLOY),
        ("fly.deploy", ["deploy", "watch the deploy", "restart"], REVERT),
        ("fly.deploy", ["deploy", "rollback", "watch the rollback", "start"], REVERT),
        ("fly.releases.revert", ["deploy"], REVERT),
    ],
)
def test_what_finishes_it_depends_on_how_far_it_was(
    tmp_path: Path, task: str, steps: list[str], says: str
) -> None:
    world = World(tmp_path)
    journal = Journal.of(world.ws)
    journal.append(Entry(at=AT, kind=STARTED, task=task, app=APP, id="1", image=V2, who="ann@desk"))
    for step in steps:
        journal.append(Entry(at=AT, kind=STEP, id="1", step=step))
    found = unfinished(world.ws, APP)
    assert found is not None
    assert says in str(found)
    assert f"the last that is known is `{steps[-1] if steps else 'its checks beforehand'}`" in str(found)


@pytest.mark.parametrize(
    ("task", "steps", "says"),
    [
        ("fly.deploy", ["deploy", "rollback"], f"revert v7 -a {APP}` brings the release before back"),
        ("fly.releases.revert", ["deploy"], f"revert v7 -a {APP}` finishes the job"),
        ("fly.releases.revert", ["deploy", "rollback"], REVERT),
    ],
)
def test_the_release_to_go_back_to_is_named_where_it_is_known(task: str, steps: list[str], says: str) -> None:
    assert says in advice(APP, task, steps, 7)


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
