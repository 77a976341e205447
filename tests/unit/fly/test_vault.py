"""Putting a token into 1Password, by stdin only, with the stand-in for `op`."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from pkg.fly import vault
from pkg.shell.clock import SystemClock
from pkg.shell.errors import BadInput, CommandFailed, Refused
from pkg.shell.redact import Redactor
from pkg.shell.runner import ProcessRunner
from tests.fakes import FakeRunner, MemoryConsole

PROGRAM = Path(__file__).parents[2] / "programs" / "op"
TOKEN = "FlyV1 fm2_canarycanarycanary"
PLACE = vault.Place("Infra", "fly deploy")


class OnePassword:
    """The stand-in in a folder of its own."""

    def __init__(self, folder: Path, world: dict[str, Any]) -> None:
        self.file = folder / "op.json"
        self.file.write_text(json.dumps(world))
        shutil.copy(PROGRAM, folder / "op")
        self.redactor = Redactor()
        self.console = MemoryConsole(self.redactor)
        path = os.pathsep.join((str(folder), str(Path(sys.executable).parent), "/usr/bin", "/bin"))
        self.runner = ProcessRunner(
            env={"PATH": path},
            cwd=folder,
            console=self.console,
            redactor=self.redactor,
            clock=SystemClock(),
        )

    @property
    def world(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file.read_text())
        return found

    @property
    def calls(self) -> str:
        return self.file.with_suffix(".calls").read_text()


def item() -> str:
    return vault.template(PLACE, TOKEN, app="demo", name="ci: deploy demo", expires="2026-11-25 12:00 UTC")


def test_a_new_item_is_made_and_an_old_one_changed_each_by_stdin(tmp_path: Path) -> None:
    op = OnePassword(tmp_path, {"vaults": {"Infra": {}}})
    for exists in (False, True):
        assert vault.ready(op.runner, op.console, PLACE) is exists
        vault.store(op.runner, op.console, PLACE, item(), TOKEN, exists=exists)
    assert op.world["vaults"]["Infra"]["fly deploy"]["credential"] == TOKEN
    assert op.world["vaults"]["Infra"]["fly deploy"]["token_ends"] == "2026-11-25 12:00 UTC"
    assert "canary" not in op.calls
    assert "canary" not in op.console.stdout + op.console.stderr
    assert "op://Infra/fly deploy/credential" in op.console.stderr


@pytest.mark.parametrize("answer", ["", "{}", "Usage: op item create [flags]"])
@pytest.mark.parametrize("exists", [False, True])
def test_an_op_that_ends_with_0_and_kept_nothing_is_not_believed(
    tmp_path: Path, answer: str, exists: bool
) -> None:
    old = {"fly deploy": {"credential": "an-older-token"}} if exists else {}
    op = OnePassword(tmp_path, {"vaults": {"Infra": old}, "idle": {"create": answer, "edit": answer}})
    with pytest.raises((CommandFailed, BadInput)) as error:
        vault.store(op.runner, op.console, PLACE, item(), TOKEN, exists=exists)
    assert "the token is in 1Password" not in op.console.stderr
    assert "canary" not in str(error.value)
    assert "older" not in str(error.value) + op.console.stderr


def test_a_place_that_no_reference_can_name_is_refused() -> None:
    with pytest.raises(BadInput, match="no op:// reference can name"):
        vault.place("Infra/fly@home")


def test_a_vault_that_may_not_be_read_stops_it_before_a_token_is_made(tmp_path: Path) -> None:
    op = OnePassword(tmp_path, {"vaults": {}})
    with pytest.raises(CommandFailed, match="does not let its vault be read"):
        vault.ready(op.runner, op.console, PLACE)


def test_a_locked_1password_is_told_without_the_token(tmp_path: Path) -> None:
    op = OnePassword(
        tmp_path, {"vaults": {"Infra": {}}, "fail": {"create": "you are not currently signed in"}}
    )
    with pytest.raises(CommandFailed, match="did not take the token") as error:
        vault.store(op.runner, op.console, PLACE, item(), TOKEN, exists=False)
    assert "canary" not in str(error.value)


def test_two_items_of_one_name_are_not_guessed_between(runner: FakeRunner) -> None:
    twice = [{"id": "1", "title": "fly deploy"}, {"id": "2", "title": "fly deploy"}]
    runner.answer("op", "item", "list", "--vault", "Infra", "--format", "json", json=twice)
    with pytest.raises(BadInput, match="2 items"):
        vault.ready(runner, MemoryConsole(), PLACE)


def test_an_answer_that_is_no_list_is_told(runner: FakeRunner) -> None:
    runner.answer("op", "item", "list", "--vault", "Infra", "--format", "json", stdout="[{")
    with pytest.raises(CommandFailed, match="did not answer as it should"):
        vault.ready(runner, MemoryConsole(), PLACE)


@pytest.mark.parametrize(("version", "sandbox"), [("2.30.0", True), ("2.30.0 (simulated)", False)])
def test_the_sandbox_and_the_real_1password_are_kept_apart(
    runner: FakeRunner, version: str, sandbox: bool
) -> None:
    runner.answer("op", "--version", stdout=version)
    with pytest.raises(Refused):
        vault.require_right_world(runner, sandbox=sandbox)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("Infra/fly", "op://Infra/fly/credential"),
        ("op://Infra/fly", "op://Infra/fly/credential"),
        ("op://Infra/fly/credential", "op://Infra/fly/credential"),
    ],
)
def test_a_place(text: str, reference: str) -> None:
    assert vault.place(text).reference == reference


@pytest.mark.parametrize(
    "text", ["", "Infra", "a/b/c/d", "/fly", "Infra/", "Infra/\n", "-x/fly", "Infra/--all"]
)
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(BadInput, match="no place"):
        vault.place(text)


def test_the_stand_in_answers_nothing_that_it_was_not_told(tmp_path: Path) -> None:
    op = OnePassword(tmp_path, {"vaults": {"Infra": {}}, "values": {"op://a/b/c": "v"}})
    for argv in (
        ["read", "op://a/b/c"],
        ["whoami"],
        ["item", "get", "x"],
        ["item", "create", "--vault", "Infra", "password=secret"],
        ["item", "edit", "--vault", "Infra", "missing"],
    ):
        assert op.runner.capture(["op", *argv], stdin="{}").code == 1, argv
    unknown = op.runner.capture(["op", "inject"], stdin="{{ op://a/b/c }} {{ op://a/b/d }}")
    assert (unknown.code, unknown.stdout) == (1, "")
    op.file.unlink()
    assert op.runner.capture(["op", "inject"], stdin="").code == 1
