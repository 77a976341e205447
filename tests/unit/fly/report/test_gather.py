"""All that the page shows is asked; what fails is kept beside the rest, with its reason."""

from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from pkg.fly import argv
from pkg.fly.health import AppHealth
from pkg.fly.report.gather import gather
from pkg.shell.errors import Failure, Interrupted
from tests.unit.fly import shapes
from tests.unit.fly.world import APP, World

METRICS = "/prometheus/personal/api/v1/query_range"
TOKENS = (
    " ID │ NAME │ CREATED BY │ EXPIRES AT │ REVOKED AT \n t1 │ ci │ ann │ 2026-12-24 12:00:00 +0000 UTC │ \n"
)


@pytest.fixture
def world(tmp_path: Path, httpserver: HTTPServer) -> World:
    """An app with two machines; its metrics are served, and are empty."""
    nothing = {"status": "success", "data": {"resultType": "matrix", "result": []}}
    httpserver.expect_request(METRICS).respond_with_json(nothing)
    env = {"FLY_METRICS_BASE_URL": httpserver.url_for("").rstrip("/"), "FLY_API_TOKEN": "fo1_anything"}
    made = World(tmp_path, env=env)
    made.runner.answer(*argv.tokens_list(APP), stdout=TOKENS, times=None)
    return made


def test_every_part_is_there(world: World) -> None:
    world.fly([shapes.machine("m1"), shapes.machine("m2", checks=["critical"])])
    found = gather(world.ws, world.flyctl, [APP], seconds=3600)
    (one,) = found.apps
    assert one.unread == {}
    assert one.condition is AppHealth.UNHEALTHY
    assert [machine.id for machine in one.health] == ["m1", "m2"]
    assert [release.version for release in one.releases.value or []] == [1]
    assert [token.name for token in one.tokens.value or []] == ["ci"]
    assert one.metrics.value is not None
    assert one.metrics.value.empty
    assert (found.at, found.simulated, found.seconds) == (world.clock.now(), False, 3600)


def test_a_part_that_fails_leaves_the_others(world: World, httpserver: HTTPServer) -> None:
    httpserver.clear()
    httpserver.expect_request(METRICS).respond_with_data("", status=503)
    world.runner.answer(*argv.volumes_list(APP), code=1, stderr="Error: forbidden", times=None)
    world.fly([shapes.machine("m1")])
    (one,) = gather(world.ws, world.flyctl, [APP], seconds=3600).apps
    assert set(one.unread) == {"volumes", "metrics"}
    assert "forbidden" in one.unread["volumes"]
    assert "HTTP 503" in one.unread["metrics"]
    assert one.condition is AppHealth.HEALTHY


def test_flyctl_is_asked_once_for_each_part_also_where_the_metrics_need_it(world: World) -> None:
    world.fly([shapes.machine("m1")])
    gather(world.ws, world.flyctl, [APP], seconds=3600)
    for ask in (argv.status, argv.releases):
        assert world.runner.argvs.count(tuple(ask(APP))) == 1


def test_without_a_way_to_metrics_each_app_says_why(tmp_path: Path) -> None:
    world = World(
        tmp_path, env={"FLY_METRICS_BASE_URL": "http://metrics.example.com", "FLY_API_TOKEN": "fo1_a"}
    )
    world.runner.answer(*argv.tokens_list(APP), stdout=TOKENS)
    world.fly([shapes.machine("m1")])
    (one,) = gather(world.ws, world.flyctl, [APP], seconds=3600).apps
    assert list(one.unread) == ["metrics"]
    assert "FLY_METRICS_BASE_URL" in one.unread["metrics"]


def test_the_worst_app_comes_first_and_one_that_cannot_be_read_before_the_well(world: World) -> None:
    for app, machines in (("a", [shapes.machine("m1")]), ("z", [shapes.machine("m2", checks=["critical"])])):
        answers = {
            tuple(argv.status(app)): shapes.status(machines),
            tuple(argv.releases(app)): [],
            tuple(argv.volumes_list(app)): [],
            tuple(argv.certs_list(app)): [],
        }
        for command, answer in answers.items():
            world.runner.answer(*command, json=answer, times=None)
        world.runner.answer(*argv.tokens_list(app), stdout=TOKENS, times=None)
    for ask in (argv.status, argv.releases, argv.volumes_list, argv.certs_list, argv.tokens_list):
        world.runner.answer(*ask("lost"), times=None, code=1, stderr="Error: app not found")
    found = gather(world.ws, world.flyctl, ["a", "lost", "z"], seconds=3600)
    assert [one.app for one in found.apps] == ["z", "lost", "a"]
    assert set(found.apps[1].unread) == {
        "machines",
        "releases",
        "volumes",
        "certificates",
        "tokens",
        "metrics",
    }


def test_of_no_app_at_all_there_is_nothing_to_show(world: World) -> None:
    for command in (argv.status, argv.releases, argv.volumes_list, argv.certs_list):
        world.runner.answer(*command(APP), times=None, code=1, stderr="Error: app not found")
    with pytest.raises(Failure, match="no app could be read") as caught:
        gather(world.ws, world.flyctl, [APP], seconds=3600)
    assert "inv fly.doctor" in caught.value.fix


def test_a_ctrl_c_is_no_part_that_failed(world: World) -> None:
    world.runner.answer(*argv.volumes_list(APP), raises=Interrupted("interrupted"))
    world.fly([shapes.machine("m1")])
    with pytest.raises(Interrupted):
        gather(world.ws, world.flyctl, [APP], seconds=3600)


def test_an_error_of_ours_is_no_part_that_failed(world: World) -> None:
    world.runner.answer(*argv.volumes_list(APP), raises=ZeroDivisionError())
    world.fly([shapes.machine("m1")])
    with pytest.raises(ZeroDivisionError):
        gather(world.ws, world.flyctl, [APP], seconds=3600)
