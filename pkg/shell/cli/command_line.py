"""What was typed, looked at before Invoke reads it: there it would end with 1, a traceback, or in silence."""

import ast
import difflib
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn

import invoke
from invoke.exceptions import ParseError
from invoke.parser import Parser, ParserContext

from pkg.shell.cli import helping
from pkg.shell.commands import masked
from pkg.shell.environment import SANDBOX_VARIABLE, process_console, sandbox_folder
from pkg.shell.errors import BadInput, Failure
from pkg.shell.signals import end_with_reader
from pkg.shell.workspace import after_dashes

# The flags of `inv` that need to see every task.
EVERYTHING = frozenset({"-l", "--list", "-h", "--help", "--complete", "--print-completion-script"})
HELP = frozenset({"-h", "--help"})
# Options of `inv` itself that may follow a task. Others would go to Invoke: `-c` is its collection.
AFTER_A_TASK = frozenset({"dry", "echo", "help"})
SANDBOX = "sandbox"
# How Invoke's parser says it: `No idea what 'x' is!`, `Flag --x needed value and was not given one!`.
_UNKNOWN = "No idea what "
_VALUELESS = " needed value and was not given one"


def named(argv: Sequence[str]) -> Callable[[str], bool]:
    """Return a test of whether a command line may mean a group of tasks.

    Invoke handles every task that it is given three times over, which costs half a millisecond each: so it is
    given those that can be meant. A command line that names none, or asks for a list, for help or for a
    completion, may mean all.

    Args:
        argv: the program's own arguments.
    """
    given = list(argv[1:])
    words = given[: given.index("--")] if "--" in given else given
    tasks = [word for word in words if not word.startswith("-")]
    if not tasks or not EVERYTHING.isdisjoint(words):
        return lambda _: True
    return lambda group: any(word == group or word.startswith(f"{group}.") for word in tasks)


def checked(tasks: invoke.Collection, every: Callable[[], invoke.Collection]) -> invoke.Collection:
    """Return the tasks, once what was typed is seen to fit them; help that is asked for is shown here.

    Under anything else than `inv` nothing was typed.

    Args:
        tasks: those that the command line may mean.
        every: returns all of them.

    Raises:
        invoke.Exit: help was shown, or what was typed makes no sense, which has been told.
    """
    program = getattr(sys.modules.get("invoke.main"), "program", None)
    if program is None or not hasattr(program, "core") or program.args.complete.value:
        return tasks
    if program.args.list.value:  # which Invoke prints by itself
        end_with_reader()
    words = program.core.unparsed
    line = CommandLine(words, after_dashes(program.argv), tasks, every)
    try:
        _check_settings(str(program.args.config.value or ""), words)
        if isinstance(program.args.list.value, str):
            line.require_group(program.args.list.value)
        elif asked := line.help_of(program.args.help.value):
            _help(program, tasks, asked)
        elif not program.args.list.value:
            line.check(program.initial_context)
    except Failure as failure:
        sandbox = any(word.partition(".")[0] == SANDBOX for word in words)
        process_console(sandbox=sandbox).say(f"error: {failure}")
        raise invoke.Exit(code=failure.exit_code) from None
    if words and (state := sandbox_folder()) and words[0].partition(".")[0] != SANDBOX:
        process_console().say(f"sandbox: {SANDBOX_VARIABLE} is set: Fly is simulated, in {state}")
    return tasks


def _check_settings(path: str, words: Sequence[str]) -> None:
    """Refuse a `--config` before the tasks that is none of Invoke's files: it was meant for a task.

    Raises:
        BadInput: Invoke could not read it.
    """
    typed = [*(words or ["fly.status"]), "--config", path]
    if path and not path.endswith((".yaml", ".yml", ".json", ".py")):
        raise BadInput(
            f"--config {path} stands before the task, where it is the settings of Invoke",
            meaning="nothing was started",
            fix=f"put it after the task: `{shlex.join(['inv', *typed])}`",
        )


class CommandLine:
    """A command line of `inv`.

    Args:
        words: the tasks, with their options and operands.
        passed: the words after `--`.
        tasks: the tasks that it may mean.
        every: returns all of them.
    """

    def __init__(
        self,
        words: Sequence[str],
        passed: Sequence[str],
        tasks: invoke.Collection,
        every: Callable[[], invoke.Collection],
    ) -> None:
        self._words = list(words)
        self._passed = passed
        self._tasks = tasks
        self._every = every

    def check(self, core: ParserContext) -> None:
        """Read it as Invoke will.

        Args:
            core: the options of `inv` itself, some of which may also follow a task.

        Raises:
            BadInput: an unknown task or option, a value that is missing or none, or words after `--` that no
                task would do anything with.
        """
        after = ParserContext(args=[each for each in core.args.values() if each.name in AFTER_A_TASK])
        try:
            _, *found = Parser(contexts=self._contexts(), initial=after).parse_argv(self._words)
        except ParseError as error:
            self._tell(error)
        self._sandbox_first([_short(each) for each in found])
        if self._passed and not any(self._tasks[each.name].passes_on for each in found):
            names = " and ".join(map(_short, found)) or "inv"
            words = shlex.join(masked(["flyctl", *self._passed])[1:])
            raise BadInput(
                f"{names} would do nothing with the words after `--`: {words}",
                meaning="nothing was started",
                fix=f"leave them out; {', '.join(self._takers())} take such words",
            )

    def help_of(self, asked: object) -> str:
        """Return the task whose help is wanted: by `--help TASK`, or by a flag that follows it; else nothing.

        Args:
            asked: what followed `--help`, if that came first.

        Raises:
            BadInput: there is no such task.
        """
        if isinstance(asked, str):
            return asked if asked in _names(self._tasks) else self._unknown(asked, "")
        if HELP.isdisjoint(self._words):
            return ""
        known = {name: each for each in self._contexts() for name in (each.name, *each.aliases)}
        task = ""
        for word in self._words:
            if word in known:
                task = word
            elif task and word in HELP and word not in known[task].flags:
                return task
        return ""

    def require_group(self, name: str) -> None:
        """Refuse to list a group that does not exist.

        Raises:
            BadInput: there is none.
        """
        groups = _groups(_names(self._every()))
        if name not in groups:
            raise BadInput(f"there is no group {name!r}", fix=f"one of: {', '.join(sorted(groups))}")

    def _sandbox_first(self, names: Sequence[str]) -> None:
        """Refuse a sandbox that is entered after a task, which would meet the real Fly.

        Raises:
            BadInput: there is one.
        """
        groups = [name.partition(".")[0] for name in names]
        if SANDBOX in groups[1:] and groups[0] != SANDBOX:
            raise BadInput(
                f"{names[0]} stands before `{names[groups.index(SANDBOX)]}`, so it would run on the real Fly",
                meaning="nothing was started",
                fix=f"put the word first: `inv {SANDBOX} {names[0]}`",
            )

    def _contexts(self) -> list[ParserContext]:
        """Return what Invoke's parser needs to know of the tasks that are named."""
        words = set(self._words)
        return [
            ParserContext(name=name, aliases=aliases, args=self._tasks[name].get_arguments())
            for name, aliases in self._tasks.task_names.items()
            if not words.isdisjoint((name, *aliases))
        ]

    def _takers(self) -> list[str]:
        every = self._every()
        return sorted(name for name in every.task_names if every[name].passes_on)

    def _tell(self, error: ParseError) -> NoReturn:
        """Say in our own words what Invoke's parser stumbled over.

        Raises:
            BadInput: always.
        """
        context = error.context
        task = self._typed(context) if context and context.name else ""
        said = str(error).rstrip("!")
        if said.startswith(_UNKNOWN):
            word = ast.literal_eval(said.removeprefix(_UNKNOWN).removesuffix(" is"))
            self._unknown(word, task, context.flags if context else (), self._havers(word))
        if context and context.missing_positional_args:
            missing = ", ".join(str(each.name).upper() for each in context.missing_positional_args)
            said = f"{task} needs {missing}"
        elif said.endswith(_VALUELESS):
            said = f"{said.removeprefix('Flag ').removesuffix(_VALUELESS)} needs a value"
        raise BadInput(said, fix=f"`inv --help {task}` shows how")

    def _typed(self, context: ParserContext) -> str:
        """Return a task's name as it was typed."""
        names = {str(context.name), *context.aliases}
        return next((word for word in self._words if word in names), _short(context))

    def _havers(self, option: str) -> list[str]:
        """Return the tasks of the line that have an option, as they were typed."""
        return [self._typed(each) for each in self._contexts() if option in each.flags]

    def _unknown(
        self, word: str, task: str, flags: Iterable[str] = (), havers: Sequence[str] = ()
    ) -> NoReturn:
        """Say that a word is neither an option nor a task, and what is nearest.

        Raises:
            BadInput: always.
        """
        if word.startswith("-"):
            near = difflib.get_close_matches(word, [*flags], n=3)
            shows = f"`inv --help {task}` shows them" if task else "`inv --help` shows them"
            after = f"put it after {' or '.join(havers)}" if havers else ""
            raise BadInput(f"{task or 'inv'} has no option {word}", fix=after or _or(near) or shows)
        names = _names(self._every())
        near = difflib.get_close_matches(word, names, n=3)
        group = f"`inv --list={word}` shows what {word} has" if word in _groups(names) else ""
        raise BadInput(
            f"there is no task {shlex.quote(word)}",
            meaning=f"nor does {task} take it" if task else "",
            fix=group or _or([f"inv {name}" for name in near]) or "`inv --list` shows them",
        )


def _help(program: invoke.Program, tasks: invoke.Collection, name: str) -> NoReturn:
    """Show a task's help.

    Raises:
        invoke.Exit: always.
    """
    task = tasks[name]
    arguments = task.get_arguments()
    console = process_console()
    console.out(helping.head(name, task, arguments))
    if arguments:
        program.print_columns(helping.options(arguments))
    raise invoke.Exit


def _groups(names: Iterable[str]) -> set[str]:
    return {name.rpartition(".")[0] for name in names} - {""}


def _names(tasks: invoke.Collection) -> list[str]:
    return sorted(each for name, aliases in tasks.task_names.items() for each in (name, *aliases))


def _short(context: ParserContext) -> str:
    """Return a task's name as people type it: a group's own for its default."""
    return min((str(context.name), *context.aliases), key=len)


def _or(near: Sequence[str]) -> str:
    return f"did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else ""
