"""Building a tool with the Go toolchain, from a pinned module whose checksums Go itself proves."""

import contextlib
import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pkg.shell.clock import Clock
from pkg.shell.console import Console, Progress
from pkg.shell.decoding import from_json
from pkg.shell.errors import CommandFailed, CommandMissing, Failure
from pkg.shell.runner import Runner
from pkg.tools.disk import UNTOUCHED
from pkg.tools.pins import FILE, GoModule
from pkg.tools.platforms import Platform
from pkg.tools.store import Standing, Store, Wanted

# Seconds; ko takes two minutes on two cores when nothing of it is in Go's cache.
LONGEST_BUILD = 1800.0
LONGEST_QUESTION = 300.0
# Seconds between two words that a build goes on.
BEAT = 20.0

INSTALL_GO = {
    "linux": "install Go: https://go.dev/doc/install (or your package manager's golang)",
    "macos": "brew install go",
    "windows": "winget install GoLang.Go",
}

# What a person's own settings could take away from the proof, or from the pinned program, is set here:
# no module is left out of the checksum database, and it is built for this machine, without C.
ENVIRONMENT = {
    "GOFLAGS": "-mod=mod",
    "GONOSUMDB": "none",
    "GOWORK": "off",
    "GOOS": "",
    "GOARCH": "",
    "CGO_ENABLED": "0",
}


class Module(msgspec.Struct, frozen=True, rename="pascal"):
    """What Go tells of a module's version; `time` is when its commit was made."""

    time: dt.datetime


class Download(msgspec.Struct, frozen=True, rename="pascal"):
    """What Go tells of a module that it downloaded and proved."""

    sum: str


def wanted(name: str, pin: GoModule, platform: Platform) -> Wanted:
    """Return what shall be built."""
    return Wanted(name, pin.version, platform, pin.sum)


def command(pin: GoModule) -> list[str]:
    """Return the command that builds the tool."""
    return ["go", "install", "-trimpath", f"{pin.package}@v{pin.version}"]


@contextlib.contextmanager
def _pulse(progress: Progress, clock: Clock, beat: float) -> Iterator[None]:
    """Tell while a block runs, each `beat` seconds, that it still does: Go says nothing until it is done."""
    began, done = clock.monotonic(), threading.Event()

    def tell() -> None:
        while not done.wait(beat):
            progress.update(f"{clock.monotonic() - began:.0f} s so far")

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def install(
    goal: Wanted, pin: GoModule, *, store: Store, console: Console, runner: Runner, beat: float = BEAT
) -> Standing:
    """Make sure that the pinned version is there, unchanged, and linked; return how it stood before.

    Args:
        goal: the version.
        pin: its module.
        store: the cache and the links.
        console: shows that work goes on.
        runner: runs Go.
        beat: seconds between two words that it goes on.

    Raises:
        Failure: no Go, no network, a checksum that is not the pinned one, a full disk …
    """

    def make(staging: Path) -> None:
        _check_toolchain(runner, goal.platform)
        label = f"building {goal} with Go (a few minutes the first time)"
        with console.progress(label) as progress, _pulse(progress, store.clock, beat):
            env = {**ENVIRONMENT, "GOBIN": str(staging)}
            built = runner.capture(command(pin), timeout=LONGEST_BUILD, changes=True, env=env)
        if built.code:
            raise CommandFailed(
                f"{goal} could not be built",
                result=built,
                meaning=UNTOUCHED,
                fix="its last lines say why: a newer Go is needed, the Go module proxy cannot be reached, or "
                f"{FILE} names a module or a version that is none",
            )
        _check_program(staging / goal.program, pin, runner)

    return store.install(goal, make)


def release_time(module: str, version: str, *, runner: Runner, cwd: Path) -> dt.datetime:
    """Return when the commit of a module's version was made; the release is not older than that.

    Raises:
        Failure: there is no such version, or Go cannot reach it.
    """
    answer = _ask(["go", "list", "-m", "-json", f"{module}@v{version}"], runner, cwd)
    return from_json(answer, Module).time


def checksum(module: str, version: str, *, runner: Runner, cwd: Path) -> str:
    """Return a module's checksum: the proxy's file and the checksum database agree on it, or Go fails.

    Raises:
        Failure: they do not agree, or Go cannot reach them.
    """
    answer = _ask(["go", "mod", "download", "-json", f"{module}@v{version}"], runner, cwd)
    return from_json(answer, Download).sum


def _ask(argv: list[str], runner: Runner, cwd: Path) -> str:
    answer = runner.capture(argv, timeout=LONGEST_QUESTION, env=ENVIRONMENT, cwd=cwd)
    if answer.code:
        raise CommandFailed(
            f"Go could not tell about {argv[-1]}",
            result=answer,
            meaning="" if answer.stderr.strip() else answer.stdout.strip(),
            fix="check the version, and that the Go module proxy can be reached (go env GOPROXY)",
        )
    return answer.stdout


def _check_toolchain(runner: Runner, platform: Platform) -> None:
    try:
        database = runner.capture(["go", "env", "GOSUMDB"], timeout=LONGEST_QUESTION, env=ENVIRONMENT)
    except CommandMissing as error:
        raise CommandMissing(
            "Go was not found on PATH",
            command=error.command,
            meaning="this tool is built from its pinned source",
            fix=INSTALL_GO[platform.system],
        ) from error
    if database.stdout.strip() == "off":
        raise Failure(
            "Go's checksum database is switched off (GOSUMDB=off)",
            meaning="without it nothing proves what would be built",
            fix="go env -u GOSUMDB; unset GOSUMDB",
        )


def _check_program(program: Path, pin: GoModule, runner: Runner) -> None:
    """Read from the program itself what it was built from."""
    said = runner.capture(["go", "version", "-m", str(program)], timeout=LONGEST_QUESTION, env=ENVIRONMENT)
    expected = [pin.module, f"v{pin.version}", pin.sum]
    module = next((line.split()[1:] for line in said.stdout.splitlines() if line.split()[:1] == ["mod"]), [])
    if module != expected:
        raise Failure(
            f"Go built {' '.join(module) or 'something unknown'}, and {' '.join(expected)} is pinned",
            meaning=UNTOUCHED,
            fix=f"`git diff {FILE}` shows whether the pin was edited here; if not, the module was changed "
            "after it was pinned: do not use it, tell the team",
        )
