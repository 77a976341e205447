"""Versions of tools side by side in a cache, each proven by its record, and a link to the pinned one.

A version's folder appears whole, by one rename, or not at all; so does the link. Whoever is killed in between
leaves what was there before, and a staging folder that the next one under the lock removes.
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from pkg.shell.clock import Clock
from pkg.shell.decoding import from_json
from pkg.tools.disk import explained, settle, sha256
from pkg.tools.lock import held
from pkg.tools.platforms import Platform
from pkg.tools.steps import Steps, unwatched

RECORD = "record.json"


class Standing(StrEnum):
    """What is in the cache of a pinned version."""

    SOUND = "installed"
    ABSENT = "not installed"
    DAMAGED = "changed since it was installed"
    OUTDATED = "installed by another pin"


@dataclass(frozen=True)
class Wanted:
    """A version of a tool for a platform, and what proves it.

    Args:
        name: the tool.
        version: without a `v`.
        platform: for which it is.
        digest: the archive's SHA-256, or the Go module's checksum.
        binary_sha256: of the program, where the pin knows it.
    """

    name: str
    version: str
    platform: Platform
    digest: str
    binary_sha256: str | None = None

    @property
    def program(self) -> str:
        """Return the file name of the program."""
        return self.platform.program(self.name)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Record(msgspec.Struct, frozen=True):
    """What was installed, written beside it: the digest of where it came from, and of each file."""

    digest: str
    files: dict[str, str]


@dataclass(frozen=True)
class Store:
    """The cache, and the folder of links that .envrc puts on PATH.

    Args:
        cache: holds a folder for each tool, and in it one for each version and platform.
        links: holds the pinned programs under their plain names.
        clock: for the lock's pauses.
        say: words for people.
        steps: is told of each step.
    """

    cache: Path
    links: Path
    clock: Clock
    say: Callable[[str], None]
    steps: Steps = unwatched

    def program(self, wanted: Wanted) -> Path:
        """Return where the program is, or would be."""
        return self._folder(wanted) / wanted.program

    def partial(self, wanted: Wanted, archive: str) -> Path:
        """Return where an archive is gathered until it is complete."""
        return self.cache / wanted.name / f"{archive}.part"

    def standing(self, wanted: Wanted) -> Standing:
        """Compare the installed files with their record and the pin; every byte is read."""
        folder = self._folder(wanted)
        if not folder.is_dir():
            return Standing.ABSENT
        try:
            record = from_json((folder / RECORD).read_bytes(), Record)
            # A file too many counts as well: Windows takes a library from beside the program.
            found = {path.name: sha256(path) for path in _plain(folder) if path.name != RECORD}
        except (OSError, msgspec.DecodeError):
            return Standing.DAMAGED
        if found != record.files or wanted.program not in found:
            return Standing.DAMAGED
        if not os.access(folder / wanted.program, os.X_OK):
            return Standing.DAMAGED
        expected = wanted.binary_sha256 or found[wanted.program]
        if (record.digest, found[wanted.program]) != (wanted.digest, expected):
            return Standing.OUTDATED
        return Standing.SOUND

    def linked(self, wanted: Wanted) -> bool:
        """Tell whether the link leads to this version."""
        link, program = self.links / wanted.program, self.program(wanted)
        if wanted.platform.system != "windows":
            return link.is_symlink() and link.readlink() == program
        return link.is_file() and program.is_file() and sha256(link) == sha256(program)

    def ready(self, wanted: Wanted) -> bool:
        """Tell whether there is nothing to do for a version."""
        return self.standing(wanted) is Standing.SOUND and self.linked(wanted)

    def install(self, wanted: Wanted, make: Callable[[Path], None]) -> Standing:
        """Make sure that the version is there, sound, and linked; return how it stood before.

        Args:
            wanted: what shall be there.
            make: puts the files into the folder that it is given; only the holder of the lock calls it.

        Raises:
            Failure: the disk is full, or a folder cannot be written.
            TimedOut: another process holds the lock for too long.
        """
        with explained(f"{wanted} was not installed", self.cache):
            before = self.standing(wanted)
            if before is Standing.SOUND and self.linked(wanted):
                return before
            with held(self._lock(wanted), me=self._me(), clock=self.clock, say=self.say):
                self.steps("locked")
                # Another process may have done it while this one waited.
                before = self.standing(wanted)
                if before is not Standing.SOUND:
                    with self._staging(wanted) as staging:
                        make(staging)
                        self.steps("made")
                        self._place(wanted, staging)
                self._link(wanted)
        return before

    def _folder(self, wanted: Wanted) -> Path:
        return self.cache / wanted.name / f"{wanted.version}-{wanted.platform.key}"

    def _lock(self, wanted: Wanted) -> Path:
        folder = self._folder(wanted)
        return folder.with_name(f"{folder.name}.lock")

    def _me(self) -> str:
        return f"process {os.getpid()} (since {self.clock.now():%H:%M:%S} UTC)"

    @contextlib.contextmanager
    def _staging(self, wanted: Wanted) -> Iterator[Path]:
        """Give an empty folder beside the final one, in the same file system; leave none behind."""
        folder = self._folder(wanted)
        staging = folder.with_name(f"{folder.name}.new")
        # Under the lock, so what stands here was left by one who was killed.
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        try:
            yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def _place(self, wanted: Wanted, staging: Path) -> None:
        files = {path.name: sha256(path) for path in sorted(staging.iterdir())}
        (staging / RECORD).write_bytes(msgspec.json.encode(Record(wanted.digest, files)))
        for path in (*staging.iterdir(), staging):
            settle(path)
        self.steps("recorded")
        folder = self._folder(wanted)
        aside = folder.with_name(f"{folder.name}.old")
        shutil.rmtree(aside, ignore_errors=True)
        if folder.exists():
            folder.rename(aside)
            self.steps("set aside")
        staging.rename(folder)
        settle(folder.parent)
        self.steps("placed")
        shutil.rmtree(aside, ignore_errors=True)

    def _link(self, wanted: Wanted) -> None:
        if self.linked(wanted):
            return
        self.links.mkdir(parents=True, exist_ok=True)
        program = self.program(wanted)
        link = self.links / program.name
        fresh = self.links / f".{program.name}-{wanted.version}.new"
        fresh.unlink(missing_ok=True)
        if wanted.platform.system == "windows":
            # A link needs a privilege there, and a library is looked for beside the program.
            for extra in program.parent.glob("*.dll"):
                shutil.copy2(extra, self.links)
            shutil.copy2(program, fresh)
        else:
            fresh.symlink_to(program)
        self.steps("linking")
        fresh.replace(link)
        self.steps("linked")


def _plain(folder: Path) -> list[Path]:
    """Return a folder's entries.

    Raises:
        OSError: one of them is no plain file.
    """
    entries = list(folder.iterdir())
    for path in entries:
        if path.is_symlink() or not path.is_file():
            raise OSError(f"{path} is no plain file")
    return entries
