"""The commands in the pages' shell blocks: cut into steps that a test runs, and held to what exists."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pkg.docs.flyctl_words import PROGRAMS, Surface, wrong_with
from pkg.docs.nox_words import Sessions, wrong_session
from pkg.docs.pages import Block, Page, Problem
from pkg.docs.task_words import wrong_tasks
from pkg.docs.tasklist import TaskInfo
from pkg.docs.words import split

SHELL = ("sh", "console")
DATA = ("text", "toml", "json", "yaml", "mermaid", "python", "go", "dockerfile", "ini", "html")

_COMMENT = re.compile(r"(?:^|\s)#(?:\s.*)?$")
_EXIT = re.compile(r"#\s*exit (?P<code>\d+)\b")
_PROMPT, _MORE = "$ ", "> "
_LOOKS_RUN = re.compile(r"(\$ |\./dev |inv |nox |flyctl |fly |git |export |cd )")


class Step(NamedTuple):
    """A command of a shell block.

    Attributes:
        line: where it is on the page.
        text: what is typed.
        code: the exit code that it ends with.
        output: what the page shows of its output, or None where it shows none.
    """

    line: int
    text: str
    code: int
    output: str | None


class Rule(NamedTuple):
    """How the test of the pages treats a command that it does not run as it stands.

    Attributes:
        pattern: the beginning of the command, as a regular expression.
        held_to: what is looked at instead.
        why: the reason.
    """

    pattern: str
    held_to: str
    why: str


# All exceptions, in one place; everything else in a shell block is run as it stands. `./dev` in front of a
# command is left out: it would make a second environment in the scratch copy, and tests/bootstrap runs it.
RULES = (
    Rule(r"nox\b", "the session exists", "it would run all tests, this one among them"),
    Rule(r"pytest\b", "its paths exist", "it would run tests inside a test"),
    Rule(r"inv sandbox\.tour\b", "the task exists", "tests/cli/sandbox runs it, and it takes its time"),
    Rule(r"pre-commit\b", "the program exists", "it makes an environment of its own"),
    Rule(r"ruff\b", "the program exists", "the session lint runs it, on what is being tested here"),
)


def steps(block: Block) -> list[Step]:
    """Return the commands of a shell block, in order.

    `sh`: each line is a command; a comment that begins with `exit 4` says how it ends.
    `console`: what follows `$ ` is a command, `> ` goes on with it, the rest is its output; `echo $?` with
    its answer says how the command before it ended.
    """
    return list(_console(block)) if block.language == "console" else list(_script(block))


def shell_blocks(page: Page) -> list[Block]:
    """Return the blocks of a page that are run."""
    return [block for block in page.blocks if block.language in SHELL and block.not_run is None]


def not_run(pages: Sequence[Page]) -> list[tuple[str, int, str]]:
    """Return the shell blocks that are marked as not run: page, line and reason."""
    return [
        (page.name, block.line, block.not_run)
        for page in pages
        for block in page.blocks
        if block.language in SHELL and block.not_run is not None
    ]


def rule(text: str) -> Rule | None:
    """Return the exception that holds for a command, or None where it is run."""
    return next((one for one in RULES if re.match(one.pattern, without_dev(text))), None)


def without_dev(text: str) -> str:
    """Return a command without the `./dev` in front of its parts."""
    return re.sub(r"(^|[|&;(]\s*)\./dev\s+", r"\1", text)


def check_blocks(
    root: Path, pages: Sequence[Page], tasks: Sequence[TaskInfo], sessions: Sessions, surface: Surface
) -> list[Problem]:
    """Return the blocks that nothing would check, and the commands that do not exist, also in those not run.

    Args:
        root: the repo's root.
        pages: what is read.
        tasks: the tasks that exist.
        sessions: nox's sessions.
        surface: flyctl's grammar.
    """
    by_name = {name: task for task in tasks for name in (task.name, *task.aliases)}
    found = []
    for page in pages:
        found += [
            Problem(page.name, block.line, what) for block in page.blocks if (what := _unchecked(block))
        ]
        for block in page.blocks:
            for step in steps(block) if block.language in SHELL else []:
                # What is run shows by itself what flyctl does not know.
                shown = block.not_run is None and step.output
                for words in split(without_dev(_COMMENT.sub("", step.text))):
                    wrong = _wrong(root, words, by_name, sessions, None if step.code or shown else surface)
                    if wrong:
                        found.append(Problem(page.name, step.line, f"`{step.text}`: {wrong}"))
    return found


def _unchecked(block: Block) -> str:
    if block.language not in (*SHELL, *DATA):
        return f"a block in {block.language or 'no language'}: use sh or console, or one of {', '.join(DATA)}"
    if block.not_run is not None and len(block.not_run.split()) < 3:
        return "a block that is not run needs its reason in a few words"
    if block.language == "text" and block.not_run is None and _LOOKS_RUN.match(block.text):
        return "a text block that holds commands: make it `sh` or `console`, or say why it is not run"
    return ""


def _wrong(
    root: Path, words: Sequence[str], tasks: dict[str, TaskInfo], sessions: Sessions, surface: Surface | None
) -> str:
    program, *rest = words
    if program == "inv":
        return wrong_tasks(rest, tasks)
    if program == "nox":
        return wrong_session(words, sessions)
    if program == "pytest":
        missing = [word for word in rest if "/" in word and not (root / word.partition("::")[0]).exists()]
        return f"there is no {missing[0]}" if missing else ""
    if program in PROGRAMS and surface is not None:
        return wrong_with(words, surface)
    return ""


def _script(block: Block) -> Iterator[Step]:
    held, first = "", 0
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        first = first if held else number
        held += line.strip() if not held else "\n" + line.strip()
        if held.endswith("\\"):
            continue
        if held and not held.startswith("#"):
            told = _EXIT.search(held)
            yield Step(first, _COMMENT.sub("", held).strip(), int(told["code"]) if told else 0, None)
        held = ""


def _console(block: Block) -> Iterator[Step]:
    shown: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        if line.startswith(_PROMPT):
            shown.append((number, line.removeprefix(_PROMPT), []))
        elif line.startswith(_MORE) and shown and not shown[-1][2]:
            before = shown[-1]
            shown[-1] = (before[0], f"{before[1]}\n{line.removeprefix(_MORE)}", [])
        elif shown:
            shown[-1][2].append(line)
    for here, after in zip(shown, [*shown[1:], (0, "", [])], strict=True):
        number, text, output = here
        if text == "echo $?":
            continue
        code = int("".join(after[2]).strip()) if after[1] == "echo $?" else 0
        yield Step(number, text, code, "\n".join(output).strip("\n"))
