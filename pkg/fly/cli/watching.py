"""Showing something again and again, in place on a terminal, until Ctrl-C."""

import dataclasses
from collections.abc import Callable
from io import StringIO

from pkg.shell.console import Console
from pkg.shell.errors import Failure, Interrupted
from pkg.shell.workspace import Workspace

# Home the cursor and clear what is below it: the screen is written anew without a flicker.
AGAIN = "\x1b[H\x1b[J"


def watch(
    ws: Workspace,
    show: Callable[[Workspace], int],
    seconds: float,
    *,
    bearable: tuple[type[Failure], ...] = (),
) -> int:
    """Show once a tick until Ctrl-C; without a terminal, only when what it shows has changed.

    Args:
        ws: where to run.
        show: shows it with the workspace that it gets, and returns its exit code.
        seconds: between two looks.
        bearable: further failures that may have passed at the next look.

    Returns:
        The last exit code.

    Raises:
        Failure: it cannot be looked at, now nor later.
    """
    from pkg.fly.answers import Passing
    from pkg.shell.errors import TimedOut

    passing: tuple[type[Failure], ...] = (Passing, TimedOut, *bearable)
    code, before = 1, ""
    try:
        while not ws.console.unread:
            text = StringIO()
            try:
                code = show(dataclasses.replace(ws, console=_into(ws, text)))
            except passing as failure:
                text.write(f"{failure.what}; still watching\n")
            before = _draw(ws, text.getvalue(), before)
            ws.clock.sleep(seconds)
    except (KeyboardInterrupt, Interrupted):
        ws.console.say("stopped watching")
    return code


def _draw(ws: Workspace, text: str, before: str) -> str:
    when = f"{ws.clock.now():%H:%M:%S} UTC"
    if ws.console.terminal:
        ws.console.reveal(f"{AGAIN}{text}{when}, Ctrl-C ends it")
    elif text != before:
        ws.console.out(f"{when}\n{text.rstrip()}")
    return text


def _into(ws: Workspace, text: StringIO) -> Console:
    """Return a console that writes into a text."""
    return Console(ws.redactor, stdin=StringIO(), stdout=text, stderr=text, colour=False, sandbox=ws.sandbox)
