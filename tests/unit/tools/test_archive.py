"""Only the expected members, plain files of a bounded size; anything else stops the installation."""

import contextlib
import errno
import random
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pkg.shell.errors import Failure
from pkg.tools.archive import unpack
from pkg.tools.steps import Step, unwatched
from tests.unit.tools.archives import entry, program, tar_gz, zipped

UNIX = frozenset({"flyctl"})
WINDOWS = frozenset({"flyctl.exe", "wintun.dll"})


def unpacked(folder: Path, archive: bytes, *, name: str = "a.tar.gz", members: frozenset[str] = UNIX) -> Path:
    path, into = folder / name, folder / "into"
    path.write_bytes(archive)
    into.mkdir()
    unpack(path, into, members=members, steps=unwatched, largest=200_000)
    return into


def test_the_program_of_a_tar_is_unpacked_and_can_be_run(tmp_path: Path) -> None:
    into = unpacked(tmp_path, tar_gz(("flyctl", program())))
    assert (into / "flyctl").read_bytes() == program()
    assert stat.S_IMODE((into / "flyctl").stat().st_mode) == 0o755
    assert [path.name for path in into.iterdir()] == ["flyctl"]


@pytest.mark.parametrize("name", ["a.zip", "a.zip.part", "flyctl_0.4.87_Windows_x86_64.zip.part"])
def test_the_program_and_the_driver_of_a_zip_are_unpacked(tmp_path: Path, name: str) -> None:
    archive = zipped(("wintun.dll", b"driver"), ("flyctl.exe", program()))
    into = unpacked(tmp_path, archive, name=name, members=WINDOWS)
    assert (into / "flyctl.exe").read_bytes() == program()
    assert (into / "wintun.dll").read_bytes() == b"driver"


def test_an_archive_that_is_still_called_a_part_is_unpacked(tmp_path: Path) -> None:
    assert (unpacked(tmp_path, tar_gz(("flyctl", b"x")), name="a.tar.gz.part") / "flyctl").exists()


@pytest.mark.parametrize(
    "archive",
    [
        tar_gz(("flyctl", b"x"), ("README.md", b"x")),
        tar_gz(("../flyctl", b"x")),
        tar_gz(("/flyctl", b"x")),
        tar_gz(("./flyctl", b"x")),
        tar_gz(("flyctl/", b"")),
        tar_gz(("flyctl/../../evil", b"x")),
        tar_gz(("flyctl", b"x"), ("flyctl", b"y")),
        tar_gz((entry("flyctl", tarfile.SYMTYPE, "/bin/sh"), b"")),
        tar_gz((entry("flyctl", tarfile.LNKTYPE, "/bin/sh"), b"")),
        tar_gz((entry("flyctl", tarfile.DIRTYPE), b"")),
        tar_gz((entry("flyctl", tarfile.CHRTYPE), b"")),
        tar_gz((entry("flyctl", tarfile.FIFOTYPE), b"")),
        tar_gz(("flyctl", bytes(200_001))),
        tar_gz(("flyct", b"x")),
        tar_gz(),
        b"",
        b"not an archive",
        tar_gz(("flyctl", program()))[:-200],
        zipped(("flyctl", b"x")),
    ],
)
def test_a_tar_that_is_not_as_expected_is_refused(tmp_path: Path, archive: bytes) -> None:
    with pytest.raises(Failure, match=r"^a\.tar\.gz was not unpacked: ") as failure:
        unpacked(tmp_path, archive)
    assert "what was installed before, if anything" in failure.value.meaning
    assert {path.name for path in tmp_path.iterdir()} == {"a.tar.gz", "into"}


def zip_entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def encrypted() -> bytes:
    """Return a zip whose first member says that it is encrypted, in both places that tell so."""
    plain = bytearray(zipped(("flyctl.exe", b"x"), ("wintun.dll", b"x")))
    plain[6] |= 1
    central = plain.index(b"PK\x01\x02")
    plain[central + 8] |= 1
    return bytes(plain)


def patched(offset: int, value: int, *, part: bytes = b"PK\x01\x02") -> bytes:
    """Return a zip with one byte of its list of members, or of another part, changed."""
    plain = bytearray(zipped(("flyctl.exe", b"x"), ("wintun.dll", b"x")))
    plain[plain.index(part) + offset] = value
    return bytes(plain)


def damaged() -> bytes:
    plain = bytearray(zipped(("flyctl.exe", b"A" * 100), ("wintun.dll", b"x"), packing=zipfile.ZIP_STORED))
    plain[60] ^= 1
    return bytes(plain)


@pytest.mark.parametrize(
    "archive",
    [
        zipped(("flyctl.exe", b"x")),
        zipped(("flyctl.exe", b"x"), ("wintun.dll", b"x"), ("evil.dll", b"x")),
        zipped(("..\\flyctl.exe", b"x")),
        zipped(("../flyctl.exe", b"x")),
        zipped(("flyctl.exe/", b"")),
        zipped((zip_entry("flyctl.exe", stat.S_IFLNK | 0o777), b"/bin/sh"), ("wintun.dll", b"x")),
        zipped((zip_entry("flyctl.exe", stat.S_IFCHR), b""), ("wintun.dll", b"x")),
        zipped(("flyctl.exe", bytes(200_001)), ("wintun.dll", b"x")),
        zipped(("flyctl.exe", b"x"), ("wintun.dll", b"x"), packing=zipfile.ZIP_BZIP2),
        encrypted(),
        patched(8, 32),  # patched data
        patched(6, 99),  # a version from the future
        patched(45, 255),  # an offset far away
        patched(42, 9),  # an offset into something else
        patched(17, 9, part=b"PK\x05\x06"),  # an offset before the beginning
        damaged(),
        b"PK\x03\x04 and no more",
        tar_gz(("flyctl.exe", b"x")),
    ],
)
def test_a_zip_that_is_not_as_expected_is_refused(tmp_path: Path, archive: bytes) -> None:
    with pytest.raises(Failure, match=r"^a\.zip was not unpacked: "):
        unpacked(tmp_path, archive, name="a.zip", members=WINDOWS)
    assert {path.name for path in tmp_path.iterdir()} == {"a.zip", "into"}


def cut() -> bytes:
    return tar_gz(("flyctl", random.Random(7).randbytes(100_000)))[:-50_000]


def flipped() -> bytes:
    """Return a zip whose last member is not what its checksum says."""
    whole = bytearray(zipped(("flyctl", b"A" * 100), packing=zipfile.ZIP_STORED))
    whole[60] ^= 1
    return bytes(whole)


def misplaced() -> bytes:
    """Return a zip that says of its only member that it begins before the file."""
    whole = bytearray(zipped(("flyctl", b"x")))
    whole[whole.index(b"PK\x05\x06") + 17] = 9
    return bytes(whole)


@pytest.mark.parametrize(
    ("name", "archive"), [("a.tar.gz", cut()), ("a.zip", flipped()), ("a.zip", misplaced())]
)
def test_an_archive_that_breaks_within_its_last_member_is_damaged(
    tmp_path: Path, name: str, archive: bytes
) -> None:
    with pytest.raises(Failure, match="it is damaged"):
        unpacked(tmp_path, archive, name=name)


def test_the_largest_size_is_still_allowed(tmp_path: Path) -> None:
    assert (unpacked(tmp_path, tar_gz(("flyctl", bytes(200_000)))) / "flyctl").stat().st_size == 200_000


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    def full(step: Step) -> None:
        assert step == "unpacking"
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "a.tar.gz").write_bytes(tar_gz(("flyctl", b"x")))
    with pytest.raises(OSError, match="No space"):
        unpack(tmp_path / "a.tar.gz", tmp_path, members=UNIX, steps=full)


TAR, ZIP = tar_gz(("flyctl", program())), zipped(("flyctl", program()))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=200)
@given(
    data=st.data(),
    kind=st.sampled_from([("a.tar.gz", TAR), ("a.zip", ZIP)]),
)
def test_a_damaged_archive_is_refused_and_nothing_else_happens(
    tmp_path: Path, data: st.DataObject, kind: tuple[str, bytes]
) -> None:
    name, whole = kind
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 5))):
        changed[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / name).write_bytes(changed[: data.draw(st.integers(1, len(whole)))])
    for old in tmp_path.glob("into/*"):
        old.unlink()
    (tmp_path / "into").mkdir(exist_ok=True)
    with contextlib.suppress(Failure):
        unpack(tmp_path / name, tmp_path / "into", members=UNIX, steps=unwatched)
    assert {path.name for path in tmp_path.glob("into/*")} <= {"flyctl"}
