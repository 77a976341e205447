"""`fly.deploy`, broken at each of its requests and calls: its verdict is true, and the next one ends well.

A cell: seed, deploy while the n-th request of Fly's API fails (or the n-th call of flyctl is cut short, or
killed), and look. Whatever happened, the exit code must be true of the machines, and a deploy of a good
image afterwards must end healthy.
"""

import contextlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from pkg.fly.journal import Journal, last_story
from tests.faults.deploying import DeployWorld
from tests.faults.simulated import APP, Killed, is_cut, is_killed

pytestmark = pytest.mark.thorough

# More than each of them makes: the last cells are runs in which nothing breaks.
REQUESTS = {"new": 44, "sick": 96}
CALLS = {"new": {"change": 1, "json": 8}, "sick": {"change": 3, "json": 12}}


class Cell(NamedTuple):
    """A request that fails while an image is deployed."""

    tag: str
    number: int
    status: int
    after: bool

    def __str__(self) -> str:
        when = "after" if self.after else "before"
        return f"{self.tag}: {self.status} {when} request {self.number + 1}"


def cells() -> Iterator[Cell]:
    for tag, requests in REQUESTS.items():
        for number in range(requests):
            yield Cell(tag, number, 500, after=False)
            yield Cell(tag, number, 500, after=True)
            if tag == "new":
                yield Cell(tag, number, 401, after=False)


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deploy") / "seed"
    folder.mkdir()
    DeployWorld(folder).close()
    return folder


@pytest.fixture
def world(seed: Path, tmp_path: Path) -> Iterator[DeployWorld]:
    made = DeployWorld(tmp_path, like=seed)
    yield made
    made.close()


def true(code: int, running: set[str], *, tag: str) -> bool:
    """Whether an exit code is true of what runs."""
    if code == 0:
        return running == {"new"}
    if code in {1, 3}:  # nothing was changed
        return running == {"first"}
    if code == 4:  # it was undone, for a good image only when flyctl failed again and again
        return running == {"first"} and tag != "new"
    return code == 5 and tag != "new" and running != {"first"}


def finish(world: DeployWorld) -> None:
    """Deploy a good image on a Fly that works: it must end healthy, whatever was before."""
    assert world.deploy("new") == 0, world.console.stderr
    assert world.running() == {"new"}


@pytest.mark.parametrize("cell", list(cells()), ids=str)
def test_a_request_that_fails_leaves_a_true_verdict_and_no_trap(cell: Cell, world: DeployWorld) -> None:
    world.platform.fail_at(cell.number, cell.status, after=cell.after)
    code = world.deploy(cell.tag)
    world.platform.fail_at(-1)
    assert "Traceback" not in world.console.stderr
    assert true(code, world.running(), tag=cell.tag), (code, world.running(), world.console.stderr)
    if code:
        assert world.console.stderr or world.console.stdout
    finish(world)


@pytest.mark.parametrize("tag", ["new", "dies"])
@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("DELETE .*/lease", 429),
        ("POST .*/lease", 429),
        ("POST .*/start", 500),
        ("POST .*/restart", 500),
        ("GET .*/wait", 401),
        ("POST .*/machines/[^/]+$", 500),
    ],
)
def test_a_request_that_fails_for_good_leaves_a_true_verdict(
    world: DeployWorld, tag: str, request_: str, status: int
) -> None:
    world.platform.control({"fail": {request_: {"status": status, "times": 500}}})
    code = world.deploy(tag)
    world.platform.control({"fail": {}})
    running = world.running()
    story = last_story(Journal.of(world.workspace()).read(), APP)
    assert true(code, running, tag=tag) or (tag == "new" and code == 4 and running == {"first"}), (
        code,
        running,
        world.console.stderr,
    )
    assert story is not None
    assert story.verdict is None or story.verdict.blameless == (tag == "new" and code in {4, 5})
    finish(world)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("tag", "kind", "number"),
    [(tag, kind, number) for tag in CALLS for kind, count in CALLS[tag].items() for number in range(count)],
)
def test_a_deploy_that_is_killed_is_finished_by_the_next(
    world: DeployWorld, tag: str, kind: str, number: int, when: str
) -> None:
    ended: list[int] = []
    how = partial(is_killed, after=when == "after")
    with contextlib.suppress(Killed), world.strike(kind, number, how):
        ended.append(world.deploy(tag))
    assert not ended or true(ended[0], world.running(), tag=tag)
    finish(world)


@pytest.mark.parametrize(
    ("tag", "number"), [(tag, number) for tag in CALLS for number in range(CALLS[tag]["json"])]
)
def test_half_an_answer_is_never_taken_for_a_whole_one(world: DeployWorld, tag: str, number: int) -> None:
    with world.strike("json", number, is_cut):
        code = world.deploy(tag)
    assert "Traceback" not in world.console.stderr
    assert true(code, world.running(), tag=tag), (code, world.running(), world.console.stderr)
    finish(world)


def test_an_unbroken_deploy_makes_fewer_requests_than_there_are_cells(seed: Path, tmp_path: Path) -> None:
    for tag, most in REQUESTS.items():
        (tmp_path / tag).mkdir()
        world = DeployWorld(tmp_path / tag, like=seed)
        world.platform.fail_at(-1)
        world.deploy(tag)
        assert most / 2 < world.platform.asked < most
        world.close()
