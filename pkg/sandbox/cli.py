"""`inv sandbox …`: the tasks after it run on the simulated Fly."""

import sys
from collections.abc import Sequence

from invoke import Collection, Context

from pkg.shell.cli import end, root, task, workspace
from pkg.shell.environment import enter_sandbox, sandbox_folder
from pkg.shell.workspace import Workspace


def enter(c: Context) -> Workspace:
    """Switch to the simulation, seeded, for the rest of this process: the one in use, else `.fly/sandbox`."""
    from pkg.sandbox import seed

    enter_sandbox(sandbox_folder() or root() / ".fly" / "sandbox")
    ws = workspace(c)
    seed.ensure(ws)
    return ws


@task(default=True, name="sandbox")
def sandbox(c: Context) -> None:
    """Run the tasks after it on the simulated Fly: nothing real is touched."""
    ws = enter(c)
    ws.console.say(f"sandbox: Fly is simulated from here on, in {_shown(ws)}; nothing real is touched")
    if nothing_follows(sys.argv):
        ws.console.say(
            "sandbox: nothing follows, so nothing was run; type the task after it, as in "
            "`inv sandbox fly.status`: the word counts for one command line"
        )


def nothing_follows(argv: Sequence[str]) -> bool:
    """Return whether the sandbox is entered and left again: its name is the last word of the command line."""
    words = [word for word in argv[1:] if not word.startswith("-")]
    return words[-1:] in (["sandbox"], ["sandbox.sandbox"])


@task
def reset(c: Context) -> None:
    """Throw the simulated Fly away and make it anew."""
    from pkg.sandbox import seed

    enter_sandbox(sandbox_folder() or root() / ".fly" / "sandbox")
    ws = workspace(c)
    if ws.dry:
        ws.console.out(f"would make {_shown(ws)} anew")
        return
    seed.renew(ws)
    ws.console.say(f"sandbox: made anew in {_shown(ws)}")


@task(
    help={
        "ref": "an image, as `repo:tag`",
        "behaviour": "healthy (as one that was never named here), unhealthy, crashes, slow, stuck, missing, "
        "or errs: healthy by its checks only",
        "publish": "record it as what ko last published, so that fly.deploy takes it",
    }
)
def image(c: Context, ref: str, behaviour: str = "healthy", publish: bool = True) -> None:
    """Say how an image behaves on the simulated Fly, and publish it there."""
    from pkg.sandbox import images

    pinned = images.pinned(ref, behaviour)
    ws = enter(c)
    if ws.dry:
        ws.console.out(f"would let {pinned} be {behaviour}{', and publish it' if publish else ''}")
        return
    images.behave(ws, pinned, behaviour, publish=publish)
    also = ", and is what was last published" if publish else ""
    ws.console.say(f"sandbox: {pinned} behaves so: {behaviour}{also}")


@task(
    help={
        "pattern": "a regular expression on `METHOD /path`, as `GET /v1/apps/infra/machines$`",
        "status": "the HTTP status to answer with",
        "times": "for how many matching calls; 0 takes the fault away",
        "after": "let the call have its effect first",
    }
)
def fault(c: Context, pattern: str, status: int = 503, times: int = 1, after: bool = False) -> None:
    """Let calls of the simulated Fly's API fail."""
    from pkg.sandbox import faults

    laid = faults.fault(pattern, status=status, times=times, after=after)
    ws = enter(c)
    if ws.dry:
        ws.console.out(f"would let the next {times} calls of {pattern} answer {status}")
        return
    faults.inject(ws, pattern, laid)
    ws.console.say(
        f"sandbox: the next {times} calls of {pattern} answer {status}" if times else "sandbox: no faults"
    )


@task(name="tour")
def take_tour(c: Context) -> None:
    """See a day's work on the simulated Fly, in under a minute."""
    from pkg.sandbox import seed, tour

    folder = root() / ".fly" / "tour"
    enter_sandbox(folder)
    ws = workspace(c)
    with seed.only_one(folder):
        seed.renew(ws)
        tour.take(ws, folder)


@task(help={"port": "on loopback; 0 takes a free one"})
def serve(c: Context, port: int = 0) -> None:
    """Serve the simulated Fly's API, for the real flyctl to talk to."""
    ws = enter(c)
    end(ws.runner.stream(["flysim", "serve", "--port", str(port)]).code)


def collection() -> Collection:
    """Return the collection `sandbox`, whose default enters the simulation."""
    found = Collection("sandbox")
    for each in (sandbox, reset, image, fault, take_tour, serve):
        found.add_task(each)
    return found


def _shown(ws: Workspace) -> str:
    """The state folder for people: relative where it is in the repo."""
    return str(ws.state.relative_to(ws.root) if ws.state.is_relative_to(ws.root) else ws.state)
