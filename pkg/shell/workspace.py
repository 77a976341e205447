"""What a task works with: the repo's root, its environment, and the ways to run, speak and wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pkg.shell.clock import Clock, SystemClock
from pkg.shell.console import Console
from pkg.shell.environment import Environment, load_environment
from pkg.shell.redact import Redactor
from pkg.shell.runner import ProcessRunner, Runner


@dataclass(frozen=True)
class Workspace:
    """All that a task needs from outside; made once for each task.

    Attributes:
        root: the folder of tasks.py.
        environment: the variables, and the 1Password references among them.
        runner: starts programs.
        console: talks to people.
        clock: tells the time.
        redactor: knows the secrets.
        passthrough: what followed `--`, for flyctl, each argument as it was given.
        dry: whether this is a dry run.
        sandbox: whether Fly is simulated.
        state: the folder of the journal and the locks: `.fly`, or the simulation's own; it may not exist yet.
    """

    root: Path
    environment: Environment
    runner: Runner
    console: Console
    clock: Clock
    redactor: Redactor
    passthrough: tuple[str, ...]
    dry: bool
    sandbox: bool
    state: Path

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask before something is changed; a dry run changes nothing, so it asks nothing.

        Args:
            question: what would happen.
            yes: True when the user has already agreed (`--yes`).

        Raises:
            Refused: the answer was no, or nobody is there to ask.
        """
        self.console.confirm(question, yes=yes or self.dry)


def open_workspace(root: Path, *, dry: bool, echo: bool, argv: Sequence[str]) -> Workspace:
    """Return the workspace of this process.

    Args:
        root: the folder of tasks.py.
        dry: print what would change something instead of running it.
        echo: print each command before it runs.
        argv: the program's own arguments; what follows `--` in them is passed through.
    """
    redactor = Redactor()
    clock = SystemClock()
    environment = load_environment(root, redactor=redactor, clock=clock)
    console = environment.console
    runner = ProcessRunner(
        env=environment.child, cwd=root, console=console, redactor=redactor, clock=clock, dry=dry, echo=echo
    )
    return Workspace(
        root=root,
        environment=environment,
        runner=runner,
        console=console,
        clock=clock,
        redactor=redactor,
        passthrough=after_dashes(argv),
        dry=dry,
        sandbox=environment.sandbox is not None,
        state=environment.sandbox or root / ".fly",
    )


def after_dashes(argv: Sequence[str]) -> tuple[str, ...]:
    """Return the arguments after the first `--`, each as it was given (Invoke joins them with spaces)."""
    arguments = list(argv)
    return tuple(arguments[arguments.index("--") + 1 :]) if "--" in arguments else ()
