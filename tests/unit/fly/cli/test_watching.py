"""Showing something again and again."""

import dataclasses
from pathlib import Path

import pytest

from pkg.fly.answers import Passing
from pkg.fly.cli.watching import AGAIN, watch
from pkg.shell.errors import BadInput, Interrupted
from pkg.shell.runner import Result
from pkg.shell.workspace import Workspace
from tests.fakes import MemoryConsole
from tests.unit.fly.world import World


def watched(world: World, texts: list[str]) -> int:
    """Show each text in turn, then press Ctrl-C."""
    left = iter(texts)

    def show(ws: Workspace) -> int:
        try:
            text = next(left)
        except StopIteration:
            raise KeyboardInterrupt from None
        if text == "away":
            raise Passing("injected 503", result=Result((), 1, "", "", 0.0))
        if text == "killed":
            raise Interrupted("interrupted")
        ws.console.out(text)
        return 3

    return watch(world.ws, show, 1.0)


def test_without_a_terminal_only_what_changes_is_told(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert watched(world, ["one", "one", "two", "two"]) == 3
    assert [line for line in world.console.stdout.splitlines() if "UTC" not in line] == ["one", "two"]
    assert world.console.stderr == "stopped watching\n"


def test_on_a_terminal_it_is_drawn_in_place(tmp_path: Path) -> None:
    world = World(tmp_path)
    console = MemoryConsole(terminal=True)
    world.ws = dataclasses.replace(world.ws, console=console)
    watched(world, ["one", "one"])
    assert console.stdout.count(f"{AGAIN}one") == 2


def test_an_api_that_is_away_is_borne(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert watched(world, ["one", "away", "one"]) == 3
    assert "injected 503; still watching" in world.console.stdout


def test_ctrl_c_while_flyctl_runs_ends_it_too(tmp_path: Path) -> None:
    assert watched(World(tmp_path), ["one", "killed"]) == 3


def test_what_can_never_be_shown_ends_it(tmp_path: Path) -> None:
    def show(_: Workspace) -> int:
        raise BadInput("no such app")

    with pytest.raises(BadInput):
        watch(World(tmp_path).ws, show, 1.0)


def test_it_ends_when_nobody_reads_any_more(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.console.unread = True
    assert watch(world.ws, lambda _: 0, 1.0) == 1
