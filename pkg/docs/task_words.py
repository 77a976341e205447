"""Every task, option and session that a sentence names exists, and every task is in the reference."""

import math
import re
from collections.abc import Mapping, Sequence

from pkg.docs.nox_words import Sessions, wrong_session
from pkg.docs.pages import Page, Problem
from pkg.docs.tasklist import Option, TaskInfo
from pkg.docs.words import commands, stands_for_something

REFERENCE = "docs/reference/tasks.md"

# Invoke's own options: https://docs.pyinvoke.org/en/stable/invoke.html. True: a value follows.
INVOKE = {
    **dict.fromkeys(("--collection", "-c", "--command-timeout", "-T", "--config", "-f", "--hide"), True),
    **dict.fromkeys(("--list-depth", "-D", "--list-format", "-F", "--print-completion-script"), True),
    **dict.fromkeys(("--search-root", "-r"), True),
    **dict.fromkeys(("--complete", "--debug", "-d", "--dry", "-R", "--echo", "-e", "--help", "-h"), False),
    **dict.fromkeys(("--list", "-l", "--no-dedupe", "--prompt-for-sudo-password", "--pty", "-p"), False),
    **dict.fromkeys(("--version", "-V", "--warn-only", "-w", "--write-pyc"), False),
}

# Flags of other programs that sentences name alone, by program. Keep it short: say the program instead.
OTHERS: dict[str, tuple[str, ...]] = {
    "ko": ("--bare", "--image-refs", "--image-user", "--platform", "--sbom", "--tags"),
    "cog": ("--check",),
}

_TASK = re.compile(r"[a-z]+(\.[a-z][a-z-]*)+")
_SUFFIXES = (
    "toml",
    "md",
    "py",
    "json",
    "jsonl",
    "lock",
    "io",
    "go",
    "sh",
    "db",
    "yml",
    "yaml",
    "html",
    "org",
    "com",
)


def check_tasks(pages: Sequence[Page], tasks: Sequence[TaskInfo], sessions: Sessions) -> list[Problem]:
    """Return the tasks, options and sessions in sentences that do not exist.

    Args:
        pages: what is read.
        tasks: what exists.
        sessions: nox's.
    """
    by_name = {name: task for task in tasks for name in (task.name, *task.aliases)}
    groups = {name.split(".")[0] for name in by_name}
    found = []
    for page in pages:
        for code, words in commands(page):
            wrong = _wrong(words, by_name, groups, sessions)
            if wrong and not code.struck:
                found.append(Problem(page.name, code.line, f"`{code.text}`: {wrong}"))
    return found


def check_flags(pages: Sequence[Page], known: set[str]) -> list[Problem]:
    """Return the flags that stand alone in a sentence and that no program here knows.

    Args:
        pages: what is read.
        known: the long flags of flyctl and of the tasks.
    """
    known = known | set(INVOKE) | {flag for flags in OTHERS.values() for flag in flags}
    return [
        Problem(
            page.name, code.line, f"`{code.text}`: neither flyctl nor a task has {words[0].partition('=')[0]}"
        )
        for page in pages
        for code, words in commands(page)
        if re.match(r"--[a-z]", words[0]) and words[0].partition("=")[0] not in known and not code.struck
    ]


def check_reference(pages: Sequence[Page], tasks: Sequence[TaskInfo]) -> list[Problem]:
    """Return the tasks that the reference leaves out, and those that it has and that do not exist."""
    page = next((page for page in pages if page.name == REFERENCE), None)
    if page is None:
        return [Problem(REFERENCE, 1, "the page is missing")]
    documented = {text: line for line, text in page.headings if _TASK.fullmatch(text) or text.isalpha()}
    names = {task.name for task in tasks}
    missing = [
        Problem(REFERENCE, 1, f"the task {name} is not documented")
        for name in sorted(names - set(documented))
    ]
    lines = {text: line for text, line in documented.items() if "." in text and text not in names}
    return missing + [Problem(REFERENCE, line, f"there is no task {text}") for text, line in lines.items()]


def wrong_tasks(words: Sequence[str], tasks: Mapping[str, TaskInfo]) -> str:
    """Return what is wrong with the words after `inv`, or nothing.

    Args:
        words: tasks with their options and operands; placeholders may stand for any of them.
        tasks: what exists, by each name.
    """
    task: TaskInfo | None = None
    operands = 0.0
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            break
        if word.startswith("-"):
            flag, given, _ = word.partition("=")
            option = task.option(flag) if task else None
            if option is None and flag not in INVOKE:
                return f"{task.name if task else 'inv'} has no {flag}"
            if not given and _value_follows(flag, option) and rest:
                rest.pop(0)
        elif word in tasks:
            task = tasks[word]
            operands = _operands(task)
        elif operands:
            operands -= 1
        elif not stands_for_something(word):
            return (
                f"there is no task {word}" if task is None or "." in word else f"{task.name} takes no {word}"
            )
    return ""


def _operands(task: TaskInfo) -> float:
    return (
        math.inf
        if any(option.many for option in task.options)
        else sum(option.positional for option in task.options)
    )


def _value_follows(flag: str, option: Option | None) -> bool:
    return option.value if option else INVOKE.get(flag, False)


def _wrong(words: Sequence[str], tasks: Mapping[str, TaskInfo], groups: set[str], sessions: Sessions) -> str:
    first, *rest = words[1:] if words[0] == "./dev" and len(words) > 1 else words
    if first == "inv":
        return wrong_tasks(rest, tasks)
    if first == "nox":
        return wrong_session([first, *rest], sessions)
    head, _, last = first.rpartition(".")
    if _TASK.fullmatch(first) and head.split(".")[0] in groups and last not in _SUFFIXES:
        return wrong_tasks([first, *rest], tasks)
    return ""
