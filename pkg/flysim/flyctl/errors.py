"""How a command ends when it does not succeed: the message on stderr, and the exit code."""

from __future__ import annotations

FAILED = 1
NOT_SIMULATED = 70
REFUSED = 78
DEADLINE = 126
INTERRUPTED = 127


class Failed(Exception):  # noqa: N818 -- what happened, in one word
    """A command that the real flyctl ends with `Error: …`."""

    def __init__(self, message: str, *, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


class ApiFailed(Failed):
    """An answer of the platform that is an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Interrupted(Exception):  # noqa: N818 -- no error: somebody pressed Ctrl-C
    """SIGINT or SIGTERM; recorded: README, exit 127."""


class NotSimulated(Exception):  # noqa: N818 -- no error of flyctl: the simulation stops here
    """Something that flyctl knows and the simulation does not."""
