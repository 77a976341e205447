"""The way from a workspace to a flyctl that may be used: the right one, with its token."""

import math

from pkg.fly.client import Flyctl
from pkg.fly.passthrough import refuse_token
from pkg.fly.pin import pinned
from pkg.shell.environment import REFERENCE
from pkg.shell.errors import BadInput
from pkg.shell.identity import flyctl_identity
from pkg.shell.workspace import Workspace

# Seconds between two looks at the machines, unless FLY_TICK says otherwise.
TICK = 2.0
# flyctl reads the first that is set (recorded).
TOKENS = ("FLY_ACCESS_TOKEN", "FLY_API_TOKEN")


def connect(ws: Workspace) -> Flyctl:
    """Return flyctl, ready to be asked.

    Raises:
        BadInput: there is a token among the arguments for flyctl.
        Failure: flyctl is missing, does not answer, or 1Password gives no token.
        Refused: it is the simulated one outside of the sandbox, or a real one inside.
    """
    refuse_token(ws.passthrough)
    version = flyctl_identity(ws.runner, ws.state, sandbox=ws.sandbox).get("Version", "")
    if version != (pin := pinned(ws.root)):
        ws.console.say(
            f"note: flyctl is {version}, this repo is made for {pin}: its answers may differ; "
            "./dev inv tools.install-flyctl"
        )
    if any(ws.environment.get(name).startswith(REFERENCE) for name in TOKENS):
        ws.environment.resolve(ws.runner)
    return Flyctl(
        ws.runner,
        clock=ws.clock,
        say=ws.console.say,
        version=str(version),
        pause=tick(ws) / 4,
    )


def tick(ws: Workspace) -> float:
    """Return the seconds between two looks at the machines.

    Raises:
        BadInput: FLY_TICK is no number of seconds.
    """
    text = ws.environment.get("FLY_TICK")
    try:
        seconds = float(text) if text else TICK
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < 3600:
        raise BadInput(f"FLY_TICK is {text!r}, which is no number of seconds", fix="unset it, or set it to 2")
    return seconds


def token_kind(ws: Workspace) -> str:
    """Return what kind of token flyctl works with: scoped, personal, unknown, or none.

    `FlyV1 fm2_…` is scoped, `fo1_…` is a person's own (recorded).
    """
    token = next((value for name in TOKENS if (value := ws.environment.get(name))), "")
    if not token:
        return "none"
    if token.startswith("FlyV1 ") or "fm2_" in token:
        return "scoped"
    return "personal" if token.startswith("fo1_") else "unknown"
