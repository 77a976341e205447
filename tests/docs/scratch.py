"""Running the commands of a page: in a copy of the repo, on a simulated Fly of its own."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from pkg.docs.commands import Step, rule, shell_blocks, steps, without_dev
from pkg.docs.pages import Page

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

# What the simulation says otherwise than the real Fly: that it is one, and the commands that run on it.
AS_REAL = (
    (r"^sandbox: FLY_SANDBOX is set: .*\n?", ""),
    (r"\binv sandbox tools\.exec flyctl -- ", "flyctl "),
    (r"\binv sandbox (?=\w)", "inv "),
)

GIT = ("git", "-c", "user.name=Docs", "-c", "user.email=docs@example.com", "-c", "init.defaultBranch=main")


@dataclass(frozen=True)
class Scratch:
    """A copy of the repo with a simulated Fly.

    Attributes:
        repo: the copy.
        state: the simulation's state.
    """

    repo: Path
    state: Path

    def copy_to(self, folder: Path) -> "Scratch":
        """Return the same, elsewhere: what happens there stays there."""
        shutil.copytree(self.repo, folder / "repo", symlinks=True)
        shutil.copytree(self.state, folder / "state")
        return Scratch(folder / "repo", folder / "state")

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a shell in it: every task and every flyctl meets the simulation."""
        return {
            "PATH": os.pathsep.join([str(self.repo / "pkg/flysim/bin"), str(BIN), os.environ["PATH"]]),
            "HOME": str(self.repo.parent),
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "FLY_SANDBOX": str(self.state),
            "FLYSIM_STATE": str(self.state),
            "FLY_API_TOKEN": "fo1_simulated",
            "FLY_NO_UPDATE_CHECK": "1",
            "FLY_TICK": "0.1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "Docs",
            "GIT_AUTHOR_EMAIL": "docs@example.com",
            "GIT_COMMITTER_NAME": "Docs",
            "GIT_COMMITTER_EMAIL": "docs@example.com",
        }

    def start(self, *argv: str, timeout: float) -> subprocess.CompletedProcess[str]:
        """Run a program in it, with nobody to answer its questions."""
        return subprocess.run(
            argv,
            cwd=self.repo,
            env=self.environment,
            text=True,
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, *argv: str, timeout: float = 60) -> str:
        """Run a program in it and return what it printed; it must end well."""
        done = self.start(*argv, timeout=timeout)
        assert done.returncode == 0, f"{shlex.join(argv)} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout


def copy_repo(folder: Path) -> None:
    """Copy what git has, and what it would take, into a folder, and commit it there.

    Its `.venv` is the environment that the tests run in, as it is in a checkout.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, stdout=subprocess.PIPE, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for command in (
        ("init", "--quiet", "--template="),
        ("add", "--all"),
        ("commit", "--quiet", "--message", "Copy", "--no-verify"),
        ("repack", "-a", "-d", "--quiet"),  # one file to copy instead of hundreds
    ):
        subprocess.run([*GIT, *command], cwd=folder, check=True)
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "exclude").write_text(".venv\n")
    (folder / ".venv").symlink_to(sys.prefix)


def make(folder: Path) -> Scratch:
    """Return a fresh copy of the repo with a freshly seeded simulation, at a pace for tests."""
    made = Scratch(folder / "repo", folder / "state")
    made.repo.mkdir()
    copy_repo(made.repo)
    made.run("inv", "sandbox", timeout=90)
    made.run("flysim", "control", '{"lag": 0, "settle": 0}')
    return made


def shared(base: Path, worker: str) -> Scratch:
    """Return a seeded copy that no test writes to, made by the first worker that wants one.

    Args:
        base: this worker's folder for temporary files.
        worker: its name; `master` where there is only one.
    """
    folder = (base if worker == "master" else base.parent) / "scratch-template"
    with FileLock(f"{folder}.lock"):
        if not (folder / "made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (folder / "made").touch()
    return Scratch(folder / "repo", folder / "state")


def steps_of(page: Page) -> list[Step]:
    """Return the commands of a page that are run, in order."""
    return [step for block in shell_blocks(page) for step in steps(block) if rule(step.text) is None]


def run_page(name: str, todo: Sequence[Step], scratch: Scratch, *, timeout: float = 100) -> list[str]:
    """Run commands in order, in one shell, and return what is not as the page says; the first such ends it.

    Args:
        name: the page's, for the words.
        todo: the commands.
        scratch: where to run them.
        timeout: seconds for all of them.
    """
    notes = scratch.state.parent / "ran"
    notes.mkdir()
    script = notes / "script"
    script.write_text("\n".join(_guarded(number, step, notes) for number, step in enumerate(todo)))
    try:
        said = scratch.start("sh", str(script), timeout=timeout).stdout
    except subprocess.TimeoutExpired:
        said = f"stopped after {timeout} s"
    for number, step in enumerate(todo):
        where = f"{name}:{step.line}: `{step.text}`"
        code, output = notes / f"{number}.code", notes / f"{number}.out"
        shown = output.read_text() if output.exists() else ""
        if not code.exists():
            return [f"{where} did not end: {said}\n{shown}"]
        if code.read_text() != str(step.code):
            return [f"{where} ended with {code.read_text()}, the page says {step.code}:\n{shown}"]
        if step.output is not None and not matches(step.output, shown):
            return [f"{where} printed\n{shown}\nthe page shows\n{step.output}"]
    return []


def matches(shown: str, printed: str) -> bool:
    """Return whether a program printed what a page shows; `…` is anything, alone on a line any lines."""
    lines = (r"(?:.*\n)*?" if line == "…" else _pattern(line) for line in _tidy(shown))
    return re.fullmatch("".join(lines), "".join(f"{line}\n" for line in _tidy(printed))) is not None


def _pattern(line: str) -> str:
    return ".*".join(map(re.escape, line.split("…"))) + r"\n"


def _tidy(text: str) -> list[str]:
    """Return the lines as on the real Fly, which a page is about, though it is run on the simulation."""
    for simulated, real in AS_REAL:
        text = re.sub(simulated, real, text, flags=re.MULTILINE)
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def _guarded(number: int, step: Step, notes: Path) -> str:
    out, code = shlex.quote(str(notes / f"{number}.out")), shlex.quote(str(notes / f"{number}.code"))
    run = f"{{\n{without_dev(step.text)}\n}} >{out} 2>&1; code=$?"
    return f"{run}\nprintf %s $code >{code}; [ $code = {step.code} ] || exit 1\n"
