"""What is measured, one function a line of the design's table."""

import json
import time
from pathlib import Path

from pkg.fly.aim import Stage
from pkg.fly.client import Flyctl
from pkg.fly.waiting import Pace, Watcher
from tests.bench.measure import Figure, interleaved, timed
from tests.bench.place import Place
from tests.fakes import FakeRunner, ManualClock

FLYCTL_START = 0.040  # the real flyctl's `status`, seconds


def status(place: Place, runs: int) -> Figure:
    """`inv fly.status` against a bare `flyctl status` inside a no-op `inv` task."""
    ours, bare = interleaved(
        runs,
        lambda: timed(["inv", "fly.status"], place.inv, place.root),
        lambda: timed(["inv", "bare"], place.bare, place.plain),
    )
    return Figure("inv fly.status / bare flyctl status in inv", ours / bare, 1.15, "x", _ms(ours, bare))


def start(place: Place, runs: int) -> Figure:
    """The simulated flyctl's start against the real one's."""
    (ours,) = interleaved(runs, lambda: timed(["flyctl", "status", "-a", "infra"], place.bare, place.root))
    detail = f"{ours * 1000:.0f} ms, real {FLYCTL_START * 1000:.0f} ms"
    return Figure("simulated flyctl status / real flyctl status", ours / FLYCTL_START, 1.5, "x", detail)


def deploy(place: Place, runs: int) -> Figure:
    """`fly.deploy` against the bare `flyctl deploy` that it runs, three machines, plus one poll."""
    place.call("flyctl", "scale", "count", "3", "-a", "infra", "-y")
    place.control(lag=1, settle=5)
    images = [f"registry.fly.io/infra:bench-{number}" for number in range(2 * runs + 2)]
    for image in images:
        place.call("inv", "sandbox.image", image, "--no-publish")

    def ours() -> float:
        image = images.pop()
        place.call("inv", "sandbox.image", image)
        return timed(["inv", "fly.deploy", "--yes"], place.inv, place.root) - 1.0

    def bare() -> float:
        command = ["flyctl", "deploy", "-a", "infra", "--image", images.pop(), "-y", "--ha=false"]
        return timed(command, place.bare, place.root)

    mine, its = interleaved(runs, ours, bare)
    return Figure("inv fly.deploy less one poll / bare flyctl deploy", mine / its, 1.10, "x", _ms(mine, its))


def fleet(place: Place, runs: int) -> Figure:
    """`fly.status --all` over 50 more manifests against one `fly.status` after the other."""
    folders = place.fleet(50)

    def in_turn() -> float:
        return sum(
            timed(["inv", "fly.status", "-c", str(folder)], place.inv, place.root) for folder in folders
        )

    every, turn = interleaved(
        runs, lambda: timed(["inv", "fly.status", "--all"], place.inv, place.root), in_turn
    )
    return Figure("inv fly.status --all / in turn, 50 apps", every / turn, 1 / 3, "x", _ms(every, turn))


def watching(place: Place, runs: int) -> list[Figure]:
    """One look at 1,000 machines: flyctl calls, and our own CPU."""
    command = ("flyctl", "machine", "list", "--app", "infra", "--json")
    one = json.loads(_capture(place, *command))[0]
    machines = [one | {"id": f"{number:014x}", "name": f"m{number}"} for number in range(1000)]
    clock = ManualClock()
    ticks = 20 * runs
    runner = FakeRunner().answer(*command, json=machines, times=None)
    flyctl = Flyctl(runner, clock=clock, say=print, version="0.4.87", pause=1)
    watcher = Watcher(flyctl, "infra", clock=clock, say=print, since={})
    began = time.process_time()
    watcher.watch(lambda _: Stage.WAITING, Pace(1.0, ticks - 1.0, ticks), lambda _: None)
    seconds = (time.process_time() - began) / len(runner.calls)
    calls = len(runner.calls) / ticks
    return [
        Figure(
            "flyctl calls a tick, 1,000 machines", calls, 1, "calls", f"{len(runner.calls)} in {ticks} ticks"
        ),
        Figure("own CPU a tick, 1,000 machines", seconds * 1000, 100, "ms", f"mean of {len(runner.calls)}"),
    ]


def _capture(place: Place, *argv: str) -> str:
    import subprocess

    done = subprocess.run(argv, cwd=place.root, env=place.bare, check=True, capture_output=True, text=True)
    return done.stdout


def _ms(one: float, other: float) -> str:
    return f"{one * 1000:.0f} ms / {other * 1000:.0f} ms"


def everything(folder: Path, runs: int) -> list[Figure]:
    """Every figure, in the order of the design's table."""
    place = Place(folder)
    figures = [status(place, 3 * runs), start(place, 5 * runs), *watching(place, runs)]
    figures.append(deploy(place, max(runs - 1, 1)))
    figures.append(fleet(place, max(runs - 2, 1)))
    return figures
