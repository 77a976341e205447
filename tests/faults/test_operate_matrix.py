"""Every task that changes something, broken in every way at each of its calls: run again, all is well.

A cell of the matrix: seed, run the task while its n-th call breaks, and unless it ended with 0, having found
out by itself that the deed was done, run it again unbroken. That must end with 0, and Fly must be exactly
as after one that was not broken: nothing doubled, nothing lost.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pkg.fly.cli import certs_work, machine_making, machine_verbs, secrets, tokens, volumes
from pkg.fly.tokens import rows
from pkg.shell.runner import Result
from tests.faults.simulated import (
    APP,
    Killed,
    World,
    is_cut,
    is_interrupted,
    is_killed,
    times_out,
)

pytestmark = pytest.mark.thorough

Act = Callable[[], Result]
How = Callable[[World, Act], Result]

# The requests that have the effect: a lease that is taken for it has none.
EFFECT = r"^(POST|PUT|DELETE|PATCH) /v1/apps/(?!.*(/lease|/check)$)|mutation "


class Task(NamedTuple):
    """A task that changes something.

    Attributes:
        name: as `inv` has it.
        run: runs it.
        prepare: changes the simulated Fly beforehand.
        changes: how many calls of flyctl change something.
    """

    name: str
    run: Callable[[World], int]
    changes: int = 1
    prepare: Callable[[World], object] = lambda world: None
    lease: bool = True


def first(world: World) -> str:
    """The id of the machine that a deploy has made."""
    return str(next(machine["id"] for machine in world.machines() if machine["name"] != "second"))


def a_volume(world: World) -> str:
    machine = next(machine for machine in world.machines() if machine["name"] == "second")
    return str(machine["config"]["mounts"][0]["volume"])


def a_token(world: World) -> str:
    return next(row.id for row in rows(world.fly("tokens", "list", "-a", APP)) if row.name == "one")


def remembered(world: World, choose: Callable[[World], str]) -> str:
    """An id that the first run was given, for the second run as well: what it names may be gone by then."""
    note = world.root / "given"
    if not note.exists():
        note.write_text(choose(world))
    return note.read_text()


TASKS = (
    Task(
        "fly.machines.start",
        lambda world: world.run(machine_verbs.start, "all"),
        changes=2,
        prepare=lambda world: world.fly("machine", "stop", *(m["id"] for m in world.machines()), "-a", APP),
    ),
    Task("fly.machines.stop", lambda world: world.run(machine_verbs.stop, "all"), changes=2),
    Task("fly.machines.suspend", lambda world: world.run(machine_verbs.suspend, first(world))),
    Task("fly.machines.restart", lambda world: world.run(machine_verbs.restart, "all"), changes=2),
    Task(
        "fly.machines.update",
        lambda world: world.run(machine_verbs.update, first(world), metadata=["owner=ops"]),
    ),
    Task(
        "fly.machines.destroy",
        lambda world: world.run(machine_verbs.destroy, remembered(world, first), yes=True),
    ),
    Task(
        "fly.machines.run",
        lambda world: world.run(machine_making.run, "fly.toml"),
        prepare=lambda world: world.fly("volumes", "create", "core_data", "-a", APP, "-r", "syd", "-y"),
    ),
    Task("fly.machines.clone", lambda world: world.run(machine_making.clone, "second"), changes=2),
    Task(
        "fly.machines.clone --fork",
        lambda world: world.run(machine_making.clone, "second", fork=True),
        changes=2,
    ),
    Task(
        "fly.secrets.set",
        lambda world: world.run(secrets.set_, "NEW", stdin=["a-new-secret-value"]),
        changes=2,
    ),
    Task(
        "fly.secrets.import",
        lambda world: world.run(secrets.import_, "-", stdin=['A="one#one"', 'B="x\r', 'y"', "OLD=changed"]),
        changes=3,
    ),
    Task("fly.secrets.unset", lambda world: world.run(secrets.unset, "GONE,NEVER_WAS", yes=True), changes=2),
    Task(
        "fly.secrets.deploy",
        lambda world: world.run(secrets.deploy),
        prepare=lambda world: world.fly("secrets", "set", "WAITING=value", "--stage", "-a", APP),
    ),
    Task("fly.secrets.sync", lambda world: world.run(secrets.sync), changes=2),
    Task("fly.certs.add", lambda world: world.run(certs_work.add, "new.example.com"), lease=False),
    Task(
        "fly.certs.remove",
        lambda world: world.run(certs_work.remove, "old.example.com", yes=True),
        lease=False,
    ),
    Task("fly.certs.docs", lambda world: world.run(certs_work.docs), changes=0, lease=False),
    Task(
        "fly.volumes.create",
        lambda world: world.run(volumes.create, "core_data", count=2),
        changes=2,
        lease=False,
    ),
    Task(
        "fly.volumes.extend",
        lambda world: world.run(volumes.extend, remembered(world, a_volume), size=3),
        lease=False,
    ),
    Task(
        "fly.tokens.create-deploy",
        lambda world: world.run(tokens.create_deploy, show=True),
        lease=False,
    ),
    Task(
        "fly.tokens.revoke",
        lambda world: world.run(tokens.revoke, remembered(world, a_token), yes=True),
        prepare=lambda world: world.fly("tokens", "create", "deploy", "-a", APP, "-n", "one"),
        lease=False,
    ),
)


def api(status: int, *, after: bool = False) -> How:
    """The API fails once, before or after the effect."""

    def how(world: World, act: Act) -> Result:
        rule = {"status": status, "times": 1, "when": "after" if after else "before"}
        world.platform.control({"fail": {EFFECT: rule}})
        try:
            return act()
        finally:
            # Another of the task's threads may have met it: what counts is that it was met.
            world.struck = not world.platform.settings.get("fail")
            world.platform.control({"fail": {}})

    return how


def lease_of_another(world: World, act: Act) -> Result:
    """Somebody else holds every machine for half a minute."""
    for machine in world.machines():
        world.platform.control({"leases": {machine["id"]: {"owner": "somebody@else", "ttl": 30}}})
    return act()


FAULTS: dict[str, How] = {
    "API error before": api(500),
    "API error after": api(500, after=True),
    "429": api(429),
    "timeout before": lambda world, act: times_out(act, after=False),
    "timeout after": lambda world, act: times_out(act, after=True),
    "SIGKILL before": lambda world, act: is_killed(act, after=False),
    "SIGKILL after": lambda world, act: is_killed(act, after=True),
    "Ctrl-C before": lambda world, act: is_interrupted(act, after=False),
    "Ctrl-C after": lambda world, act: is_interrupted(act, after=True),
    "lease held": lease_of_another,
}
# How many answers in JSON are cut short, one after the other; a task asks for more only while it watches.
ANSWERS = 5


class Cell(NamedTuple):
    task: Task
    fault: str
    kind: str
    number: int
    how: How

    def __str__(self) -> str:
        return f"{self.task.name}: {self.fault} at {self.kind} {self.number + 1}"


def cells() -> Iterator[Cell]:
    for task in TASKS:
        for number in range(task.changes):
            for fault, how in FAULTS.items():
                if fault != "lease held" or task.lease:
                    yield Cell(task, fault, "change", number, how)
        for number in range(ANSWERS):
            yield Cell(task, "truncated JSON", "json", number, lambda _, act: is_cut(act))


CELLS = tuple(cells())


@cache
def seed(folder: Path) -> Path:
    """The world that every cell begins with, made once for each worker."""
    World(folder / "seed").close()
    return folder / "seed"


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seed(tmp_path_factory.mktemp("operate"))


@pytest.fixture(scope="session")
def expected(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Task], dict[str, Any]]:
    """What the world is like after one unbroken run of a task."""

    @cache
    def after(task: Task) -> dict[str, Any]:
        world = World(tmp_path_factory.mktemp("expected"), like=seeded)
        task.prepare(world)
        world.runner.seen.clear()
        assert task.run(world) == 0, world.console.stderr
        assert world.runner.seen["change"] == task.changes, world.runner.seen
        facts = world.facts()
        world.close()
        return facts

    return after


def broken_run(world: World, cell: Cell) -> int | None:
    """Run the task while it breaks; its exit code, or None when it was killed."""
    with world.strike(cell.kind, cell.number, lambda act: cell.how(world, act)):
        try:
            return cell.task.run(world)
        except Killed:
            return None


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_running_it_again_converges(
    cell: Cell, seeded: Path, expected: Callable[[Task], dict[str, Any]], tmp_path: Path
) -> None:
    world = World(tmp_path, like=seeded)
    cell.task.prepare(world)
    code = broken_run(world, cell)
    assert "Traceback" not in world.console.stderr
    if code != 0:
        assert cell.task.run(world) == 0, world.console.stderr
    assert world.facts() == expected(cell.task)
    world.close()


def test_the_matrix_is_as_large_as_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    tasks, faults = len(TASKS), len(FAULTS) + 1
    with capsys.disabled():
        sys.stdout.write(f"\nfault matrix: {len(CELLS)} cells, {tasks} tasks, {faults} faults\n")
    assert len(CELLS) == len({str(cell) for cell in CELLS})
    assert len(CELLS) >= 300


def test_every_cell_that_breaks_a_change_breaks_something(seeded: Path, tmp_path: Path) -> None:
    """A matrix whose faults never strike would always pass."""
    struck: Sequence[Cell] = [cell for cell in CELLS if cell.fault == "API error before"]
    for number, cell in enumerate(struck):
        world = World(tmp_path / str(number), like=seeded)
        cell.task.prepare(world)
        broken_run(world, cell)
        assert world.struck, str(cell)
        world.close()
