"""One deploy at a time; the second is told of the first, and a killed one leaves no trap."""

import subprocess
import sys
from pathlib import Path

import pytest

from pkg.fly import lock
from pkg.shell.errors import Failure, Refused

ME = lock.Holder(who="me@here", since="2026-11-24T12:00:00Z", pid=1, task="fly.deploy", image="infra:v2")


def test_the_second_is_refused_and_told_who_is_first(tmp_path: Path) -> None:
    with lock.held(tmp_path, "infra", ME):
        with pytest.raises(Refused) as caught, lock.held(tmp_path, "infra", ME):
            pass
        text = str(caught.value)
        assert caught.value.exit_code == 3
        for part in ("me@here", "2026-11-24T12:00:00Z", "process 1", "infra:v2", "nothing was changed"):
            assert part in text
        assert lock.holder(tmp_path, "infra") == (ME, True)


def test_another_app_is_free(tmp_path: Path) -> None:
    with lock.held(tmp_path, "infra", ME), lock.held(tmp_path, "infra-core", ME) as stale:
        assert stale is None


def test_it_is_given_back_also_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="x"), lock.held(tmp_path, "infra", ME):
        raise ValueError("x")
    assert lock.holder(tmp_path, "infra") is None
    with lock.held(tmp_path, "infra", ME) as stale:
        assert stale is None


def test_a_killed_holder_is_known_and_stops_nobody(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from pkg.fly import lock
me = lock.Holder(who="gone@here", since="s", pid=os.getpid(), task="fly.deploy")
with lock.held(Path({str(tmp_path)!r}), "infra", me):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", program], cwd=root, check=False, timeout=30)
    found = lock.holder(tmp_path, "infra")
    assert found is not None
    assert (found[0].who, found[1]) == ("gone@here", False)
    with lock.held(tmp_path, "infra", ME) as stale:
        assert stale is not None
        assert stale.who == "gone@here"


def test_a_lock_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("a file")
    with pytest.raises(Failure, match="cannot be taken"), lock.held(tmp_path / "locks", "infra", ME):
        pass


def test_a_full_disk_under_the_lock_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "infra.json").symlink_to("/dev/full")
    with pytest.raises(Failure, match="No space left"), lock.held(tmp_path, "infra", ME):
        pass


def test_a_note_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "infra.json").mkdir()
    with pytest.raises(Failure, match="cannot be written"), lock.held(tmp_path, "infra", ME):
        pass
    (tmp_path / "infra.json").rmdir()
    with lock.held(tmp_path, "infra", ME):
        pass


def test_a_lock_that_cannot_be_asked_is_a_clear_error(tmp_path: Path) -> None:
    with lock.held(tmp_path, "infra", ME):
        note = (tmp_path / "infra.json").read_bytes()
    (tmp_path / "infra.json").write_bytes(note)
    (tmp_path / "infra.lock").unlink(missing_ok=True)
    (tmp_path / "infra.lock").mkdir()
    with pytest.raises(Failure, match="cannot be taken") as caught:
        lock.holder(tmp_path, "infra")
    assert caught.value.fix


@pytest.mark.parametrize(
    "note", [b"{", b"[]", b"{}", b'{"who": 7}', b"\0\0", b"\xff", b'{"x":' + b"[" * 100_000]
)
def test_a_lock_note_that_is_garbage_stops_nobody(tmp_path: Path, note: bytes) -> None:
    (tmp_path / "infra.json").write_bytes(note)
    assert lock.holder(tmp_path, "infra") is None
    with lock.held(tmp_path, "infra", ME) as stale:
        assert stale is None


def test_ones_own_lock_is_no_other_holder(tmp_path: Path) -> None:
    import os

    import msgspec

    mine = msgspec.structs.replace(ME, pid=os.getpid())
    with lock.held(tmp_path, "infra", mine):
        assert lock.holder(tmp_path, "infra") == (mine, True)
        assert lock.other_holder(tmp_path, "infra") is None
