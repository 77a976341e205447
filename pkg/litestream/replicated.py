"""What a manifest's litestream.yml replicates: databases, the control socket, and where they are."""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import msgspec

from pkg.fly.manifest import Manifest
from pkg.shell.decoding import converted
from pkg.shell.errors import BadInput

FILE = "litestream.yml"
# Where Litestream looks, and where the tenants' images have it.
ON_MACHINE = "/etc/litestream.yml"

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


class Replicated(msgspec.Struct, frozen=True):
    """What is replicated.

    Attributes:
        file: the litestream.yml beside the manifest.
        databases: their paths where the app runs.
        socket: the daemon's control socket there.
    """

    file: str
    databases: tuple[str, ...]
    socket: str


class _Database(msgspec.Struct):
    path: str = ""


class _Socket(msgspec.Struct):
    enabled: bool = False
    path: str = "/var/run/litestream.sock"


class _File(msgspec.Struct):
    dbs: list[_Database] = []
    socket: _Socket = msgspec.field(default_factory=_Socket)


def of_manifest(manifest: Manifest, env: Mapping[str, str] | None = None) -> Replicated | None:
    """Return what a manifest's litestream.yml replicates; None when there is none beside it.

    Args:
        manifest: the manifest.
        env: the variables to read the file with; by default the manifest's own.

    Raises:
        BadInput: the file is no configuration of Litestream, has no control socket, or needs a variable that
            is not set.
    """
    path = manifest.path.parent / FILE
    if not path.is_file():
        return None
    variables = {name: str(value) for name, value in manifest.env.items()} if env is None else env
    read = _read(path, variables)
    if not read.socket.enabled:
        raise BadInput(
            f"{path} has no control socket",
            meaning="nobody could ask the daemon anything, and so nothing proves that it works",
            fix="set `socket: {enabled: true}` in it",
        )
    return Replicated(str(path), tuple(database.path for database in read.dbs), read.socket.path)


def on_volume(replicated: Replicated, manifest: Manifest) -> tuple[str, ...]:
    """Return the databases that lie on a volume of the manifest: those that outlive a deploy."""
    mounts = [PurePosixPath(mount.destination) for mount in manifest.all_mounts]
    return tuple(
        path
        for path in replicated.databases
        if any(PurePosixPath(path).is_relative_to(mount) for mount in mounts)
    )


def _read(path: Path, env: Mapping[str, str]) -> _File:
    import yaml  # costs 20 ms

    text = path.read_text()
    # Litestream replaces variables in the whole text before it reads it (ParseConfig in its
    # cmd/litestream/main.go); what is only the replica's needs not be set here.
    try:
        read = converted(yaml.safe_load(text), _File)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        first = str(error).splitlines()[0]
        raise BadInput(
            f"{path} is no configuration of Litestream: {first}", fix="./dev inv tenants.check"
        ) from error
    socket = _Socket(read.socket.enabled, _expand(read.socket.path, env, path))
    return _File([_Database(_expand(database.path, env, path)) for database in read.dbs], socket)


def _expand(text: str, env: Mapping[str, str], path: Path) -> str:
    unset = [name for braced, bare in _VARIABLE.findall(text) if (name := braced or bare) not in env]
    if unset:
        raise BadInput(
            f"{path} needs {', '.join(unset)}, which is not set", fix="set it in the manifest's [env]"
        )
    return _VARIABLE.sub(lambda match: env[match[1] or match[2]], text)
