"""The tour: a day's work on the simulated Fly, each step a command that a person could type."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pkg.shell.errors import Failure
from pkg.shell.workspace import Workspace

GOOD = "registry.fly.io/infra:tour-good"
BAD = "registry.fly.io/infra:tour-bad"


@dataclass(frozen=True)
class Step:
    """One command of the tour.

    Attributes:
        title: what the step shows, in a few words.
        argv: what follows `inv`.
        code: the exit code that it must end with.
        shows: texts that its output must hold; they are looked for in stdout and stderr.
    """

    title: str
    argv: tuple[str, ...]
    code: int = 0
    shows: tuple[str, ...] = ()


STEPS: tuple[Step, ...] = (
    Step("Who is this, and on which Fly?", ("sandbox", "fly.whoami"), shows=("simulated",)),
    Step("Is the default app healthy?", ("sandbox", "fly.status"), shows=("infra", "healthy")),
    Step("Is everything in this repo healthy?", ("sandbox", "fly.status", "--all"), shows=("infra-core",)),
    Step("What runs where?", ("sandbox", "fly.machines"), shows=("started",)),
    Step("What does it say?", ("sandbox", "fly.logs", "--", "--no-tail"), shows=("listening",)),
    Step("Is the published image there?", ("sandbox", "fly.deploy", "--", "--build-only")),
    Step("Publish a good image", ("sandbox.image", GOOD, "--behaviour", "healthy"), shows=(GOOD,)),
    Step("What would a deploy do?", ("sandbox", "fly.plan"), shows=(GOOD,)),
    Step("Deploy it", ("sandbox", "fly.deploy", "--yes"), shows=("healthy",)),
    Step(
        "Publish one that never gets healthy",
        ("sandbox.image", BAD, "--behaviour", "unhealthy"),
        shows=(BAD,),
    ),
    Step(
        "Deploy that: it is undone by itself, and the undoing is verified",
        ("sandbox", "fly.deploy", "--yes", "--wait-timeout", "3"),
        code=4,
        shows=("rolled-back",),
    ),
    Step("The good image runs again", ("sandbox", "fly.status"), shows=("tour-good", "healthy")),
    Step("What can be gone back to?", ("sandbox", "fly.releases"), shows=("v1", "failed")),
    Step(
        "Go back to the first release by hand",
        ("sandbox", "fly.releases.revert", "v1", "--yes"),
        shows=("healthy",),
    ),
    Step("How are the certificates?", ("sandbox", "fly.certs"), shows=("infra.example.com",)),
    Step("What happened here today?", ("sandbox", "history"), shows=("rolled-back", "healthy")),
)


def take(ws: Workspace, folder: Path, steps: Sequence[Step] = STEPS) -> None:
    """Run the steps in order on a simulation of their own, and stop at the first that went wrong.

    Args:
        ws: where to run; its console shows each command and what it printed.
        folder: the state of the tour's own simulation, made anew by the caller.
        steps: what to run.

    Raises:
        Failure: a step ended with another code, or did not show what it should; the step
            and the command are named.
    """
    began = ws.clock.monotonic()
    inv = str(Path(sys.executable).with_name("inv"))
    for number, step in enumerate(steps, start=1):
        shown = " ".join(("inv", *step.argv))
        ws.console.say(f"\n[{number}/{len(steps)}] {step.title}\n$ {shown}")
        result = ws.runner.capture((inv, *step.argv), env={"FLY_SANDBOX": str(folder)}, timeout=60)
        # Words first: what a command did leads to its answer.
        for write, text in ((ws.console.say, result.stderr), (ws.console.out, result.stdout)):
            if text.strip():
                write(text.rstrip())
        if result.code:
            ws.console.say(f"(exit {result.code}{': as it should' if result.code == step.code else ''})")
        check(step, result.code, result.stdout + result.stderr)
    seconds = ws.clock.monotonic() - began
    ws.console.say(
        f"\nThe tour is done: {len(steps)} steps in {seconds:.0f} s, each as it should be. "
        "Nothing left this machine.\nNext: `inv sandbox fly.deploy`, or `inv onboard` for the real Fly."
    )


def check(step: Step, code: int, output: str) -> None:
    """Hold a step to what it promises.

    Args:
        step: the step that ran.
        code: the exit code that it ended with.
        output: what it printed on both streams.

    Raises:
        Failure: it did not keep the promise.
    """
    command = ("inv", *step.argv)
    missing = [text for text in step.shows if text not in output]
    wrong = ""
    if code != step.code:
        wrong = f"ended with {code}, not {step.code}"
    elif missing:
        wrong = f"did not show {', '.join(missing)}"
    if wrong:
        fix = "its simulation is kept: set FLY_SANDBOX=.fly/tour and run the command again to look at it"
        raise Failure(f"the tour stopped: {step.title!r} {wrong}", command=command, fix=fix)
