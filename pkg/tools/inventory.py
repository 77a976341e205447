"""What of the pinned tools is here, and the one next thing to do for each that is not."""

from pathlib import Path

import msgspec

from pkg.shell.errors import BadInput
from pkg.shell.workspace import Workspace
from pkg.tools import detect, golang, install
from pkg.tools.pins import FILE, Detected, GoModule, Pin, confirmed, find, load
from pkg.tools.platforms import Platform, here
from pkg.tools.steps import Steps, unwatched
from pkg.tools.store import Standing, Store, Wanted

CACHE = "INFRA_TOOLS_CACHE"
LINKS = Path(".tools/bin")


class Status(msgspec.Struct, frozen=True):
    """A tool, as it stands here.

    Args:
        name: as people call it.
        version: the pinned one; of a tool that is installed by hand, the least that will do.
        source: release, go or detect.
        state: in a few words.
        sound: whether it can be used.
        path: where it is; empty when it is not.
        next: what to do when it cannot be used.
    """

    name: str
    version: str
    source: str
    state: str
    sound: bool
    path: str
    next: str


def store(ws: Workspace, steps: Steps = unwatched) -> Store:
    """Return the cache of this user, and the folder of links of this checkout.

    Raises:
        BadInput: the cache is where flyctl replaces itself.
    """
    if named := ws.environment.get(CACHE):
        cache = (ws.root / Path(named).expanduser()).resolve()
    else:
        import platformdirs

        cache = platformdirs.user_cache_path("infra-tools").resolve()
    own = [
        Path.home() / ".fly",
        *(Path(folder) for folder in [ws.environment.get("FLYCTL_INSTALL")] if folder),
    ]
    if any(cache.is_relative_to(folder.resolve()) for folder in own):
        raise BadInput(
            f"the cache of tools is in {cache}, where flyctl replaces itself with its newest version",
            fix=f"set {CACHE} to another folder",
        )
    return Store(cache, ws.root / LINKS, ws.clock, ws.console.say, steps)


def inspect(ws: Workspace) -> list[Status]:
    """Look at every pinned tool; nothing is changed and no network is used.

    Raises:
        BadInput: the pins cannot be read.
        Failure: nothing is pinned for this machine.
    """
    platform, tools = here(ws.runner), store(ws)
    return [_status(name, pin, platform, tools, ws) for name, pin in load(ws.root / FILE).items()]


def look(ws: Workspace, name: str) -> Status:
    """Look at one pinned tool, as `inspect` does at all of them.

    Raises:
        BadInput: the pins cannot be read, or no such tool is pinned.
        Failure: nothing is pinned for this machine.
    """
    return _status(name, find(load(ws.root / FILE), name), here(ws.runner), store(ws), ws)


def _status(name: str, pin: Pin, platform: Platform, tools: Store, ws: Workspace) -> Status:
    if isinstance(pin, Detected):
        return _by_hand(name, pin, platform, ws)
    if isinstance(pin, GoModule):
        return _installed(golang.wanted(name, pin, platform), "go", tools)
    if archive := confirmed(pin, platform):
        return _installed(install.wanted(name, pin.version, platform, archive), "release", tools)
    fix = f"inv tools.pin {name} {pin.version}"
    return Status(name, pin.version, "release", "no confirmed digest", sound=False, path="", next=fix)


def _by_hand(name: str, pin: Detected, platform: Platform, ws: Workspace) -> Status:
    found = detect.detect(name, pin, ws.runner)
    if found.path is None:
        state = "not on PATH"
    elif not found.version:
        state = "does not tell its version"
    else:
        state = f"{found.version} on PATH" + ("" if found.new_enough else f", older than {pin.version}")
    fix = "" if found.new_enough else detect.hint(name, platform)
    path = str(found.path or "")
    return Status(name, pin.version, "detect", state, sound=found.new_enough, path=path, next=fix)


def _installed(goal: Wanted, source: str, tools: Store) -> Status:
    standing = tools.standing(goal)
    sound = standing is Standing.SOUND and tools.linked(goal)
    state = "installed, not linked" if standing is Standing.SOUND and not sound else str(standing)
    path = str(tools.program(goal)) if standing is Standing.SOUND else ""
    fix = "" if sound else f"inv tools.install {goal.name}"
    return Status(goal.name, goal.version, source, state, sound=sound, path=path, next=fix)
