"""Breaking the simulated Fly on purpose."""

import re
from typing import TypedDict

from pkg.sandbox.seed import control
from pkg.shell.errors import BadInput
from pkg.shell.workspace import Workspace


class Fault(TypedDict):
    """How calls fail, as `flysim control` takes it."""

    status: int
    times: int
    when: str


def fault(pattern: str, *, status: int, times: int, after: bool) -> Fault:
    """Return a fault of the calls that match a pattern.

    Args:
        pattern: a regular expression, searched in `METHOD /path`.
        status: the HTTP status, 400 to 599.
        times: how many calls; 0 takes the fault away.
        after: whether the call has its effect before it fails.

    Raises:
        BadInput: the pattern, the status or the count is not one.
    """
    try:
        re.compile(pattern)
    except re.error as error:
        raise BadInput(
            f"{pattern!r} is no regular expression: {error}", fix="quote it: 'GET /v1/apps/infra/machines$'"
        ) from error
    if not 400 <= status <= 599 or times < 0:
        raise BadInput("a fault needs an HTTP status of 400 to 599, and 0 or more times")
    return {"status": status, "times": times, "when": "after" if after else "before"}


def inject(ws: Workspace, pattern: str, fault: Fault) -> None:
    """Let the next calls that match a pattern fail so; a fault that was laid before goes."""
    control(ws, {"fail": {pattern: fault}})
