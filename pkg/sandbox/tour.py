"""The tour: a day's work on the simulated Fly, each step a command that a person could type."""

import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from pkg.sandbox.tour_steps import STEPS, Step
from pkg.shell.errors import Failure
from pkg.shell.workspace import Workspace

# The simulation is quicker than Fly: it is looked at more often, unless FLY_TICK says how often.
TICK = "0.5"  # seconds
# The file below .fly that says that it was taken, for the checklist.
PASSED = "tour-passed"


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
    env = {"FLY_SANDBOX": str(folder), "FLY_TICK": ws.environment.get("FLY_TICK") or TICK}
    for number, step in enumerate(steps, start=1):
        ws.console.say(f"\n[{number}/{len(steps)}] {step.title}\n$ {step.shown}")
        value = secrets.token_hex(16) if step.secret else None
        result = ws.runner.capture((inv, *step.argv), stdin=value, env=env, timeout=60)
        # Words first: what a command did leads to its answer.
        for write, text in ((ws.console.say, result.stderr), (ws.console.out, result.stdout)):
            if text.strip():
                write(text.rstrip())
        if result.code:
            ws.console.say(f"(exit {result.code}{': as it should' if result.code == step.code else ''})")
        check(step, result.code, result.stdout + result.stderr, value)
    seconds = ws.clock.monotonic() - began
    (ws.root / ".fly").mkdir(exist_ok=True)
    (ws.root / ".fly" / PASSED).touch()
    ws.console.say(
        f"\nThe tour is done: {len(steps)} steps in {seconds:.0f} s, each as it should be. "
        "Nothing left this machine.\nNext: `inv sandbox fly.deploy`, or `inv onboard` for the real Fly."
    )


def check(step: Step, code: int, output: str, value: str | None = None) -> None:
    """Hold a step to what it promises.

    Args:
        step: the step that ran.
        code: the exit code that it ended with.
        output: what it printed on both streams.
        value: the secret that it read from stdin.

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
    elif value and value in output:
        wrong = "showed the secret that it read"
    if wrong:
        fix = "its simulation is kept: set FLY_SANDBOX=.fly/tour and run the command again to look at it"
        raise Failure(f"the tour stopped: {step.title!r} {wrong}", command=command, fix=fix)
