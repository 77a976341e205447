"""What a Tab offers, from what was kept: tasks, options, apps, machines and manifests."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkg.shell.completion import complete
from pkg.shell.completion.complete import FILES, Kept, candidates

PROGRAM = Path(complete.__file__)
KEPT = """\
file\ttasks.py\t1
core\t--list\t\tshow all
core\t-l\t\tshow all
core\t--help\ttask\tshow help
task\tfly.status\tShow the health.
option\t--app\tapp\tthe app
option\t-a\tapp\tthe app
option\t--config\tmanifest\ta manifest
option\t-c\tmanifest\ta manifest
option\t--all\t\tevery app
task\tfly.machines.restart\tRestart machines.
operand\tmachine\tmany
option\t--app\tapp\tthe app
option\t-a\tapp\tthe app
option\t--config\tmanifest\ta manifest
option\t--wait-timeout\tany\tseconds
task\tfly.machines.exec\tRun a command.
operand\tmachine
operand\tany
task\tfly.releases.revert\tGo back.
operand\trelease
option\t--app\tapp\tthe app
task\tfly.secrets.import\tSet secrets.
operand\tfile
option\t--file\tfile\tlines
task\tsandbox\tSimulate.
task\thistory\tShow what ran.
option\t--app\tapp\tthe app
"""

TASKS = [
    "fly.status",
    "fly.machines.restart",
    "fly.machines.exec",
    "fly.releases.revert",
    "fly.secrets.import",
    "sandbox",
    "history",
]
PAGE = """\
# Tasks

| task | does |
| --- | --- |
| [`fly.status`](#flystatus) | Show the health. |

## fly.releases.revert

Bring an image back.

More words.

| option | meaning | default |
| --- | --- | --- |
| `VERSION`, `--version`, `-v` | the release | |
| `--app`, `-a` | the app | |
| `--yes`, `-y` | answer yes | |
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, app in (("", "infra"), ("core", "infra-core"), ("tenants/notes", "notes"), (".hidden", "no")):
        (tmp_path / path).mkdir(parents=True, exist_ok=True)
        (tmp_path / path / "fly.toml").write_text(f'# of one\napp = "{app}"  # named\n')
    seen(tmp_path / ".fly", "infra", "148e1\tsyd app", "9080e\tfra app")
    seen(tmp_path / ".fly", "elsewhere", "7777e")
    seen(tmp_path / ".fly/sandbox", "infra", "51m01\tsyd app")
    (tmp_path / ".fly/seen-releases").mkdir()
    (tmp_path / ".fly/seen-releases/infra").write_text("v12\tinfra:v12\nv11\tinfra:v11\n")
    (tmp_path / ".fly/completion").write_text(KEPT)
    return tmp_path


def seen(state: Path, app: str, *machines: str) -> None:
    (state / "seen").mkdir(parents=True, exist_ok=True)
    (state / "seen" / app).write_text("".join(f"{machine}\n" for machine in machines))


def offered(root: Path, *words: str, state: str = "") -> list[str]:
    return [one for one, _ in candidates(Kept(KEPT), str(root), state, list(words))]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("",), TASKS),
        (("--help", "fly.m"), ["fly.machines.restart", "fly.machines.exec"]),
        (("--help=hi",), ["--help=history"]),
        (("fly.releases.revert", ""), ["v12", "v11"]),
        (("fly.releases.revert", "--app", "elsewhere", ""), []),
        (("fly.releases.revert", "v12", "hi"), ["history"]),
        (("fly.machines.restart", "hi"), ["history"]),
        (("fly.st",), ["fly.status"]),
        (("fly.m",), ["fly.machines.restart", "fly.machines.exec"]),
        (("nosuch",), []),
        (("-",), ["--list", "--help"]),
        (("-l",), ["-l"]),
        (("--l",), ["--list"]),
        (("fly.status", "-"), ["--app", "--config", "--all"]),
        (("fly.status", "--a"), ["--app", "--all"]),
        (("fly.status", "-a"), ["-a"]),
        (("fly.status", "--app", ""), ["infra", "infra-core", "notes", "elsewhere"]),
        (("fly.status", "-a", "infra"), ["infra", "infra-core"]),
        (("fly.status", "--app=no"), ["--app=notes"]),
        (("fly.status", "--app", "=", "no"), ["--app=notes"]),
        (("fly.status", "--app", "="), ["--app=infra", "--app=infra-core", "--app=notes", "--app=elsewhere"]),
        (("fly.status", "--config", ""), ["fly.toml", "core", "tenants/notes"]),
        (("fly.status", "-c", "t"), ["tenants/notes"]),
        (("fly.machines.restart", "1"), ["148e1"]),
        (("fly.machines.restart", "148e1", "9"), ["9080e"]),
        (("fly.machines.restart", "-a", "elsewhere", "7"), ["7777e"]),
        (("fly.machines.restart", "--app=elsewhere", "7"), ["7777e"]),
        (("fly.machines.restart", "--config", "core", "1"), []),
        (("fly.machines.restart", "--wait-timeout", ""), []),
        (("fly.machines.restart", "--wait-timeout", "5", "1"), ["148e1"]),
        (("fly.machines.exec", "148e1", "9"), []),
        (("sandbox", "fly.machines.restart", "5"), ["51m01"]),
        (("history", "--app", "e"), ["elsewhere"]),
        (("fly.status", "history", "--a"), ["--app"]),
        (("nosuch", ""), []),
        (("nosuch", "--"), []),
        (("fly.status", "nosuch", ""), []),
        (("fly.releases.revert", "v12", "nosuch", ""), []),
    ],
)
def test_what_is_offered(root: Path, words: tuple[str, ...], found: list[str]) -> None:
    assert offered(root, *words) == found


@pytest.mark.parametrize(
    "words",
    [
        ("fly.secrets.import", ""),
        ("fly.secrets.import", "--file", "se"),
        ("fly.secrets.import", "--file=se"),
        ("fly.status", "-c", "co/"),
        ("fly.status", "--", "--a"),
    ],
)
def test_where_a_file_is_meant_the_shell_is_told_so(root: Path, words: tuple[str, ...]) -> None:
    assert candidates(Kept(KEPT), str(root), "", list(words)) == [FILES]
    (root / ".fly/completion").write_text(KEPT)
    assert run(root, *words).stdout == "\tfiles\n"


def test_in_a_sandbox_that_is_switched_on_its_own_machines_are_offered(root: Path, tmp_path: Path) -> None:
    seen(tmp_path / "other", "infra", "0ther")
    assert offered(root, "fly.machines.restart", "0", state=str(tmp_path / "other")) == ["0ther"]


def test_candidates_have_words_for_shells_that_show_them(root: Path) -> None:
    found = candidates(Kept(KEPT), str(root), "", ["fly.machines.restart", "1"])
    assert found == [("148e1", "syd app")]
    assert candidates(Kept(KEPT), str(root), "", ["hi"]) == [("history", "Show what ran.")]
    assert candidates(Kept(KEPT), str(root), "", ["fly.status", "-c", "co"]) == [("core", "app infra-core")]


@given(st.lists(st.text(alphabet="-=afly.status infr \t\n", max_size=12), max_size=5))
def test_nothing_that_is_typed_breaks_it(words: list[str]) -> None:
    candidates(Kept(KEPT), "/nonexistent", "", words)


def run(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-I", "-S", str(PROGRAM), str(root), "", *words]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)


def test_the_program_says_when_nothing_is_kept_and_when_it_is_old(root: Path) -> None:
    old = run(root, "hist")
    assert (old.returncode, old.stdout) == (complete.OLD, "history\tShow what ran.\n")
    (root / "tasks.py").touch()
    fresh = KEPT.replace("tasks.py\t1", f"tasks.py\t{complete.stamp(str(root / 'tasks.py'))}")
    (root / ".fly/completion").write_text(fresh)
    assert run(root, "hist").returncode == 0
    (root / ".fly/completion").unlink()
    assert (run(root, "hist").returncode, run(root, "hist").stdout) == (complete.OLD, "")


def test_until_something_is_kept_the_page_of_all_tasks_answers(root: Path) -> None:
    (root / ".fly/completion").unlink()
    (root / "docs/reference").mkdir(parents=True)
    (root / complete.PAGE).write_text(PAGE)
    assert run(root, "fly.").stdout == "fly.releases.revert\tBring an image back.\n"
    assert run(root, "fly.releases.revert", "--").stdout.split("\n")[:2] == [
        "--version\tthe release",
        "--app\tthe app",
    ]
    assert run(root, "fly.releases.revert", "v11").stdout == "v11\tinfra:v11\n"
    assert run(root, "fly.releases.revert", "--yes", "v12").stdout == "v12\tinfra:v12\n"
    assert run(root, "fly.releases.revert", "-a", "n").stdout == "notes\n"


def test_it_imports_next_to_nothing() -> None:
    """It runs at every Tab; a person notices 100 ms."""
    script = (
        "import sys; before = set(sys.modules); sys.argv = ['x', '/nonexistent', '', '']\n"
        f"code = compile(open({str(PROGRAM)!r}).read(), 'x', 'exec')\n"
        "try: exec(code, {'__name__': '__main__'})\nexcept SystemExit: pass\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    argv = [sys.executable, "-I", "-S", "-c", script]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert not {"json", "re", "pathlib", "argparse", "subprocess", "typing"} & set(done.stdout.split())
