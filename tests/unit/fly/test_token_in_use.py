"""What flyctl works with is named as it is: a variable, its own login, or nothing."""

from pathlib import Path

import pytest

from pkg.fly import argv, tokens
from pkg.fly.token_in_use import InUse, in_use
from pkg.shell.errors import Failure, Refused
from tests.unit.fly.test_macaroon import WINDOW, macaroon
from tests.unit.fly.world import World

CI = tokens.Policy(ci=True)
DESK = tokens.Policy(ci=False)


def logged_in(folder: Path, token: str) -> InUse:
    world = World(folder)
    world.runner.answer(*argv.auth_token(), json={"token": token})
    found = in_use(world.ws, world.flyctl)
    assert world.redactor.redact(f"x {token} x") == "x *** x"
    return found


def test_a_variable_is_taken_as_flyctl_takes_it(tmp_path: Path) -> None:
    world = World(tmp_path, env={"FLY_API_TOKEN": "fo1_b", "FLY_ACCESS_TOKEN": macaroon(WINDOW)})
    found = in_use(world.ws, world.flyctl)
    assert (found.source, found.kind.name) == ("FLY_ACCESS_TOKEN", "scoped")


@pytest.mark.parametrize("token", ["fo1_login-of-ann", macaroon(WINDOW)], ids=["old", "macaroon"])
def test_without_one_flyctls_own_login_is_a_persons_however_it_begins(tmp_path: Path, token: str) -> None:
    found = logged_in(tmp_path, token)
    assert (found.source, found.kind.name) == ("flyctl's own login", "login")
    assert "a person's" in found.kind.words
    assert tokens.problems(found.kind, DESK, now=World(tmp_path).clock.now()) == []
    assert len(tokens.problems(found.kind, CI, now=World(tmp_path).clock.now())) == 1
    with pytest.raises(Refused, match="a person's own"):
        tokens.require(found.kind, CI, "infra")


def test_without_a_login_there_is_none(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.runner.answer(*argv.auth_token(), code=1, stderr="Error: no access token available.")
    found = in_use(world.ws, world.flyctl)
    assert (found.variable, found.kind.name) == ("", "none")
    assert "no login" in found.source
    [problem] = tokens.problems(found.kind, DESK, now=world.clock.now())
    assert "flyctl auth login" in problem


def test_that_it_cannot_be_asked_is_no_lack_of_one(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.runner.answer(*argv.auth_token(), code=1, stderr='Error: unknown command "token"')
    with pytest.raises(Failure, match="asking flyctl for its token"):
        in_use(world.ws, world.flyctl)
