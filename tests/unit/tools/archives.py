"""Archives as releases have them, and as they should not be."""

import gzip
import io
import tarfile
import zipfile
from hashlib import sha256

from pkg.tools.pins import Confirmed


def program(version: str = "0.4.87") -> bytes:
    """Return a flyctl for this machine: a script that tells its version."""
    return f"#!/bin/sh\necho flyctl {version}\n".encode() + b"#" * 50_000


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, 0o644
    return info


def tar_gz(*members: tuple[str | tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    # No time in it: the same members make the same bytes.
    with (
        gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as opened,
    ):
        for member, content in members:
            info = entry(member) if isinstance(member, str) else member
            info.size = len(content)
            opened.addfile(info, io.BytesIO(content))
    return out.getvalue()


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as opened:
        for member, content in members:
            opened.writestr(zipfile.ZipInfo(member) if isinstance(member, str) else member, content, packing)
    return out.getvalue()


def confirmed(url: str, archive: bytes, binary: bytes) -> Confirmed:
    return Confirmed(url, len(archive), sha256(archive).hexdigest(), sha256(binary).hexdigest())
