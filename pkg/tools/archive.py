"""Unpacking a proven archive as if nothing were proven: expected members only, plain files, bounded sizes."""

import contextlib
import errno
import gzip
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, cast

from pkg.shell.errors import Failure
from pkg.tools.disk import UNTOUCHED
from pkg.tools.steps import Steps

# flyctl is some 100 MB; nothing that is unpacked here comes near this.
LARGEST = 512 * 1024 * 1024
PIECE = 1024 * 1024

# What Python's readers raise for archives that are no archives, found by changing bytes of good ones.
DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    ValueError,
    IndexError,
)


@dataclass(frozen=True)
class Member:
    """One entry of an archive, not opened yet."""

    name: str
    plain: bool
    size: int
    open: Callable[[], IO[bytes]]


def unpack(
    archive: Path, into: Path, *, members: frozenset[str], steps: Steps, largest: int = LARGEST
) -> None:
    """Unpack a .zip or .tar.gz that holds exactly the expected plain files.

    Args:
        archive: the proven file; its name tells its kind.
        into: an empty folder.
        members: the names of the files, all at the top.
        steps: is told before each piece is written.
        largest: bytes that one member may have.

    Raises:
        Failure: a member is missing, unexpected, twice there, no plain file or too large; or all is damaged.
        OSError: the disk is full or cannot be written.
    """
    seen: set[str] = set()
    try:
        with _members(archive) as found:
            for member in found:
                if reason := _objection(member, members - seen, largest):
                    raise _refused(archive, reason)
                seen.add(member.name)
                _write(member, into / member.name, steps)
    except DAMAGED as error:
        raise _refused(archive, f"it is damaged: {error}") from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        # An offset in it leads to before its beginning.
        raise _refused(archive, f"it is damaged: {error}") from error
    if missing := members - seen:
        raise _refused(archive, f"it holds no {', '.join(sorted(missing))}")


def _objection(member: Member, awaited: frozenset[str], largest: int) -> str:
    """Return why a member must not be written; empty when it may."""
    if member.name not in awaited:
        return f"it holds {member.name!r}, which is not expected, or twice there"
    if not member.plain:
        return f"{member.name} is no plain file"
    if member.size > largest:
        return f"{member.name} has {member.size} bytes, more than {largest}"
    return ""


@contextlib.contextmanager
def _members(archive: Path) -> Iterator[Iterator[Member]]:
    if ".zip" in archive.suffixes:
        with zipfile.ZipFile(archive) as opened_zip:
            yield (_zipped(opened_zip, info) for info in opened_zip.infolist())
    else:
        with tarfile.open(archive, "r:gz") as opened_tar:
            yield (_tarred(opened_tar, info) for info in opened_tar)


def _zipped(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    # A zip made on Unix keeps the kind of file in the upper half; others keep nothing there.
    regular = stat.S_IFMT(info.external_attr >> 16) in {0, stat.S_IFREG} and not info.is_dir()
    readable = not info.flag_bits & 1 and info.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    return Member(info.filename, regular and readable, info.file_size, partial(opened.open, info))


def _tarred(opened: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    # extractfile follows links; it is called for plain files only, and for those it returns their content.
    return Member(info.name, info.isreg(), info.size, lambda: cast("IO[bytes]", opened.extractfile(info)))


def _write(member: Member, target: Path, steps: Steps) -> None:
    with member.open() as content, target.open("xb") as file:
        while piece := content.read(PIECE):
            steps("unpacking")
            file.write(piece)
    target.chmod(0o755)


def _refused(archive: Path, reason: str) -> Failure:
    return Failure(
        f"{archive.name.removesuffix('.part')} was not unpacked: {reason}",
        meaning=f"the pinned archive is not what it should be. {UNTOUCHED.capitalize()}",
        fix="compare with the release on GitHub, then: inv tools.pin flyctl VERSION",
    )
