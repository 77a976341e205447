"""What to do about a simulated Fly that cannot be used: make room for it, or make it anew."""

import re

ROOM = "make room on its disk, then run it again; its state is kept"
RESET = "`inv sandbox.reset` makes it anew"
# As SQLite and the system say it.
FULL = r"disk is full|no space left|disk i/o error"


def next_step(said: str) -> str:
    """Return what to do: a state that is only short of room must not be thrown away.

    Args:
        said: what the simulation said went wrong.
    """
    return ROOM if re.search(FULL, said.lower()) else RESET
