"""What a check is, and what it finds."""

from collections.abc import Callable
from dataclasses import dataclass

from pkg.shell.workspace import Workspace


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        ok: whether the step is done.
        detail: what was found, in a few words.
        fix: what turns it green, when it is not the check's own; empty otherwise.
        command: whether that fix is a command rather than a sentence.
    """

    ok: bool
    detail: str
    fix: str = ""
    command: bool = True


@dataclass(frozen=True)
class Check:
    """One step of the checklist.

    Attributes:
        name: short, and unique.
        why: what goes wrong without it.
        prove: looks whether it is done; it changes nothing and raises no more than Failure.
        fix: the one command, or sentence, that turns it green.
        needs: the names of the checks that must be green before it can be proven.
        command: whether the fix is a command that `--fix` can run.
        safe: whether `--fix` runs it without asking: it changes this checkout's own folders only.
        simulated: whether the sandbox plays it, since it needs an account or this machine's own set-up.
    """

    name: str
    why: str
    prove: Callable[[Workspace], Finding]
    fix: str
    needs: tuple[str, ...] = ()
    command: bool = True
    safe: bool = False
    simulated: bool = False
