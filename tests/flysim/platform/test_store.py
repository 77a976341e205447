"""The state survives many at once, death at any moment, and a folder that cannot be used."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pkg.flysim.platform import Platform, StateError
from pkg.flysim.platform.store import Store
from tests.flysim.simulation import Simulation

ROOT = Path(__file__).resolve().parents[3]
PROCESSES = 8
CHANGES = 50

WORKER = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pkg.flysim.platform import Platform
platform = Platform(sys.argv[1])
platform.control({{"apps": ["demo"]}})
for number in range(int(sys.argv[3])):
    values = {{"values": {{f"S_{{sys.argv[2]}}_{{number}}": "value"}}}}
    answer = platform.request("POST", "/v1/apps/demo/secrets", body=values, token="x")
    assert answer.status == 200, answer
    print(number, flush=True)
"""


def worker(folder: Path, name: int, changes: int = CHANGES) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-c", WORKER, str(folder), str(name), str(changes)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def secrets(folder: Path) -> set[str]:
    platform = Platform(folder)
    answer = platform.request("GET", "/v1/apps/demo/secrets", token="x")
    platform.close()
    return {secret["name"] for secret in answer.body["secrets"]}


def test_eight_processes_with_fifty_changes_each_lose_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    workers = [worker(folder, name) for name in range(PROCESSES)]
    for one in workers:
        _, err = one.communicate(timeout=100)
        assert (one.returncode, err) == (0, "")
    expected = {f"S_{name}_{number}" for name in range(PROCESSES) for number in range(CHANGES)}
    assert secrets(folder) == expected
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == []


def test_a_process_that_is_killed_at_any_moment_leaves_a_state_with_all_it_was_told_is_done(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "state"
    draw = random.Random(4)
    for name in range(6):
        victim = worker(folder, name, 100_000)
        assert victim.stdout is not None
        seen = [victim.stdout.readline()]
        time.sleep(draw.uniform(0, 0.05))
        victim.send_signal(signal.SIGKILL)
        seen += victim.stdout.read().splitlines()
        assert victim.stderr is not None
        victim.stderr.close()
        victim.stdout.close()
        assert victim.wait(timeout=30) == -signal.SIGKILL
        done = {f"S_{name}_{line.strip()}" for line in seen if line.strip()}
        assert done <= secrets(folder)
    with sqlite3.connect(folder / "state.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_change_that_fails_leaves_nothing_of_itself(sim: Simulation) -> None:
    def broken() -> None:
        with sim.platform.store.change() as session:
            session.put("thing", "one", {"a": 1})
            session.set(lag=9)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    with sim.platform.store.read() as session:
        assert session.get("thing", "one") is None
        assert "lag" not in session.settings


def test_a_reader_sees_one_moment_while_others_change_the_state(sim: Simulation) -> None:
    with sim.platform.store.read() as session:
        before = session.count("secret", "demo")
        sim.post("/v1/apps/demo/secrets", {"values": {"A": "1"}})
        assert session.count("secret", "demo") == before
    with sim.platform.store.read() as session:
        assert session.count("secret", "demo") == before + 1


def test_documents_keep_their_order_when_they_are_written_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.change() as session:
        for name in ("c", "a", "b"):
            session.put("thing", name, {"name": name}, app="demo")
        session.put("thing", "c", {"name": "c", "again": True}, app="demo")
        assert [one["name"] for one in session.all("thing", "demo")] == ["c", "a", "b"]
        assert [one["name"] for one in session.newest("thing", "demo", 2)] == ["b", "a"]
        assert session.delete("thing", "a")
        assert not session.delete("thing", "a")
        session.delete_oldest("thing", "demo", 1)
        assert [one["name"] for one in session.all("thing")] == ["b"]
    store.close()


def test_threads_of_one_process_lose_nothing_either(sim: Simulation) -> None:
    def change(number: int) -> int:
        return sim.request("POST", "/v1/apps/demo/secrets", {"values": {f"S{number}": "1"}}).status

    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(change, range(200))) == {200}
    assert len(sim.get("/v1/apps/demo/secrets")["secrets"]) == 200


@pytest.mark.parametrize("name", ["with space", "what?", "50%", "a#b", "ünïcode"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name / "state"
    platform = Platform(folder)
    platform.control({"apps": ["demo"]})
    platform.close()
    assert secrets(folder) == set()
    assert (folder / "state.db").exists()


def test_a_state_that_cannot_be_read_is_an_error_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(os.urandom(4096))
    platform = Platform(tmp_path)
    with pytest.raises(StateError, match=r"state\.db: file is not a database"):
        platform.control({})
    with pytest.raises(StateError, match=r"state\.db: file is not a database"):
        platform.request("GET", "/v1/apps/demo", token="x")


def test_a_state_that_was_removed_meanwhile_is_made_anew(tmp_path: Path) -> None:
    first = Platform(tmp_path / "state")
    first.control({"apps": ["demo"]})
    first.close()
    for path in (tmp_path / "state").iterdir():
        path.unlink()
    (tmp_path / "state").rmdir()
    assert first.control({})["apps"] == []
    first.close()
