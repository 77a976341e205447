"""Where metrics come from: Fly's server, asked with flyctl's token; in the sandbox, the simulation."""

import contextlib
from collections.abc import Iterator

from pkg.fly.client import Flyctl
from pkg.fly.connect import TOKENS
from pkg.fly.metrics.failures import Away, NoToken
from pkg.fly.metrics.prometheus import BASE_VARIABLE, FLY, authorization, checked_base
from pkg.fly.token_parts import parts
from pkg.shell.errors import CommandFailed
from pkg.shell.workspace import Workspace

SIMULATION = ("flysim", "serve", "--port", "0")


@contextlib.contextmanager
def base(ws: Workspace) -> Iterator[str]:
    """Have a server to ask: its URL without an end slash. The simulation's ends with the block.

    Raises:
        BadInput: FLY_METRICS_BASE_URL is no URL that may be used.
        Away: the simulation does not serve.
    """
    if not ws.sandbox:
        yield checked_base(ws.environment.get(BASE_VARIABLE) or FLY)
        return
    with ws.runner.background(SIMULATION) as lines:
        beginning = f"export {BASE_VARIABLE}="
        found = next((line for line in lines if line.startswith(beginning)), "")
        if not found:
            raise Away(
                "the simulation does not serve its metrics",
                command=SIMULATION,
                fix="run the command above by hand: it says why",
            )
        yield found.removeprefix(beginning)


def token(ws: Workspace, flyctl: Flyctl) -> str:
    """Return the token that flyctl itself would take; whatever it is sent as is hidden from then on.

    Raises:
        NoToken: there is none, or it cannot be sent.
    """
    found = next((value for name in TOKENS if (value := ws.environment.get(name))), "")
    value = found or _of_login(flyctl)
    for secret in (value, *parts(value), authorization(value)):
        ws.redactor.add(secret)
    return value


def _of_login(flyctl: Flyctl) -> str:
    try:
        return flyctl.auth_token()
    except CommandFailed as failure:
        raise NoToken(
            f"there is no token to ask for metrics with: {failure.what}",
            meaning="they are asked for as flyctl asks, with the same token",
            fix="put FLY_API_TOKEN into .envrc (`inv onboard` shows how), or run `flyctl auth login`",
        ) from failure
