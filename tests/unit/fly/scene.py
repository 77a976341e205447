"""A deploy of an app with two machines, as it would be run, and what Fly and flyctl answer meanwhile."""

from pathlib import Path
from typing import Any

from pkg.fly import argv, plan
from pkg.fly.deploy import Deployment
from pkg.fly.image import parse
from pkg.fly.journal import last_story
from pkg.fly.order import Order, Replication, present_manifest
from pkg.fly.verdict import Outcome
from pkg.fly.waiting import Pace
from tests.unit.fly import shapes
from tests.unit.fly.world import APP, V1, V2, World

PACE = Pace(tick=1, deadline=60, doubt=6)
DEPLOY = argv.deploy(APP, "fly.toml", V2, wait_timeout=60)
AGAIN = argv.once_more(DEPLOY)
BACK = argv.rollback(APP, "fly.toml", V1, wait_timeout=60)
SEARCH = ("git", "log", "--format=%H", f"-S{shapes.DIGEST['v1']}", "--", "core/image.toml")
m = shapes.machine


class Scene:
    """An app with two machines on v1, and a deploy of v2."""

    def __init__(
        self,
        folder: Path,
        machines: list[dict[str, Any]] | None = None,
        later: dict[str, Any] | None = None,
    ) -> None:
        self.world = World(folder)
        self.before = [m("m1"), m("m2")] if machines is None else machines
        self.world.fly(self.before, releases=None if self.before else [], later=later)
        self.world.runner.answer(*SEARCH, times=None)

    def flyctl(self, code: int = 0, **more: Any) -> None:
        self.world.runner.answer(*DEPLOY, code=code, **more)

    def once_more(self, code: int = 0, **more: Any) -> None:
        self.world.runner.answer(*AGAIN, code=code, **more)

    def rollback(self, code: int = 0, **more: Any) -> None:
        self.world.runner.answer(*BACK, code=code, **more)

    def sees(self, *machines: dict[str, Any], times: int | None = 1) -> None:
        self.world.sees(*machines, times=times)

    def restarts(self, *ids: str, code: int = 0) -> None:
        self.world.runner.answer(*argv.machine_restart(APP, list(ids)), code=code)

    def run(
        self, *, image: str = "", roll_back: bool = True, replication: Replication | None = None
    ) -> Outcome:
        world = self.world
        made = plan.make(world.ws, world.flyctl, world.manifest, app=APP, image=image, forced={})
        order = Order(
            task="fly.deploy",
            image=parse(V2),
            command=DEPLOY,
            manifest=present_manifest(world.ws, world.manifest),
            pace=PACE,
            roll_back=roll_back,
        )
        outcome = Deployment(world.ws, world.flyctl, made.facts, order, replication=replication).run()
        world.runner.assert_all_used()
        story = last_story(world.journal, APP)
        assert story is not None
        assert story.verdict is not None
        assert story.verdict.verdict == outcome.verdict
        return outcome


def good(name: str, **more: Any) -> dict[str, Any]:
    return m(name, tag="v2", release=2, **more)


def bad(name: str, **more: Any) -> dict[str, Any]:
    return m(name, tag="v2", release=2, checks=["critical"], **more)


def back(name: str) -> dict[str, Any]:
    return m(name, tag="v1", release=3)
