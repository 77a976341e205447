"""What is about to be made, written down first, so that a run after a killed one makes nothing twice.

Fly gives no way to ask for a thing twice and get it once. So a task that makes something notes a mark before
it starts. When the same command is given again and the note is still there, it looks for what the first run
made, by that mark or by what was there before, and goes on from there.
"""

import contextlib
import hashlib
import os
import secrets
import shlex
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from pkg.fly.answers import is_refusal
from pkg.shell.decoding import from_json
from pkg.shell.errors import BadInput, Failure, Interrupted, Refused

FOLDER = "intents"


class Intent(msgspec.Struct, frozen=True):
    """A note: what a command is about to make.

    Attributes:
        task: the task, as in `fly.machines.clone`.
        app: the app's name.
        what: the command's own words; the same words are the same intent.
        mark: a word of its own, for names.
        at: when, RFC 3339.
        known: ids of what was there before.
    """

    task: str
    app: str
    what: str
    mark: str
    at: str
    known: list[str] = []

    def __str__(self) -> str:
        return f"{self.task} of {self.app} ({self.what}), begun {self.at}"


class Note(msgspec.Struct, frozen=True):
    """A note that is still there: its file, and what it says; None when the file is damaged."""

    path: Path
    intent: Intent | None


# Tells of a failure whether it leaves nothing behind of what was intended.
Clean = Callable[[Failure, Intent], bool]


class Pending:
    """An intent that is being carried out.

    Attributes:
        intent: the note; an earlier one when a run was cut off.
        resumed: whether there was an earlier one.
    """

    def __init__(self, intent: Intent, *, resumed: bool, path: Path | None) -> None:
        self.intent = intent
        self.resumed = resumed
        self._path = path

    def done(self) -> None:
        """Forget the note: it is done, or it is certain that nothing was made."""
        if self._path:
            self._path.unlink(missing_ok=True)


@contextlib.contextmanager
def intended(
    folder: Path | None,
    *,
    task: str,
    app: str,
    what: str,
    at: str,
    known: Callable[[], Sequence[str]],
    clean: Clean | None = None,
) -> Iterator[Pending]:
    """Note an intent, or find the one that a run before this has left.

    Args:
        folder: where the notes are; None for a dry run, which notes nothing.
        task: the task's name.
        app: the app's name.
        what: the command's own words.
        at: the present moment, RFC 3339.
        known: gives the ids of what is there now; asked only for a new note.
        clean: tells of a failure whether the note can be forgotten; by default it never can.

    A refusal of our own within the block forgets a new note: nothing was begun.

    Raises:
        Refused: the very same command is running here already, or its note is damaged.
        Failure: the note cannot be written, so nothing was started.
    """
    if folder is None:
        yield Pending(Intent(task, app, what, "dry", at, list(known())), resumed=False, path=None)
        return
    import filelock  # costs 20 ms

    key = hashlib.sha256(f"{task}\n{app}\n{what}".encode()).hexdigest()[:16]
    path = folder / f"{key}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / f"{key}.lock")
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise Refused(
            f"{task} of {app} ({what}) is running here already",
            meaning="nothing was changed; two at once would make things twice",
            fix="wait for the other one to end",
        ) from None
    except OSError as error:
        raise _unwritten(folder, error) from error
    try:
        found = _read(path)
        if found and found.intent is None:
            raise _damaged(path, task, app)
        if found is None or found.intent is None:
            mark = secrets.token_hex(3)
            _write(path, intent := Intent(task, app, what, mark, at, list(known())))
            pending = Pending(intent, resumed=False, path=path)
        else:
            pending = Pending(found.intent, resumed=True, path=path)
        try:
            yield pending
        except (BadInput, Refused):
            if not pending.resumed:
                pending.done()  # nothing was begun
            raise
        except Failure as failure:
            if clean and clean(failure, pending.intent):
                pending.done()
            raise
    finally:
        lock.release()


def nothing_new(known: Callable[[], Sequence[str]]) -> Clean:
    """Return what takes a failure for clean when flyctl refused, and nothing is there that was not before.

    Args:
        known: gives the ids of what is there now.
    """

    def look(failure: Failure, intent: Intent) -> bool:
        try:
            return is_refusal(failure) and set(known()) <= set(intent.known)
        except Interrupted:
            raise
        except Failure:
            return False  # not known, so the note stays

    return look


def unfinished(folder: Path, app: str = "") -> list[Note]:
    """Return the notes of runs that did not come to an end, oldest first, after those that are damaged.

    Args:
        folder: where the notes are.
        app: leave out other apps'; empty for all. Whose a damaged one is cannot be known.
    """
    found = [note for path in sorted(folder.glob("*.json")) if (note := _read(path))]
    mine = [note for note in found if note.intent is None or app in {"", note.intent.app}]
    return sorted(mine, key=lambda note: note.intent.at if note.intent else "")


def _read(path: Path) -> Note | None:
    """Return a note, or None when there is none."""
    try:
        return Note(path, from_json(path.read_bytes(), Intent))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return Note(path, None)


def _damaged(path: Path, task: str, app: str) -> Refused:
    return Refused(
        f"the note of an earlier {task} of {app} cannot be read: {path}",
        meaning="that run may have made something, and making it again would double it; nothing was changed",
        fix=f"look at what there is (`inv fly.doctor -a {app}`), remove what is too much, "
        f"then `rm {shlex.quote(str(path))}` and run this again",
    )


def _write(path: Path, intent: Intent) -> None:
    part = path.with_suffix(".part")
    try:
        with part.open("wb") as file:
            file.write(msgspec.json.encode(intent))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError) -> Failure:
    return Failure(
        f"{path} cannot be written: {error.strerror}",
        meaning="nothing was changed: without the note, a run that is cut off could make things twice",
        fix="make room on the disk, or correct the folder's permissions, then run it again",
    )
