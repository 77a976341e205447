"""Writing the record of what was published last; `pkg.fly.image` reads it."""

import contextlib
import os
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

from pkg.fly import lock
from pkg.fly.image import RECORD, Record
from pkg.fly.recorder import who
from pkg.shell.errors import Failure, Refused
from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    import tomlkit

_TASK = "core.publish"
# True whatever the record below says: it stays when that is written over.
HEADER = (
    "What ko published last: `inv core.publish` writes it, `inv fly.deploy` refuses another image.",
    'Commit it: it is how everybody else knows. One with ko = "simulated" is of an image that only the',
    "sandbox has, and counts as none on the real Fly.",
)


def path_of(ws: Workspace) -> Path:
    """Return the file of the record: the repo's, or the sandbox's own."""
    return ws.state / RECORD.name if ws.sandbox else ws.root / RECORD


@contextlib.contextmanager
def turn(ws: Workspace) -> Iterator[None]:
    """Be the only one here who publishes, with a record that can be written: both are seen to beforehand.

    A record that is damaged will be written anew, which is said.

    Raises:
        Refused: somebody else publishes; nothing was published.
        Failure: the record could not be written; nothing was published.
    """
    if flaw := flaw_of(path_of(ws)):
        ws.console.say(f"note: {path_of(ws)} is damaged, and is written anew: {flaw}")
    if ws.dry:
        yield
        return
    since = ws.clock.now().isoformat(timespec="seconds")
    me = lock.Holder(who=who(ws), since=since, pid=os.getpid(), task=_TASK)
    with lock.held(ws.state / lock.FOLDER, _TASK, me, busy=_busy):
        yield


def _busy(_task: str, who: str) -> Refused:
    return Refused(
        f"core is being published already: {who}",
        meaning="nothing was published; of two at once, one record would be lost",
        fix="wait for it, then look at `inv core.image`",
    )


def flaw_of(path: Path) -> str:
    """Return why the file that is there cannot be kept when the record is written; empty when it can.

    Raises:
        Failure: it could not be written.
    """
    try:
        _, flaw = _document(path)
        folder = next(each for each in path.parents if each.exists())
        if not os.access(folder, os.W_OK | os.X_OK) or not folder.is_dir():
            raise PermissionError(f"{folder} cannot be written to")
    except OSError as error:
        raise Failure(
            f"{path} could not be written: {error.strerror or error}",
            meaning="what would be published could not be recorded, so nothing was",
            fix="correct the permissions of that file and its folder",
        ) from error
    return flaw


def write(path: Path, record: Record) -> None:
    """Write the record, keeping the comments of the file that is there; all of it or nothing.

    Raises:
        Failure: it cannot be written; the image is published all the same, and the text names it.
    """
    import tomlkit  # costs 10 ms

    try:
        document, _ = _document(path)
        table = document.setdefault("image", tomlkit.table())
        for name in Record.__struct_fields__:
            table[name] = getattr(record, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_text(tomlkit.dumps(document), encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise Failure(
            f"{path} cannot be written: {error}",
            meaning=f"{record.ref} is published, and nothing here says so",
            fix="put that right and publish again",
        ) from error


def _document(path: Path) -> "tuple[tomlkit.TOMLDocument, str]":
    """Return the file as it is, or a new one and why the old one is of no use."""
    import tomlkit

    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _new(), ""
    except UnicodeDecodeError:
        return _new(), "it is no UTF-8 text"
    except tomlkit.exceptions.TOMLKitError as error:
        return _new(), str(error)
    if not isinstance(document.get("image", {}), MutableMapping):
        return _new(), "its `image` is no table"
    return document, ""


def _new() -> "tomlkit.TOMLDocument":
    import tomlkit

    document = tomlkit.document()
    for line in HEADER:
        document.add(tomlkit.comment(line))
    document.add(tomlkit.nl())
    return document
