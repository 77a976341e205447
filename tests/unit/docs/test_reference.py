from types import ModuleType

import msgspec

from pkg.docs import reference
from pkg.docs.tasklist import Option, TaskInfo


class Mount(msgspec.Struct):
    source: str
    size: int | str = ""


class Check(msgspec.Struct):
    path: str = "/"


class Manifest(msgspec.Struct):
    app: str
    env: dict[str, str] = {}
    mounts: list[Mount] | Mount = []
    checks: dict[str, Check] = {}
    service: Mount | None = None
    ports: list[int] = []
    text: str = msgspec.field(default="", name="//text")


def test_the_keys_of_a_file_are_told_with_the_tables_in_it() -> None:
    assert reference.record(Manifest).splitlines()[2:] == [
        "| `app` | text | needed |",
        "| `env` | table |  |",
        "| `mounts[].source` | text | needed |",
        "| `mounts[].size` | number or text |  |",
        "| `checks.NAME.path` | text |  |",
        "| `service.source` | text | needed |",
        "| `service.size` | number or text |  |",
        "| `ports` | list of number |  |",
    ]


def test_a_task_is_told_with_its_options_and_without_what_readers_of_the_code_need() -> None:
    options = (
        Option(("--app", "-a"), value=True, positional=False, many=False, default="infra", help="a | b"),
    )
    operand = (Option(("--names", "-n"), value=True, positional=True, many=True, default="", help="some"),)
    task = TaskInfo("fly.x", (), "Do it.", "More.\n\nArgs:\n    c: context", options + operand)

    assert reference.task_section(task).splitlines() == [
        "## fly.x",
        "",
        "Do it.",
        "",
        "More.",
        "",
        "| option | meaning | default |",
        "| --- | --- | --- |",
        "| `--app`, `-a` | a \\| b | `infra` |",
        "| `NAMES…`, `--names`, `-n` | some |  |",
    ]


def test_the_commands_that_functions_build_are_told_with_placeholders() -> None:
    module = ModuleType("verbs")
    exec(  # a module of its own, as argv is
        "from collections.abc import Sequence\n"
        "def stop(app: str, machines: Sequence[str], *, wait: int, force: bool = False) -> list[str]:\n"
        '    """Stop machines.\\n\\n    More."""\n'
        "    return ['flyctl', 'stop', *machines, '-a', app, f'{wait}s']\n"
        "def _hidden() -> list[str]: return []\n",
        module.__dict__,
    )

    assert reference.verbs(module).splitlines()[2:] == [
        "| `flyctl stop MACHINE… -a APP 60s` | Stop machines. |"
    ]


def test_names_become_a_list() -> None:
    assert reference.listed(["a", "b"]) == "- `a`\n- `b`"


def test_every_exit_code_has_its_row() -> None:
    assert "| 4 | rolled-back |" in reference.exit_codes()
