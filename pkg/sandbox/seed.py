"""The first state of a simulation: this repo's apps, deployed and healthy."""

import contextlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from pkg.fly.answers import first_error
from pkg.fly.manifest import Manifest, find_all, read, shown
from pkg.fly.simulation import next_step
from pkg.shell.errors import BadInput, Failure, Refused
from pkg.shell.workspace import Workspace

# How the simulation behaves once it is seeded: slow enough to be seen, fast enough for a day in a minute.
PACE = {"lag": 0.3, "settle": 0.5}
MARK, BEGUN, DONE, OWN = "seeded", "begun", "done", "own"
DATABASE = "state.db"
PATIENCE = 120  # seconds
ROOM = 1 << 20  # bytes that a simulation needs, with some to spare
# What to do when one cannot even be made.
ELSEWHERE = "make room, correct its permissions, or set FLY_SANDBOX to another folder"
# What the simulation and the tasks keep in its folder.
OURS = re.compile(
    r"state\.db.*|seeded|programs\.json.*|image\.toml|journal\.jsonl|calls\.jsonl|seen(-[a-z]+)?|completion|.*\.lock"
    r"|locks|intents|manifests|litestream|tenants|domains\.md"
)
HOST = "infra.example.com"
# So long ago the apps seem to have been deployed: there is something to see in their metrics.
PAST = timedelta(hours=6)
LOGS = [{"message": "listening on :8080"}, {"message": "GET /status 200"}]


def ensure(ws: Workspace) -> None:
    """Seed the simulation in `ws.state` when it is new; one that was cut short is made anew.

    Each app of each manifest gets its volumes and one healthy release of an image tagged `first`,
    so that there is something to go back to. Apps that build no image of their own run the default app's,
    which is what `core/image.toml` says is published.

    Raises:
        BadInput: the folder holds something else.
        Failure: the simulation refused a step; it names the command.
    """
    if _stage(ws.state) not in (DONE, OWN):
        with _alone(ws.state):
            if _stage(ws.state) != DONE:  # another process may have made it meanwhile
                _make(ws)


def renew(ws: Workspace) -> None:
    """Throw the simulation in `ws.state` away and make it anew.

    Raises:
        BadInput: the folder holds something else, which stays as it is.
        Failure: the folder cannot be written, or the simulation refused a step.
    """
    with _alone(ws.state):
        _make(ws)


@contextlib.contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Let one process at a time make a simulation."""
    from filelock import FileLock, Timeout

    try:
        state.mkdir(parents=True, exist_ok=True)
        Path(f"{state}.lock").touch()  # where that is impossible, filelock would try for all its time
        with FileLock(f"{state}.lock", timeout=PATIENCE):
            yield
    except Timeout:
        raise Failure(
            f"another task has been making {state} for {PATIENCE} s",
            fix="wait for it, or end it, and try again",
        ) from None
    except OSError as error:
        raise _unusable(state, error) from error


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Let one tour at a time use its folder.

    Raises:
        Refused: another one does.
        Failure: the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder.with_suffix(".running"))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise Refused(
            "a tour is under way here already",
            meaning="nothing was done: two would take each other's simulation away",
            fix="wait for it to end, then run it again",
        ) from None
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        yield
    finally:
        lock.release()


def _unusable(folder: Path, error: OSError) -> Failure:
    return Failure(
        f"the simulation's folder {folder} cannot be used: {error.strerror}",
        fix=ELSEWHERE,
    )


def _make(ws: Workspace) -> None:
    _require_room(ws.state)
    _discard(ws)
    _seed(ws)


def _require_room(state: Path) -> None:
    """Refuse to throw a simulation away where there is no room for another.

    Raises:
        Failure: the disk is full.
    """
    own = sum(path.lstat().st_size for path in state.iterdir())
    if shutil.disk_usage(state).free + own < ROOM:
        raise Failure(
            f"there is no room for a simulated Fly in {state}",
            meaning="its disk is full; what is there was left as it is",
            fix="make room, or set FLY_SANDBOX to a folder on another disk",
        )


def _discard(ws: Workspace) -> None:
    """Remove a simulation's folder, and nothing that is not ours: below .fly all is, elsewhere some names."""
    state = ws.state
    if not state.exists():
        return
    if not state.is_relative_to(ws.root / ".fly"):
        others = sorted(path.name for path in state.iterdir() if not OURS.fullmatch(path.name))
        if others:
            raise BadInput(
                f"{state} holds more than a simulated Fly: {', '.join(others[:3])}",
                meaning="its files were left as they are",
                fix="set FLY_SANDBOX to a new folder, or unset it",
            )
    shutil.rmtree(state)


def _stage(state: Path) -> str:
    """How far a folder is: begun, done, a simulation that somebody made with flysim itself, or nothing."""
    if not os.path.exists(state / DATABASE):  # noqa: PTH110  Path's own raises where it may not look
        return ""
    try:
        return (state / MARK).read_bytes().decode(errors="replace")
    except OSError:
        return OWN


def _seed(ws: Workspace) -> None:
    ws.console.say("sandbox: a new simulated Fly is being made from this repo's manifests")
    ws.state.mkdir(parents=True, exist_ok=True)
    (ws.state / MARK).write_text(BEGUN)
    manifests = [read(path) for path in find_all(ws.root)]
    apps = [manifest.app for manifest in manifests]
    then = f"{ws.clock.now() - PAST:%Y-%m-%dT%H:%M:%SZ}"
    control(ws, {"apps": apps, "lag": 0, "settle": 0, "clock": {"mode": "virtual", "now": then}}, ELSEWHERE)
    default = apps[0]
    for manifest in manifests:
        image = f"registry.fly.io/{manifest.app if manifest.build.is_own else default}:first"
        deploy_first(ws, manifest, image)
    flyctl(ws, "certs", "add", HOST, "-a", default, fix=ELSEWHERE)
    control(ws, {"clock": {"mode": "real"}}, ELSEWHERE)
    last = {"certs": {f"{default}/{HOST}": "active"}, "logs": dict.fromkeys(apps, LOGS), **PACE}
    control(ws, last, ELSEWHERE)
    (ws.state / MARK).write_text(DONE)


def deploy_first(ws: Workspace, manifest: Manifest, image: str) -> None:
    """Make the volumes that a manifest mounts, one of each to spare for a second machine, and its release."""
    where = ("-a", manifest.app)
    mounts = manifest.all_mounts
    for mount in mounts:
        size = ("-r", manifest.primary_region, "-s", "1", "-n", "2")
        flyctl(ws, "volumes", "create", mount.source, *size, "-y", *where, fix=ELSEWHERE)
    alone = ["--ha=false"] if mounts else []
    config = shown(manifest.path, ws.root)
    flags = ("-y", "--dns-checks=false", *alone, *where)
    fix = f"correct {config}, then run it again; flyctl on the simulation does not take it"
    flyctl(ws, "deploy", "-c", config, "--image", image, *flags, fix=fix)


def control(ws: Workspace, settings: Mapping[str, object], fix: str = "") -> None:
    """Change the simulation's settings (`flysim control`); `fix` is what to do when that fails."""
    _run(ws, "flysim", "control", json.dumps(settings), fix=fix)


def flyctl(ws: Workspace, *argv: str, fix: str) -> None:
    """Run the simulated flyctl; `fix` is what to do when that fails."""
    _run(ws, "flyctl", *argv, fix=fix)


def _run(ws: Workspace, *argv: str, fix: str) -> None:
    result = ws.runner.capture(argv, timeout=60)
    if result.code:
        what = f"the simulation refused a step (exit {result.code}): {first_error(result)}"
        raise Failure(what, command=argv, fix=fix or next_step(result.stderr))
