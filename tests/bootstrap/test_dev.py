"""What a person relies on when typing `./dev …`: one environment, made once, made anew when it is broken."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

DEV = Path(__file__).parents[2] / "dev"

# A `uv` that makes what the real one makes, as far as `dev` looks, and keeps a record of each call.
UV = """
echo "uv $*" >>"$UV_CALLS"
[ -z "${UV_FAILS:-}" ] || exit 1
[ -z "${UV_SLEEPS:-}" ] || sleep "$UV_SLEEPS"
if [ "$1" = venv ]; then
    [ -z "${UV_WAITS:-}" ] || read -r go <"$UV_WAITS"
    mkdir -p "$5/bin" "$5/lib/python3.11/site-packages/invoke"
    ln -s "$4" "$5/bin/python"
    touch "$5/pyvenv.cfg" "$5/bin/activate"
    printf '#!/bin/sh\\necho "inv $*"\\n' >"$5/bin/inv"
    chmod +x "$5/bin/inv"
fi
"""


class Checkout:
    """A folder with `dev` and a lock, and a PATH that holds a recording `uv`."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a repo with spaces"
        self.root.mkdir()
        shutil.copy(DEV, self.root / "dev")
        (self.root / "requirements.lock").write_text("invoke==3.0.3\n")
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.installs("uv", UV)
        self.calls = folder / "calls"
        self.env = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "UV_CALLS": str(self.calls),
            "HOME": str(folder),
        }

    def installs(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def run(self, *argv: str, cwd: str | Path = "", **env: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.root / "dev"), *argv]
        return subprocess.run(
            command, env=self.env | env, capture_output=True, text=True, check=False, cwd=cwd or self.root
        )

    def made(self) -> int:
        return self.calls.read_text().count("uv venv") if self.calls.exists() else 0


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_it_makes_the_environment_once_and_runs_the_command(checkout: Checkout) -> None:
    first = checkout.run("inv", "--list")
    second = checkout.run("inv", "fly.status")
    assert (first.returncode, first.stdout) == (0, "inv --list\n")
    assert (second.returncode, second.stdout, second.stderr) == (0, "inv fly.status\n", "")
    assert checkout.made() == 1


def test_it_checks_the_hashes_of_what_it_installs(checkout: Checkout) -> None:
    checkout.run("true")
    assert "--require-hashes" in checkout.calls.read_text()


def test_arguments_keep_their_boundaries(checkout: Checkout) -> None:
    assert checkout.run("printf", "%s|", "a b", "", "c").stdout == "a b||c|"


def test_the_exit_code_is_the_commands_own(checkout: Checkout) -> None:
    assert checkout.run("sh", "-c", "exit 4").returncode == 4


def test_a_changed_lock_makes_the_environment_anew(checkout: Checkout) -> None:
    checkout.run("true")
    (checkout.root / "requirements.lock").write_text("invoke==3.0.4\n")
    checkout.run("true")
    assert checkout.made() == 2


@pytest.mark.parametrize(
    "broken", ["bin/python", "bin/inv", "pyvenv.cfg", "made-from", "made-from.lock", "made-from.holds"]
)
def test_a_half_made_environment_is_made_anew(checkout: Checkout, broken: str) -> None:
    checkout.run("true")
    (checkout.root / ".venv" / broken).unlink()
    ran = checkout.run("inv")
    assert (ran.stdout, ran.stderr.count("\n")) == ("inv \n", 1)
    assert checkout.made() == 2


@pytest.mark.parametrize("broken", ["bin", "lib", "lib/python3.11/site-packages/invoke"])
def test_an_environment_that_lacks_what_was_installed_is_made_anew(checkout: Checkout, broken: str) -> None:
    checkout.run("true")
    shutil.rmtree(checkout.root / ".venv" / broken)
    assert checkout.run("inv").stdout == "inv \n"
    assert checkout.made() == 2


def test_a_program_that_cannot_be_run_makes_the_environment_anew(checkout: Checkout) -> None:
    checkout.run("true")
    (checkout.root / ".venv/bin/inv").chmod(0o644)
    assert checkout.run("inv").stdout == "inv \n"
    assert checkout.made() == 2


def test_an_environment_that_is_said_to_hold_nothing_is_made_anew(checkout: Checkout) -> None:
    checkout.run("true")
    shutil.rmtree(checkout.root / ".venv/bin")
    (checkout.root / ".venv/made-from.holds").write_text("")
    assert checkout.run("inv").stdout == "inv \n"
    assert checkout.made() == 2


def test_an_interpreter_that_changed_makes_the_environment_anew(checkout: Checkout, tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.symlink_to(sys.executable)
    checkout.run("true", PYTHON=str(python))
    checkout.installs("python3.99", f'exec "{sys.executable}" "$@"')
    python.unlink()
    python.symlink_to(checkout.programs / "python3.99")
    checkout.run("true")
    checkout.run("true")
    assert checkout.made() == 2


def test_a_python_that_became_something_else_makes_the_environment_anew(checkout: Checkout) -> None:
    checkout.run("true")
    python = checkout.root / ".venv/bin/python"
    python.unlink()
    python.symlink_to(shutil.which("false") or "/bin/false")
    checkout.run("true")
    assert (checkout.made(), python.resolve()) == (2, Path(shutil.which("python3") or "").resolve())


def test_where_links_cannot_be_followed_the_environment_stays(checkout: Checkout) -> None:
    checkout.run("true")
    checkout.installs("readlink", "exit 1")
    checkout.run("true")
    assert checkout.made() == 1


def test_another_python_makes_the_environment_anew_and_is_kept(checkout: Checkout) -> None:
    checkout.run("true")
    checkout.installs("python3.99", f'exec "{sys.executable}" "$@"')
    for _ in range(2):
        checkout.run("true", PYTHON=str(checkout.programs / "python3.99"))
        checkout.run("true")
    assert checkout.made() == 2
    assert f"--python {checkout.programs}/python3.99 " in checkout.calls.read_text()


def test_a_checkout_that_moved_makes_the_environment_anew(checkout: Checkout) -> None:
    checkout.run("true")
    checkout.root = checkout.root.rename(checkout.root.with_name("moved"))
    assert checkout.run("inv").returncode == 0
    assert checkout.made() == 2


def test_a_failed_install_says_so_and_the_next_run_starts_anew(checkout: Checkout) -> None:
    failed = checkout.run("true", UV_FAILS="1")
    assert failed.returncode == 1
    assert "could not be made" in failed.stderr
    assert checkout.run("inv").returncode == 0


def test_two_runs_at_once_make_one_environment(checkout: Checkout) -> None:
    command = [str(checkout.root / "dev"), "inv"]
    runs = [subprocess.Popen(command, env=checkout.env | {"UV_SLEEPS": "0.05"}) for _ in range(2)]
    assert [run.wait() for run in runs] == [0, 0]
    assert checkout.made() == 1


def test_a_lock_whose_maker_died_is_taken_over(checkout: Checkout) -> None:
    lock = checkout.root / ".venv.lock"
    lock.mkdir()
    (lock / "pid").write_text("999999999\n")
    assert checkout.run("inv").returncode == 0
    assert not lock.exists()


def test_what_a_killed_run_left_at_work_is_waited_for(checkout: Checkout, tmp_path: Path) -> None:
    lock = checkout.root / ".venv.lock"
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    command = [str(checkout.root / "dev"), "inv"]
    killed = subprocess.Popen(command, env=checkout.env | {"UV_WAITS": str(fifo)})
    while not checkout.made():
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    orphan = (lock / "maker").read_text().strip()
    with subprocess.Popen(command, env=checkout.env, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        assert run.stderr.readline() == (
            f"dev: waiting for what a killed ./dev left at work (pid {orphan}), which is making .venv\n"
        )
        assert checkout.made() == 1
        fifo.write_text("go\n")
        assert run.stderr.read() == "dev: making .venv from requirements.lock (once)\n"
    assert (run.returncode, checkout.made(), lock.exists()) == (0, 2, False)


def test_whoever_waits_for_another_is_told_so_once(checkout: Checkout) -> None:
    lock = checkout.root / ".venv.lock"
    lock.mkdir()
    (lock / "pid").write_text(f"{os.getpid()}\n")
    checkout.installs("sleep", f"[ -e '{checkout.calls}' ] && rm -r '{lock}'; touch '{checkout.calls}'")
    told = checkout.run("inv").stderr
    assert told.splitlines() == [
        f"dev: waiting for another ./dev (pid {os.getpid()}), which is making .venv",
        "dev: making .venv from requirements.lock (once)",
    ]


def test_an_environment_that_cannot_be_removed_says_what_to_do(checkout: Checkout) -> None:
    real = shutil.which("rm")
    checkout.installs("rm", f'case "$*" in *.venv) exit 1 ;; *) exec {real} "$@" ;; esac')
    run = checkout.run("true")
    assert run.returncode == 1
    assert ".venv could not be removed: end what still uses it" in run.stderr
    assert not (checkout.root / ".venv.lock").exists()


def test_a_python_that_is_too_old_is_named(checkout: Checkout, tmp_path: Path) -> None:
    programs = tmp_path / "old"
    programs.mkdir()
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        (programs / name).write_text(
            '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.1 && exit 0\nexit 1\n'
        )
        (programs / name).chmod(0o755)
    run = checkout.run("true", PATH=f"{programs}:{checkout.env['PATH']}")
    assert run.returncode == 1
    assert "Python 3.11 or later is needed; found: Python 3.9.1" in run.stderr


def test_modules_are_compiled_whatever_the_machine_says(checkout: Checkout) -> None:
    run = checkout.run("sh", "-c", "echo ${PYTHONDONTWRITEBYTECODE-unset}", PYTHONDONTWRITEBYTECODE="1")
    assert run.stdout == "unset\n"


@pytest.mark.parametrize("words", [(), ("--help",), ("",)])
def test_without_a_command_it_says_what_to_type(checkout: Checkout, words: tuple[str, ...]) -> None:
    run = checkout.run(*words)
    assert run.returncode == 2
    assert "./dev inv sandbox.tour" in run.stderr
    assert checkout.made() == 0


def test_without_any_python_it_says_that_there_is_none(checkout: Checkout, tmp_path: Path) -> None:
    programs = tmp_path / "few"
    programs.mkdir()
    for name in ("dirname", "mkdir", "rm", "cmp"):
        (programs / name).symlink_to(shutil.which(name) or name)
    run = checkout.run("true", PATH=str(programs))
    assert run.returncode == 1
    assert "needed; found: none. Install it" in run.stderr


def test_a_python_that_was_asked_for_is_named_and_no_other_is_taken(checkout: Checkout) -> None:
    checkout.run("true")
    run = checkout.run("true", PYTHON="/no such/python")
    assert (run.returncode, checkout.made()) == (1, 1)
    assert "needed; found: none at PYTHON=/no such/python. Install it" in run.stderr
    assert (checkout.root / ".venv/bin/inv").exists()


def test_a_program_that_is_nowhere_is_named(checkout: Checkout) -> None:
    run = checkout.run("fly.status")
    assert run.returncode == 127
    assert run.stderr.splitlines()[1:] == [
        "dev: fly.status: no such program in .venv/bin or on PATH; a task comes after inv: ./dev inv --list"
    ]


def test_it_adds_under_50_ms_when_nothing_changed(checkout: Checkout) -> None:
    checkout.run("true")
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        checkout.run("true")
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.05


def test_from_outside_the_repo_inv_is_told_where_the_tasks_are(checkout: Checkout) -> None:
    (checkout.root / "core").mkdir()
    assert checkout.run("inv", "a b", cwd=checkout.root / "core").stdout == "inv a b\n"
    assert checkout.run("inv", "a b", cwd="/").stdout == f"inv --search-root {checkout.root} a b\n"


def test_through_a_link_nothing_is_made_beside_the_link(checkout: Checkout, tmp_path: Path) -> None:
    own = tmp_path / "elsewhere" / ".venv"
    own.mkdir(parents=True)
    (own / "mine").touch()
    link = own.parent / "dev"
    link.symlink_to(checkout.root / "dev")
    ran = subprocess.run([link, "inv"], env=checkout.env, capture_output=True, text=True, check=False)
    assert (ran.returncode, checkout.made()) == (0, 1)
    assert [path.name for path in own.iterdir()] == ["mine"]
    assert (checkout.root / ".venv").is_dir()
