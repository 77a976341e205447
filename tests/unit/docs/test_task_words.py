import pytest
from invoke import Program

from pkg.docs.pages import read_page
from pkg.docs.task_words import (
    INVOKE,
    REFERENCE,
    check_flags,
    check_reference,
    check_tasks,
    wrong_tasks,
)
from pkg.docs.tasklist import Option, TaskInfo
from pkg.docs.words import split


def option(*flags: str, value: bool = True, positional: bool = False, many: bool = False) -> Option:
    return Option(flags=flags, value=value, positional=positional, many=many, default="", help="")


STATUS = TaskInfo("fly.status", (), "Look.", "", (option("--app", "-a"), option("--all", value=False)))
REVERT = TaskInfo("fly.releases.revert", (), "Go back.", "", (option("--version", positional=True),))
INSTALL = TaskInfo("tools.install", (), "Install.", "", (option("--names", positional=True, many=True),))
SANDBOX = TaskInfo("sandbox", ("sandbox.sandbox",), "Simulate.", "", ())
TASKS = [STATUS, REVERT, INSTALL, SANDBOX]
BY_NAME = {task.name: task for task in TASKS}


@pytest.mark.parametrize(
    "text",
    [
        "inv",
        "inv --list",
        "inv --dry fly.status -a infra --all",
        "inv --help fly.status",
        "inv fly.status --app=infra",
        "inv fly.status -- --anything at all",
        "inv fly.releases.revert v12",
        "inv fly.releases.revert v12 fly.status --all",
        "inv tools.install ko litestream",
        "inv sandbox fly.status",
        "inv sandbox …",
        "inv sandbox TASK",
    ],
)
def test_what_inv_can_run_passes(text: str) -> None:
    assert wrong_tasks(split(text)[0][1:], BY_NAME) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("inv fly.statsu", "there is no task fly.statsu"),
        ("inv --lst", "inv has no --lst"),
        ("inv fly.status --apps x", "fly.status has no --apps"),
        ("inv fly.status infra", "fly.status takes no infra"),
        ("inv fly.releases.revert v12 v13", "fly.releases.revert takes no v13"),
        ("inv sandbox fly.statsu", "there is no task fly.statsu"),
    ],
)
def test_what_inv_cannot_run_is_told(text: str, said: str) -> None:
    assert said in wrong_tasks(split(text)[0][1:], BY_NAME)


def test_a_task_that_a_sentence_names_without_inv_must_exist_and_a_file_is_no_task() -> None:
    names = ("fly.status --all", "fly.metrics", "fly.toml", "fly.io", "pkg.fly", "./dev inv tools.nope")
    text = ", ".join(f"`{name}`" for name in names) + ", ~~`fly.gone`~~"

    found = check_tasks([read_page("a.md", text)], TASKS, {})

    assert [problem.what for problem in found] == [
        "`fly.metrics`: there is no task fly.metrics",
        "`./dev inv tools.nope`: there is no task tools.nope",
    ]


def test_a_flag_that_stands_alone_must_be_somebodys() -> None:
    page = read_page("a.md", "`--all`, `--app=x`, `--dry`, `--bare`, `--tail`, `-- --tail`\n")

    (problem,) = check_flags([page], {"--all", "--app"})

    assert "has --tail" in problem.what


def test_the_reference_has_each_task_once_and_no_other() -> None:
    page = read_page(REFERENCE, "# Tasks\n\n## fly.status\n\n## fly.gone\n\n## sandbox\n\n## tools.install\n")

    assert [problem.what for problem in check_reference([page], TASKS)] == [
        "the task fly.releases.revert is not documented",
        "there is no task fly.gone",
    ]
    assert check_reference([], TASKS)[0].what == "the page is missing"


def test_the_options_of_invoke_are_those_that_invoke_has() -> None:
    program = Program()
    program.create_config()
    arguments = [*program.core_args(), *program.task_args()]
    theirs = {
        ("-" if len(name) == 1 else "--") + name: argument
        for argument in arguments
        for name in argument.names
    }

    assert set(INVOKE) == set(theirs)
    # --help and --list take a value that may be left out; as a word it is checked as a task's name.
    follows = {flag for flag, argument in theirs.items() if argument.takes_value and not argument.optional}
    assert {flag for flag, value in INVOKE.items() if value} == follows
