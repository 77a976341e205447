"""The journal: what this checkout did to Fly, one JSON object a line, written before it is told.

An entry is appended with one write and an fsync. A line that was cut short (power, a full disk), that a later
version wrote or that somebody edited is skipped when reading, and the next entry starts on a line of its own.
"""

import os
import stat
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from pkg.fly.image import parse
from pkg.shell.decoding import from_json
from pkg.shell.errors import BadInput, Failure
from pkg.shell.redact import Redactor
from pkg.shell.workspace import Workspace

FILE = "journal.jsonl"

STARTED = "started"  # a deploy or a rollback by hand begins
STEP = "step"  # it does something
VERDICT = "verdict"  # it ended
RAN = "ran"  # a task changed something in one step
# What may be behind a start without a verdict, when the process is gone.
ENDLESS = "it was killed, or its journal could not be written"
# The step that brings an earlier image back; what a later one is about, is that image.
GO_BACK = "go back"
_WATCH = "watch the "
OF_A_STORY = frozenset({STARTED, STEP, VERDICT})


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line.

    Attributes:
        at: when, RFC 3339.
        kind: started, step, verdict or ran.
        task: the task, as in `fly.deploy`.
        app: the app's name.
        id: shared by the entries of one deploy.
        image: what is deployed.
        previous: what ran before, verified healthy; empty when that was not so.
        verified: what was proven healthy by this entry.
        manifest: the manifest's path, relative to the root.
        manifest_sha: sha256 of its text.
        commit: the commit that the checkout was at.
        who: user and host.
        pid: the process.
        step: what it does.
        bad: what was wrong, when a step ended, with machines that run the image; the first is the worst.
        argv: the command, redacted.
        code: its exit code.
        seconds: how long it took.
        verdict: how it ended.
        notes: what else is worth knowing.
        worse: what got worse since the release, by its metrics; None when they were not compared.
        blameless: whether it was flyctl that failed, and no check of the image.
        down: machines that were up before, and are stopped now.
        next: what to type next.
        version: the release to go back to when this one is bad; 0 when that is not known.
        again: what asks for the same again, as it would be typed.
        forced: the refusals that were overridden, each with its reason.
    """

    at: str = ""
    kind: str = ""
    task: str = ""
    app: str = ""
    id: str = ""
    image: str = ""
    previous: str = ""
    verified: str = ""
    manifest: str = ""
    manifest_sha: str = ""
    commit: str = ""
    who: str = ""
    pid: int = 0
    step: str = ""
    bad: list[str] = []
    argv: str = ""
    code: int | None = None
    seconds: float = 0.0
    verdict: str = ""
    notes: list[str] = []
    worse: list[str] | None = None
    blameless: bool = False
    down: list[str] = []
    next: str = ""
    version: int = 0
    again: str = ""
    forced: dict[str, str] = {}


class Story(msgspec.Struct, frozen=True):
    """A deploy or a rollback: its start, its steps, its end (None: `ENDLESS`, or it still runs)."""

    started: Entry
    steps: tuple[Entry, ...]
    verdict: Entry | None

    @property
    def stopped_at(self) -> str:
        """The last thing that it is known to have begun."""
        return self.steps[-1].step if self.steps else "its checks beforehand"

    @property
    def back(self) -> Entry | None:
        """Where it began to go back, with the image and its release; None when it did not."""
        return next((step for step in self.steps if step.step == GO_BACK), None)

    @property
    def bad(self) -> list[str]:
        """What was wrong with machines that ran its image, as they were last watched before any way back."""
        found: list[str] = []
        for step in self.steps:
            if step.step == GO_BACK:
                break
            if step.code is not None and step.step.startswith(_WATCH):
                found = step.bad
        return found


class Journal:
    """The journal of a state folder.

    Args:
        path: the file; it and its folder are made at the first entry.
        redactor: hides the secrets in what is written.
    """

    def __init__(self, path: Path, redactor: Redactor) -> None:
        self.path = path
        self._redactor = redactor

    @classmethod
    def of(cls, ws: Workspace) -> "Journal":
        """Return the journal of a workspace."""
        return cls(ws.state / FILE, ws.redactor)

    def append(self, entry: Entry) -> None:
        """Write an entry to the disk.

        Raises:
            Failure: it cannot be written, for instance because the disk is full.
        """
        line = self._redactor.redact(msgspec.json.encode(entry).decode()) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path, os.O_APPEND | os.O_CREAT | os.O_RDWR, 0o600)
            try:
                _write(file, line.encode())
            finally:
                os.close(file)
        except OSError as error:
            raise Failure(
                f"the journal {self.path} cannot be written: {error.strerror}",
                meaning="what is not in the journal cannot be undone by itself",
                fix="make room on the disk, or correct the folder's permissions, then run it again",
            ) from error

    def read(self) -> list[Entry]:
        """Return the entries, oldest first; lines that are no entry are left out (see `contents`)."""
        return self.contents()[0]

    def contents(self) -> tuple[list[Entry], int]:
        """Return the entries, oldest first, and how many lines are none.

        Raises:
            Failure: the file is there and cannot be read.
        """
        try:
            if not stat.S_ISREG(self.path.stat().st_mode):  # a device might have no end
                raise self._unreadable("it is no file")
            raw = self.path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return [], 0
        except OSError as error:
            raise self._unreadable(error.strerror) from error
        lines = [line for line in raw.split(b"\n") if line.strip()]
        found = [entry for line in lines if (entry := _entry(line)) is not None]
        return found, len(lines) - len(found)

    def _unreadable(self, why: object) -> Failure:
        return Failure(
            f"the journal {self.path} cannot be read: {why}",
            meaning="what was done from here, and what was verified, is not known",
            fix="correct the permissions of the file and its folder, or move it away",
        )


def entries(ws: Workspace) -> list[Entry]:
    """Return the entries of a workspace's journal, oldest first, and say once how many lines are none.

    Raises:
        Failure: the journal is there and cannot be read.
    """
    journal = Journal.of(ws)
    found, broken = journal.contents()
    if broken:
        lines = "1 line" if broken == 1 else f"{broken} lines"
        are = "is no entry that is" if broken == 1 else "are no entries that are"
        ws.console.say_once(f"note: {lines} of {journal.path} {are} known here; left out")
    return found


def stories(entries: Iterable[Entry], app: str = "") -> list[Story]:
    """Return the deploys and rollbacks, oldest first.

    Args:
        entries: the journal's.
        app: leave out other apps'; empty for all.
    """
    started: dict[str, Entry] = {}
    steps: dict[str, list[Entry]] = {}
    verdicts: dict[str, Entry] = {}
    for entry in entries:
        if entry.kind == STARTED and app in {"", entry.app}:
            started[entry.id] = entry
        elif entry.kind == STEP:
            steps.setdefault(entry.id, []).append(entry)
        elif entry.kind == VERDICT:
            verdicts[entry.id] = entry
    return [Story(entry, tuple(steps.get(key, ())), verdicts.get(key)) for key, entry in started.items()]


def last_story(entries: Iterable[Entry], app: str) -> Story | None:
    """Return the app's newest deploy or rollback."""
    found = stories(entries, app)
    return found[-1] if found else None


def last_verified(entries: Iterable[Entry], app: str, fits: Callable[[str], bool] = bool) -> Entry | None:
    """Return the newest entry that proved an image of the app healthy.

    Args:
        entries: the journal's.
        app: the app's name.
        fits: which images count.
    """
    found = [entry for entry in entries if entry.app == app and entry.verified and fits(entry.verified)]
    return found[-1] if found else None


def _entry(line: bytes) -> Entry | None:
    """Return a line as an entry; None when it is none, or says what nobody here could work with."""
    try:
        entry = from_json(line, Entry)
        told = bool(entry.id) if entry.kind in OF_A_STORY else entry.kind == RAN
        in_a_zone = datetime.fromisoformat(entry.at).tzinfo is not None
        for image in filter(None, (entry.image, entry.previous, entry.verified)):
            parse(image)
    except (ValueError, RecursionError, BadInput):  # msgspec's errors are ValueErrors
        return None
    return entry if told and in_a_zone else None


def _write(file: int, line: bytes) -> None:
    """Append a whole line, starting a new one where the last was cut short.

    Raises:
        OSError: the disk is full, or failed.
    """
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        line = b"\n" + line
    written = 0
    while written < len(line):
        written += os.write(file, line[written:])
    os.fsync(file)
