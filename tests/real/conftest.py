"""The real programs that these tests use: a missing one skips its tests, loudly, or fails them in CI."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pkg.shell.environment import load_environment
from pkg.shell.redact import Redactor
from pkg.shell.runner import ProcessRunner
from pkg.shell.workspace import Workspace
from pkg.tools import golang, pins
from tests import fakes
from tests.fakes import MemoryConsole

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent

# Debian's packages of what is not built here.
PACKAGES = {
    "docker-registry": "docker-registry",
    "direnv": "direnv",
    "caddy": "caddy",
    "sqlite3": "sqlite3",
    "git": "git",
    "python3": "python3",
    "go": "golang",
    "buildah": "buildah",
    "mmdebstrap": "mmdebstrap",
}

# Debian's own settings for certificates, and whatever a person has set, change what the programs do.
LEFT_OUT = ("AWS_", "FLY_", "KO_", "DIRENV_", "LITESTREAM_", "INFRA_", "OP_")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.real)


def missing(what: str, fix: str) -> None:
    """Skip a test, with the reason in the summary; in CI nothing may be missing."""
    text = f"{what} is missing: {fix}"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{text} (CI=true: nothing may be missing)")
    pytest.skip(text)


def need(program: str) -> str:
    """Return the path of a program; the test is skipped, or failed in CI, when it is not there."""
    found = shutil.which(program, path=f"{ROOT / '.tools/bin'}:{os.environ['PATH']}")
    if found is None:
        missing(program, f"apt-get install {PACKAGES.get(program, program)}")
    return str(found)


def environment(**more: str) -> dict[str, str]:
    """Return this process's variables without those that would change what the programs do."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
    return {**kept, **more}


def run(
    argv: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, whatever its exit code."""
    variables = environment() if env is None else dict(env)
    return subprocess.run(
        argv, check=False, cwd=cwd, env=variables, capture_output=True, text=True, timeout=540
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Build a pinned tool with Go, once a machine: the result is kept beside Go's own cache."""

    def build(name: str) -> str:
        pin = pins.find(pins.load(ROOT / pins.FILE), name)
        assert isinstance(pin, pins.GoModule)
        folder = Path.home() / ".cache" / "infra-real" / f"{name}-{pin.version}"
        if not (folder / name).is_file():
            need("go")
            fresh = tmp_path_factory.mktemp(name)
            env = environment(**golang.ENVIRONMENT, GOBIN=str(fresh))
            done = run(golang.command(pin), cwd=fresh, env=env)
            if done.returncode:
                missing(f"{name} {pin.version}", f"Go could not build it: {done.stderr.strip()[-300:]}")
            folder.mkdir(parents=True, exist_ok=True)
            shutil.move(fresh / name, folder / f".{name}.{os.getpid()}")
            (folder / f".{name}.{os.getpid()}").replace(folder / name)
        return str(folder / name)

    return build


@pytest.fixture
def port() -> int:
    """A port of loopback that nothing listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def ports() -> None:
    """The ports of the tenants' manifests, which nothing else may listen on."""
    for port in (8080, 8081):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                missing(
                    f"port {port}", "stop what listens there: the tenants' ports are those of their manifests"
                )


@pytest.fixture(scope="session")
def process_compose(tmp_path_factory: pytest.TempPathFactory) -> str:
    """process-compose as installed here, else built from the module that the Dockerfiles pin.

    Not failed in CI, where no registry that is reached may serve that module: what is skipped is listed.
    """
    if found := shutil.which("process-compose", path=f"{ROOT / '.tools/bin'}:{os.environ['PATH']}"):
        return found
    text = (ROOT / "processcompose/notes/Dockerfile").read_text()
    pinned = re.search(r"(\S+/process-compose/)src@(v[\d.]+)", text)
    assert pinned
    folder = tmp_path_factory.mktemp("process-compose")
    env = environment(**golang.ENVIRONMENT, GOBIN=str(folder))
    done = run([need("go"), "install", "-trimpath", pinned[0]], cwd=folder, env=env)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["Go says nothing"])[-1].strip()
        pytest.skip(f"NOT RUN: process-compose is not installed, and Go does not get {pinned[2]}: {why}")
    return str((folder / "src").rename(folder / "process-compose"))


class Started:
    """A program that runs, with its output in a file."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.log = log

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(20)


@contextmanager
def running(
    argv: Sequence[str], log: Path, *, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Iterator[Started]:
    """Run a program until the block ends."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            argv, env=environment() if env is None else dict(env), cwd=cwd, stdout=out, stderr=out
        )
    started = Started(process, log)
    try:
        yield started
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(20)


def wait_for(true: Callable[[], bool], what: str, log: Path | None = None, seconds: float = 20) -> None:
    """Wait until something is so; fail with the program's log when it does not come."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not come within {seconds} s\n{log.read_text() if log else ''}")
        time.sleep(0.05)


def answers(url: str, status: int = 200) -> bool:
    """Tell whether a URL answers with a status."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return int(answer.status) == status
    except urllib.error.HTTPError as error:
        with error:
            return error.code == status
    except OSError:
        return False


@pytest.fixture
def workspace(tmp_path: Path) -> Callable[..., Workspace]:
    """Make a workspace that starts real programs, in a folder, with some programs first on PATH."""

    def make(root: Path, *programs: str, **variables: str) -> Workspace:
        from pkg.shell.clock import SystemClock

        console = MemoryConsole(Redactor())
        folders = [str(Path(program).parent) for program in programs]
        path = ":".join([*folders, os.environ["PATH"]])
        process = environment(PATH=path, **variables)
        clock = SystemClock()
        loaded = load_environment(root, process, console=console, redactor=console.redactor, clock=clock)
        runner = ProcessRunner(env=process, cwd=root, console=console, redactor=console.redactor, clock=clock)
        return fakes.workspace(root, runner, console, clock, environment=loaded)

    return make


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clean git checkout of this working tree."""
    git = need("git")
    folder = tmp_path / "checkout"
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        source, target = ROOT / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    for argv in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        ["-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "--message=Start"],
    ):
        subprocess.run([git, *argv], cwd=folder, check=True, env=environment())
    return folder


def inv(checkout: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `inv` in a checkout."""
    path = f"{Path(sys.executable).parent}:{variables.pop('PATH', os.environ['PATH'])}"
    env = environment(PATH=path, NO_COLOR="1", **variables)
    return run([sys.executable, "-m", "invoke", *words], cwd=checkout, env=env)
