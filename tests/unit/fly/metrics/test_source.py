"""Where metrics come from: Fly with flyctl's token, or the simulation for as long as the task runs."""

import dataclasses
from pathlib import Path

import pytest

from pkg.fly import argv
from pkg.fly.metrics import source, work
from pkg.fly.metrics.failures import Away, NoToken
from pkg.shell.errors import BadInput
from tests.unit.fly import shapes
from tests.unit.fly.world import APP, World

SERVED = "# The simulated Fly: http://127.0.0.1:9\nexport FLY_API_BASE_URL=http://127.0.0.1:9\nexport FLY_METRICS_BASE_URL=http://127.0.0.1:9\n"


def test_fly_is_asked_unless_another_server_is_named(tmp_path: Path) -> None:
    with source.base(World(tmp_path / "a").ws) as at:
        assert at == "https://api.fly.io"
    other = World(tmp_path / "b", env={"FLY_METRICS_BASE_URL": "http://127.0.0.1:9090/"})
    with source.base(other.ws) as at:
        assert at == "http://127.0.0.1:9090"


def test_a_server_that_would_show_the_token_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path, env={"FLY_METRICS_BASE_URL": "http://metrics.example.com"})
    with pytest.raises(BadInput), source.base(world.ws):
        pass


def test_in_the_sandbox_the_simulation_serves_and_is_ended(tmp_path: Path) -> None:
    world = World(tmp_path, env={"FLY_METRICS_BASE_URL": "https://api.fly.io"})
    world.runner.answer("flysim", "serve", "--port", "0", stdout=SERVED)
    with source.base(dataclasses.replace(world.ws, sandbox=True)) as at:
        assert at == "http://127.0.0.1:9"
        assert world.runner.ended == []
    assert world.runner.ended == [("flysim", "serve", "--port", "0")]


def test_a_simulation_that_does_not_serve_is_told(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.runner.answer("flysim", "serve", "--port", "0", stdout="")
    with (
        pytest.raises(Away, match="does not serve"),
        source.base(dataclasses.replace(world.ws, sandbox=True)),
    ):
        pass


@pytest.mark.parametrize(
    ("env", "token"),
    [
        ({"FLY_API_TOKEN": "fo1_a"}, "fo1_a"),
        ({"FLY_API_TOKEN": "fo1_a", "FLY_ACCESS_TOKEN": "FlyV1 fm2_b"}, "FlyV1 fm2_b"),
    ],
)
def test_the_token_is_the_one_that_flyctl_would_take(tmp_path: Path, env: dict[str, str], token: str) -> None:
    world = World(tmp_path, env=env)
    assert source.token(world.ws, world.flyctl) == token


def test_without_one_in_the_environment_flyctls_own_login_has_one(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.runner.answer(*argv.auth_token(), json={"token": "fo1_login"})
    assert source.token(world.ws, world.flyctl) == "fo1_login"


def test_without_any_there_is_a_word_and_an_exit_code_for_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.runner.answer(*argv.auth_token(), code=1, stderr="Error: no access token available.")
    with pytest.raises(NoToken) as caught, work.opened(world.ws, world.flyctl, APP):
        pass
    assert caught.value.exit_code == 77
    assert "no token to ask for metrics with" in caught.value.what
    assert "FLY_API_TOKEN" in caught.value.fix


def test_the_organization_is_the_apps(tmp_path: Path) -> None:
    world = World(tmp_path, env={"FLY_API_TOKEN": "fo1_a"})
    world.runner.answer(*argv.status(APP), json=shapes.status([]))
    with work.opened(world.ws, world.flyctl, APP) as opened:
        assert opened.server.url == "https://api.fly.io/prometheus/personal/api/v1/query_range"
        assert opened.server.authorization == "Bearer fo1_a"
    with work.opened(world.ws, world.flyctl, APP, "other") as opened:
        assert opened.server.organization == "other"


def test_whatever_a_token_is_sent_as_is_hidden(tmp_path: Path) -> None:
    world = World(tmp_path, env={"FLY_API_TOKEN": "FlyV1 fm2_first, fm2_second,fo1_third"})
    source.token(world.ws, world.flyctl)
    for form in ("fm2_first", "fm2_second", "fo1_third", "FlyV1 fm2_first,fm2_second"):
        assert world.redactor.redact(f"Illegal header value b'{form}'") == "Illegal header value b'***'"


def test_a_token_that_cannot_be_sent_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    world = World(tmp_path, env={"FLY_API_TOKEN": "fo1_first\nsecond"})
    with pytest.raises(NoToken, match="cannot be sent"):
        source.token(world.ws, world.flyctl)
