"""Image references, and the record of what ko published last."""

import re
import tomllib
from datetime import datetime
from pathlib import Path

import msgspec

from pkg.fly.models import ImageRef
from pkg.shell.decoding import converted
from pkg.shell.errors import BadInput

RECORD = Path("core/image.toml")
# What stands for ko's version in the record of an image that only a simulation has.
SIMULATED = "simulated"

_REFERENCE = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9.-]*(?::\d+)?(?:/[a-z0-9._-]+)+)"
    r"(?::(?P<tag>[A-Za-z0-9_][\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
_COMMIT = re.compile(r"[0-9a-f]{40}")


class Reference(msgspec.Struct, frozen=True):
    """An image reference taken apart: `name:tag@digest`; `tag` or `digest` may be empty."""

    name: str
    tag: str
    digest: str

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.name}{tag}" + (f"@{self.digest}" if self.digest else "")

    @property
    def pinned(self) -> bool:
        """Whether it names one image for ever."""
        return bool(self.digest)

    @property
    def short(self) -> str:
        """What a person calls it: repository and tag, or the start of the digest."""
        repository = self.name.rpartition("/")[2]
        return f"{repository}:{self.tag}" if self.tag else f"{repository}@{self.digest[7:19]}"


class Record(msgspec.Struct, frozen=True):
    """What ko published last: `core/image.toml`."""

    app: str
    ref: str
    commit: str
    published: datetime
    ko: str = ""
    dirty: bool = False

    @property
    def simulated(self) -> bool:
        """Whether no ko ran: the image is there on a simulated Fly only."""
        return self.ko == SIMULATED

    @property
    def image(self) -> Reference:
        """The image, taken apart."""
        return parse(self.ref)

    @property
    def of_commit(self) -> bool:
        """Whether the image is that of a commit: a simulated one may be made up, and then has another tag."""
        return not self.simulated or self.image.tag.startswith(self.commit)


class _File(msgspec.Struct):
    image: Record


def parse(text: str) -> Reference:
    """Take a reference apart.

    Args:
        text: as in `registry.fly.io/infra:v1@sha256:…`.

    Raises:
        BadInput: it is none: no registry, neither tag nor digest, or a digest of the wrong length.
    """
    match = _REFERENCE.fullmatch(text)
    if not match or not (match["tag"] or match["digest"]):
        raise BadInput(
            f"{text!r} is no image reference",
            fix="write it as registry.fly.io/NAME:TAG, best with @sha256:DIGEST",
        )
    return Reference(match["name"], match["tag"] or "", match["digest"] or "")


def of_machine(ref: ImageRef) -> Reference:
    """Return the reference of what a machine runs."""
    return Reference(f"{ref.registry}/{ref.repository}", ref.tag, ref.digest)


def same(one: Reference, other: Reference) -> bool:
    """Return whether two references name one image: by digest where both have one, else by name and tag."""
    if one.digest and other.digest:
        return one.digest == other.digest
    return bool(one.tag) and (one.name, one.tag) == (other.name, other.tag)


def record_file(root: Path, state: Path) -> Path:
    """Return the file of the record that counts: the sandbox's own where there is one, else the repo's."""
    own = state / RECORD.name
    return own if own.is_file() else root / RECORD


def read_record(root: Path, state: Path, *, simulated: bool = False) -> Record | None:
    """Return what ko published last; None when nothing was published yet.

    Args:
        root: the repo's root.
        state: the state folder; the sandbox keeps its own record there (`image.toml`), which goes first.
        simulated: whether Fly is simulated; elsewhere a record of a simulated image in the repo is none.

    Raises:
        BadInput: the record cannot be read; the file and what is wrong with it are named.
    """
    for path in (state / RECORD.name, root / RECORD):
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        except OSError as error:
            raise BadInput(
                f"{path} cannot be read: {error.strerror}",
                meaning="what was published last is not known",
                fix="correct its permissions, or move it away: `inv core.publish` writes it anew",
            ) from error
        except UnicodeDecodeError as error:
            raise _no_record(path, "it is no UTF-8 text", own=path.parent == state) from error
        try:
            record = converted(tomllib.loads(text), _File).image
            flaw = _flaw(record)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise _no_record(path, str(error), own=path.parent == state) from error
        except BadInput as error:
            raise _no_record(path, error.what, own=path.parent == state) from error
        if flaw:
            raise _no_record(path, flaw, own=path.parent == state)
        return record if simulated or not record.simulated or path.parent == state else None
    return None


def _flaw(record: Record) -> str:
    """Return what of a record is not as publishing writes it: it reaches git, flyctl and the terminal."""
    if not record.image.pinned:
        return f"{record.ref} has no digest, so that it may become another image"
    if not _COMMIT.fullmatch(record.commit):
        return f"its commit is {record.commit!r}, and not the 40 hex digits of one"
    unprintable = [name for name in ("app", "ko") if not getattr(record, name).isprintable()]
    return f"its {unprintable[0]} has characters that cannot be shown" if unprintable else ""


def _no_record(path: Path, why: str, *, own: bool) -> BadInput:
    """Return the error for a broken record: the repo's, or the sandbox's own."""
    repo = f"`git checkout {RECORD}`, or publish anew with `inv core.publish`"
    sandbox = "`inv sandbox.image REF` writes it anew, `inv sandbox.reset` all of it"
    return BadInput(f"{path} is no record of a published image: {why}", fix=sandbox if own else repo)
