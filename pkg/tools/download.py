"""Bringing one file here: one request when all goes well, a few more when the network stumbles.

What has come so far stands in a partial file; beside it a note keeps the server's validator. It is resumed
only when the server itself says that the file is still the same one. A wrong size or digest is no stumble:
the partial goes, and nothing is tried again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pkg.shell.clock import Clock
from pkg.shell.decoding import from_json
from pkg.shell.errors import Failure
from pkg.shell.network import shown
from pkg.tools.disk import UNTOUCHED, sha256
from pkg.tools.retry import DEADLINE, StumbleError, check_status, persist, stumbling
from pkg.tools.steps import Steps

if TYPE_CHECKING:
    import httpx

DISTRUST = (
    "try without a proxy or mirror; if it stays so, and pins.toml was not edited (`git diff`), do not use "
    "the file and tell the team"
)
# A date is a strong validator only when the file cannot have changed since: RFC 9110, 8.8.2.2, with a margin.
SETTLED = timedelta(seconds=60)


@dataclass(frozen=True)
class Wire:
    """What a download needs of the world.

    Args:
        client: opened by pkg.tools.network.
        clock: for pauses and the deadline.
        say: words for people.
        progress: told the bytes that are here, and how many there will be.
        steps: is told of each step.
    """

    client: "httpx.Client"
    clock: Clock
    say: Callable[[str], None]
    progress: Callable[[int, int], None]
    steps: Steps


class Note(msgspec.Struct, frozen=True):
    """What the server said of the file that is partly here."""

    url: str
    validator: str


@dataclass(frozen=True)
class Partial:
    """A file that is partly here, and the note beside it."""

    path: Path

    @property
    def size(self) -> int:
        """Return how many bytes are here."""
        return self.path.stat().st_size if self.path.exists() else 0

    def validator(self, url: str) -> str:
        """Return what the server must still agree with before the rest is asked for; empty: begin anew."""
        try:
            note = from_json(self._note.read_bytes(), Note)
        except (OSError, msgspec.DecodeError):
            return ""
        return note.validator if note.url == url and self.size else ""

    def begin(self, url: str, validator: str) -> None:
        """Forget what is here, and note whose file comes now."""
        self.discard()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if validator:
            self._note.write_bytes(msgspec.json.encode(Note(url, validator)))

    def discard(self) -> None:
        """Remove what is here."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    @property
    def _note(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")


def fetch(url: str, path: Path, *, size: int, digest: str, wire: Wire) -> None:
    """Bring a file to `path`, complete and proven.

    Args:
        url: where it is.
        path: where it goes; what stands there from an earlier try is used when it can be.
        size: bytes that it must have.
        digest: its SHA-256, in hex.
        wire: client, clock and observers.

    Raises:
        Failure: it cannot be had; or it is not what was pinned, and the partial is removed.
        OSError: the disk is full or cannot be written.
    """
    partial = Partial(path)
    if partial.size >= size:
        if partial.size == size and sha256(path) == digest:
            wire.steps("verified")
            return
        partial.discard()
    transfer = _Transfer(url, partial, size, wire.clock.monotonic() + DEADLINE, wire)
    persist(url, transfer.run, clock=wire.clock, say=wire.say)
    found = sha256(path)
    if found != digest:
        partial.discard()
        raise Failure(
            f"{shown(url)} is not what was pinned: sha256 {found}, expected {digest}",
            meaning=f"it was changed on its way or at its source, and is removed. {UNTOUCHED.capitalize()}",
            fix=DISTRUST,
        )
    wire.steps("verified")


@dataclass(frozen=True)
class _Transfer:
    """One file's way here, asked for once or a few times."""

    url: str
    partial: Partial
    size: int
    deadline: float
    wire: Wire

    def run(self) -> None:
        """Ask for what is missing, once, and write it down as it comes."""
        partial, here = self.partial, self.partial.size
        asked = partial.validator(self.url)
        headers = {"Range": f"bytes={here}-", "If-Range": asked} if asked else {}
        with stumbling(self.url), self.wire.client.stream("GET", self.url, headers=headers) as response:
            self.wire.steps("answered")
            if response.status_code == 416:
                partial.discard()
                raise StumbleError("the server has less of the file than is here already")
            check_status(response, self.url)
            if response.status_code == 200:
                partial.begin(self.url, _validator(response))
                here = 0
            elif not asked or not response.headers.get("Content-Range", "").startswith(f"bytes {here}-"):
                partial.discard()
                raise StumbleError("the server sent another part of the file than was asked for")
            total = here + int(response.headers.get("Content-Length", self.size - here))
            if total == self.size:
                total = self._receive(response, here)
        if total != self.size:
            partial.discard()
            raise Failure(
                f"{shown(self.url)} has {total} bytes or more, and {self.size} are pinned",
                meaning=f"it is not the pinned file, and is removed. {UNTOUCHED.capitalize()}",
                fix=DISTRUST,
            )

    def _receive(self, response: "httpx.Response", here: int) -> int:
        """Append what comes; return how much is here in the end, or is too much."""
        self.wire.progress(here, self.size)
        with self.partial.path.open("ab") as file:
            for chunk in response.iter_raw():
                here += len(chunk)
                if here > self.size:
                    break
                if self.wire.clock.monotonic() > self.deadline:
                    raise StumbleError(f"it took longer than {DEADLINE / 60:.0f} minutes")
                self.wire.steps("writing")
                file.write(chunk)
                self.wire.progress(here, self.size)
        return here


def _validator(response: "httpx.Response") -> str:
    """Return what can prove later that the file is still the same: a strong ETag, a settled date; or ""."""
    etag: str = response.headers.get("ETag", "")
    if etag.startswith('"'):
        return etag
    modified: str = response.headers.get("Last-Modified", "")
    try:
        age = parsedate_to_datetime(response.headers.get("Date", "")) - parsedate_to_datetime(modified)
    except (TypeError, ValueError):
        return ""
    return modified if age >= SETTLED else ""


def read(url: str, *, client: "httpx.Client", clock: Clock, say: Callable[[str], None]) -> bytes:
    """Return a small document.

    Args:
        url: where it is.
        client: opened by pkg.tools.network.
        clock: for the pauses between tries.
        say: words for people.

    Raises:
        Failure: it cannot be had.
    """

    def work() -> bytes:
        with stumbling(url):
            response = client.get(url)
        check_status(response, url)
        return response.content

    return persist(url, work, clock=clock, say=say)
