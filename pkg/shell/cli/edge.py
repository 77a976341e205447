"""A task ends in words and an exit code, in no traceback for what a user can cause."""

import contextlib
import functools
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, overload

import invoke
from invoke.parser import Argument

from pkg.shell.cli.arguments import Operands, count_operands, options
from pkg.shell.console import Console
from pkg.shell.environment import process_console, sandbox_folder
from pkg.shell.errors import Failure
from pkg.shell.signals import signals_end_work
from pkg.shell.workspace import Workspace, open_workspace


class Task(invoke.Task):  # type: ignore[type-arg]  # Invoke's parameter is the type of the body, which varies
    """A task of Invoke whose failures are told as text, with their exit code.

    It runs from the repo's root. The body itself is left as it is: Invoke reads the options from its
    signature, and takes two tasks of one name and one code for the same.

    Args:
        args: as for Invoke's own.
        passes_on: whether the task does something with the words after `--`; others refuse them.
        kwargs: as for Invoke's own.
    """

    def __init__(self, *args: Any, passes_on: bool = False, **kwargs: Any) -> None:  # noqa: ANN401 - Invoke's
        self.passes_on = passes_on
        super().__init__(*args, **kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as Invoke's own
        """Run the body.

        Raises:
            invoke.Exit: with the exit code of what went wrong.
        """
        try:
            with signals_end_work(), contextlib.chdir(root()):
                return super().__call__(*args, **kwargs)
        except Failure as failure:
            _console(args[0]).say(f"error: {failure}")
            raise invoke.Exit(code=failure.exit_code) from None
        except KeyboardInterrupt:
            _console(args[0]).say("error: interrupted")
            raise invoke.Exit(code=130) from None

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """Return the arguments; their help texts stay for the next who asks, as Invoke's own do not."""
        texts = dict(self.help)
        found = options(super().get_arguments(ignore_unknown_help))
        self.help = texts
        return found


@overload
def task(body: Callable[..., Any], /) -> Task: ...
@overload
def task(*, many: str = "", **options: Any) -> Callable[[Callable[..., Any]], Task]: ...  # noqa: ANN401 - Invoke's
def task(*args: Any, many: str = "", **options: Any) -> Any:
    """Make a function a task, with the arguments of `invoke.task`; its first line is `inv --list`'s.

    Args:
        args: the function, when there are no options.
        many: the parameter that takes any number of operands, none included.
        options: as for `invoke.task`.
    """
    klass = functools.partial(_TaskOfMany, many=many) if many else Task
    return invoke.task(*args, klass=klass, **options)


class _TaskOfMany(Task):
    """A task that takes any number of operands: the words after its name, up to an option."""

    def __init__(self, *args: Any, many: str, **kwargs: Any) -> None:  # noqa: ANN401 - as Invoke's own
        self._many = many
        super().__init__(*args, **kwargs)

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """Return the arguments; Invoke asks for them before it reads the words, so argv is looked at here."""
        count = count_operands(sys.argv, self.name.replace("_", "-"))
        found = super().get_arguments(ignore_unknown_help)
        return [Operands(one, count) if one.name == self._many else one for one in found]


def workspace(c: invoke.Context) -> Workspace:
    """Return the workspace of a task; tasks that call each other share it."""
    known = c.__dict__.get("_workspace")
    if isinstance(known, Workspace) and known.environment.sandbox == sandbox_folder():
        return known
    opened = open_workspace(root(), dry=c.config.run.dry, echo=c.config.run.echo, argv=sys.argv)
    object.__setattr__(c, "_workspace", opened)
    # A bug's traceback may quote a secret.
    sys.excepthook = functools.partial(_show_bug, opened.console)
    return opened


def end(code: int) -> None:
    """End the task with an exit code, when it is not 0; what there is to say has been said.

    Raises:
        invoke.Exit: the code is not 0.
    """
    if code:
        raise invoke.Exit(code=code)


def root() -> Path:
    """Return the folder of the tasks.py that Invoke has loaded."""
    loaded = getattr(sys.modules.get("tasks"), "__file__", None)
    return Path(loaded).resolve().parent if loaded else Path(__file__).resolve().parents[3]


def _console(c: invoke.Context) -> Console:
    known = c.__dict__.get("_workspace")
    return known.console if isinstance(known, Workspace) else process_console()


def _show_bug(
    console: Console, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    console.say("".join(traceback.format_exception(kind, error, trace)).rstrip())
