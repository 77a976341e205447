"""A simulation on a disk that is full keeps its state, and says that it needs room."""

import subprocess
from pathlib import Path

import pytest

from tests.docs.scratch import Scratch

IN_A_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "bash", "-c")
MOUNT = 'mkdir "$0" && mount -t tmpfs -o size=3m none "$0"'
FILL = 'dd if=/dev/zero of="$0/fill" bs=4k 2>/dev/null'


def may_mount(folder: Path) -> bool:
    """Whether a user may have a small disk of their own here: Linux with user namespaces."""
    try:
        tried = subprocess.run([*IN_A_NAMESPACE, MOUNT, folder], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return tried.returncode == 0


def test_a_full_disk_is_given_room_and_its_state_is_kept(scratch: Scratch, tmp_path: Path) -> None:
    if not may_mount(tmp_path / "probe"):
        pytest.skip("no disk can be mounted here")
    words = f"""{MOUNT}; cp -r {scratch.state} "$0/state"; {FILL}
        run() {{ inv "$@"; echo "ended: $?"; }}
        run sandbox.fault GET; run sandbox.reset; run sandbox fly.deploy --yes
        rm "$0/fill"; run sandbox fly.deploy --yes; run sandbox.reset"""
    disk = tmp_path / "disk"
    done = subprocess.run(
        [*IN_A_NAMESPACE, words, disk],
        cwd=scratch.repo,
        env={**scratch.environment, "FLY_SANDBOX": str(disk / "state")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=110,
    )
    fault, reset, deploy, again, _ = told = done.stdout.split("ended: ")[:-1]
    assert "make room on its disk" in fault
    assert "there is no room for a simulated Fly" in reset
    assert "next:  make room" in reset
    assert "make room" in deploy
    assert "sandbox.reset" not in fault + reset + deploy
    assert "healthy (exit 0" in again
    assert [line for line in done.stdout.splitlines() if line.startswith("ended")] == [
        f"ended: {code}" for code in (1, 1, 1, 0, 0)
    ], told
