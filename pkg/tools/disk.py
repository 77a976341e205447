"""The few things about files that an installation needs to be sure of."""

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from pkg.shell.errors import Failure

UNTOUCHED = "nothing was replaced: what was installed before, if anything, is as it was"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def settle(path: Path, *, system: str = os.name) -> None:
    """Wait until a file's content, or a folder's entries, are on the disk."""
    if system == "nt":
        # Windows waits only for what was opened to be written, and for no folder.
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def explained(what: str, folder: Path) -> Iterator[None]:
    """Turn an error of the file system into one that says what to do.

    Args:
        what: what fails when it does, as a sentence.
        folder: where the work goes on.

    Raises:
        Failure: instead of any OSError.
    """
    try:
        yield
    except OSError as error:
        # A rename has two places, and the one that stands in the way is the second.
        place = Path(error.filename2 or error.filename or folder)
        again = "and run it again"
        if place.is_relative_to(folder) or folder.is_relative_to(place):
            again += ", or set INFRA_TOOLS_CACHE to a folder elsewhere"
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            reason, fix = "the disk is full", f"make room for {folder}"
        elif error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            reason, fix = f"{place} may not be written", "make it yours (chown, chmod)"
        else:
            reason, fix = f"{place}: {error.strerror or error}", "put that right"
        raise Failure(f"{what}: {reason}", meaning=UNTOUCHED, fix=f"{fix} {again}") from error
