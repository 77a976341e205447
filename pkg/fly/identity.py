"""Which flyctl is on PATH: its version, and whether it is the simulated one; asked once for each binary."""

import tomllib
from pathlib import Path

import msgspec

from pkg.fly import answers, argv, models
from pkg.shell.errors import BadInput, Failure, Refused, not_on_path
from pkg.shell.runner import Runner

PINS = Path("pkg/tools/pins.toml")


class Identity(msgspec.Struct, frozen=True):
    """A binary and what it said of itself; `key` changes when the file does."""

    key: str
    version: str
    simulated: bool


def identify(runner: Runner, state: Path) -> Identity:
    """Return which flyctl is on PATH, asking it only when the answer for this very file is not kept.

    Args:
        runner: starts flyctl.
        state: the folder in which the answer is kept.

    Raises:
        CommandMissing: there is no flyctl on PATH.
        Failure: it does not answer as flyctl does.
    """
    path = runner.which(argv.FLYCTL)
    if path is None:
        raise not_on_path(argv.FLYCTL, argv.version())
    key = _key(path)
    kept = _kept(state / "flyctl.json")
    if kept is not None and kept.key == key:
        return kept
    result = runner.capture(argv.version(), timeout=30)
    said = answers.decode(result, models.Version, f"asking {path} for its version")
    identity = Identity(key, said.version, simulated="simulated" in f"{said.environment} {said.name}".lower())
    _keep(state / "flyctl.json", identity)
    return identity


def require_world(identity: Identity, *, sandbox: bool) -> None:
    """Refuse a simulated flyctl where a real one is meant, and the other way round.

    Raises:
        Refused: they are confused.
    """
    if identity.simulated and not sandbox:
        raise Refused(
            "the flyctl on PATH is the simulated one, and this is not the sandbox",
            meaning="nothing was asked: its answers would not be Fly's",
            fix="take pkg/flysim/bin off PATH, or run `inv sandbox …`",
        )
    if sandbox and not identity.simulated:
        raise Refused(
            "this is the sandbox, and the flyctl on PATH is a real one",
            meaning="nothing was asked: it would reach the real Fly",
            fix="put pkg/flysim/bin first on PATH, as `inv sandbox …` does",
        )


def pinned(root: Path) -> str:
    """Return the version of flyctl that this repo is made for.

    Raises:
        BadInput: the pins cannot be read.
    """
    try:
        version = tomllib.loads((root / PINS).read_text())["flyctl"]["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"{PINS} names no version of flyctl: {error}", fix="git checkout pkg/tools/pins.toml"
        ) from error
    return str(version)


def wrong_version(identity: Identity, pin: str) -> Failure | None:
    """Return the error for a flyctl that is not the pinned one; None when it is."""
    if identity.version == pin:
        return None
    return Refused(
        f"flyctl is {identity.version}; this repo is made for {pin}",
        meaning="its commands and answers may differ",
        fix="./dev inv tools.install-flyctl",
    )


def _key(path: Path) -> str:
    found = path.resolve()
    stat = found.stat()
    return f"{found} {stat.st_size} {stat.st_mtime_ns}"


def _kept(path: Path) -> Identity | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Identity)
    except (OSError, msgspec.DecodeError):
        return None


def _keep(path: Path, identity: Identity) -> None:
    """Keep the answer; a state folder that cannot be written only means to be asked again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.encode(identity))
    except OSError:
        return
