"""The replication check with a real Litestream, then broken on purpose: no breakage may look good."""

import importlib.util
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pkg.litestream import failures
from pkg.litestream.failures import Unproven
from pkg.litestream.place import Here
from pkg.litestream.proof import Proof, Target, prove
from pkg.shell.workspace import Workspace
from tests.real.conftest import HERE, ROOT, Started, environment, missing, need, run, running, wait_for

LITESTREAM_YML = ROOT / "processcompose/notes/litestream.yml"


class Tenant:
    """A database under a real Litestream, with the repo's own litestream.yml."""

    def __init__(
        self, folder: Path, litestream: str, workspace: Callable[..., Workspace], **env: str
    ) -> None:
        self.folder = folder
        self.database = folder / "a.db"
        self.log = folder / "litestream.log"
        self.litestream = litestream
        self.env = {"DATABASE": str(self.database), "LITESTREAM_SOCKET": str(folder / "s.sock"), **env}
        self.stack = ExitStack()
        self.daemon: Started | None = None
        self.ws = workspace(folder, litestream)
        self.target = Target(str(self.database), self.env["LITESTREAM_SOCKET"], str(LITESTREAM_YML))

    def sql(self, text: str, database: Path | None = None) -> str:
        done = run([need("sqlite3"), "-bail", str(database or self.database), text])
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, **env: str) -> None:
        """Start the daemon and wait until it answers."""
        asked = [self.litestream, "list", "-socket", self.target.socket]
        argv = [self.litestream, "replicate", "-config", str(LITESTREAM_YML)]
        self.daemon = self.stack.enter_context(
            running(argv, self.log, env=environment(**{**self.env, **env}))
        )
        # The socket's file may be what a killed daemon has left.
        wait_for(lambda: run(asked).returncode == 0, "the daemon", self.log)

    def stop(self, number: int = signal.SIGTERM) -> None:
        assert self.daemon
        self.daemon.end(number)

    def prove(self, **options: bool | int) -> Proof:
        place = Here(self.ws.runner, self.env)
        proof = prove(place, self.target, self.ws.clock, timeout=10, **options)  # type: ignore[arg-type]  # by name
        assert proof
        return proof

    def says(self, *words: str) -> list[dict[str, str]]:
        """Return what Litestream itself says."""
        done = run([self.litestream, *words], env=environment(**self.env))
        assert done.returncode == 0, done.stderr
        value = json.loads(done.stdout)
        found = value["databases"] if isinstance(value, dict) else value
        assert isinstance(found, list)
        return found

    def fails(self, *kinds: type[Unproven], **options: bool | int) -> Unproven:
        """Return the check's failure, which must be of one of these kinds and leave no copy behind."""
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        self.env["TMPDIR"] = self.env.get("TMPDIR", str(scratch))
        with pytest.raises(Unproven) as caught:
            self.prove(**options)
        assert isinstance(caught.value, kinds), str(caught.value)
        assert list(scratch.iterdir()) == []
        return caught.value


@pytest.fixture(params=["file", "s3"])
def replica(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(replica: str, tmp_path: Path, port: int) -> Iterator[dict[str, str]]:
    """The variables that lead to an empty replica: a folder, or a bucket."""
    if replica == "file":
        yield {"REPLICA_URL": f"file://{tmp_path / 'replica'}"}
        return
    if not importlib.util.find_spec("moto"):
        missing("moto", "install the locked packages of the real session (nox -s real)")
    key = tmp_path / "key.json"
    argv = [sys.executable, str(HERE / "s3_server.py"), str(port), str(key)]
    with running(argv, tmp_path / "s3.log") as started:
        wait_for(key.exists, "the store", started.log, seconds=60)
        url = f"s3://replica/notes?endpoint=http://127.0.0.1:{port}&region=us-east-1"
        yield {"REPLICA_URL": url, **json.loads(key.read_text())}


@pytest.fixture
def tenant(
    store: dict[str, str],
    tmp_path: Path,
    built: Callable[[str], str],
    workspace: Callable[..., Workspace],
) -> Iterator[Tenant]:
    """A database with a row, replicated."""
    folder = tmp_path / "t"
    folder.mkdir()
    made = Tenant(folder, built("litestream"), workspace, **store)
    with made.stack:
        made.sql("pragma journal_mode = wal; create table notes (text); insert into notes values ('one')")
        made.start()
        yield made


def test_a_good_replica_is_proven_by_a_row_that_came_back(tenant: Tenant) -> None:
    proof = tenant.prove()
    assert proof.sentinel
    assert proof.version == "0.5.18"
    assert proof.size >= 8192
    assert 0 <= proof.lag < 10
    assert tenant.sql("select count(*) from _infra_sentinel").strip() == "1"
    later = tenant.prove()
    assert later.position > proof.position
    assert later.idle is not None
    assert tenant.sql("select count(*) from _infra_sentinel").strip() == "1"


def test_read_only_proves_positions_and_leaves_the_database_as_it_is(tenant: Tenant) -> None:
    before = tenant.sql(".dump notes")
    proof = tenant.prove(read_only=True)
    assert not proof.sentinel
    assert proof.position >= 1
    assert tenant.sql(".dump notes") == before
    assert "_infra_sentinel" not in tenant.sql(".tables")


@pytest.mark.parametrize("read_only", [False, True])
def test_a_dead_daemon_is_found_though_status_says_ok(read_only: bool, tenant: Tenant) -> None:
    tenant.prove()
    tenant.stop(signal.SIGKILL)
    status = tenant.says("status", "-json", "-config", str(LITESTREAM_YML), str(tenant.database))
    assert [each["status"] for each in status] == ["ok"]
    tenant.fails(failures.DaemonDead, read_only=read_only)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_replica_that_is_gone_is_found_though_the_daemon_replicates(
    read_only: bool, tenant: Tenant
) -> None:
    tenant.prove()
    # The daemon's first snapshot comes a moment after its start; later it would make the replica whole again.
    wait_for(lambda: "snapshot complete" in tenant.log.read_text(), "the first snapshot", tenant.log)
    empty(tenant)
    tenant.fails(failures.ReplicaGone, read_only=read_only)
    listed = tenant.says("list", "-json", "-socket", tenant.target.socket)
    assert [each["status"] for each in listed] == ["replicating"]


@pytest.mark.parametrize("replica", ["s3"], indirect=True)
@pytest.mark.parametrize("read_only", [False, True])
def test_a_wrong_key_is_found(read_only: bool, tenant: Tenant) -> None:
    tenant.prove()
    tenant.stop()
    tenant.env["AWS_SECRET_ACCESS_KEY"] = "wrong"
    tenant.start()
    failure = tenant.fails(failures.ReplicaRefused, read_only=read_only)
    assert "fly.secrets.set" in failure.fix


@pytest.mark.parametrize("replica", ["s3"], indirect=True)
def test_a_store_that_is_away_is_found(tenant: Tenant) -> None:
    tenant.prove()
    tenant.stop()
    tenant.env["REPLICA_URL"] = "s3://replica/notes?endpoint=http://127.0.0.1:1&region=us-east-1"
    tenant.start()
    tenant.fails(failures.ReplicaUnreachable, failures.Behind)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for next to nothing."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = run([need("mount"), "-t", "tmpfs", "-o", "size=192k", "tmpfs", str(folder)])
    if done.returncode:
        missing("the right to mount a file system", "run this as root")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


BIG = "insert into notes values (hex(randomblob(400000)))"


@pytest.mark.parametrize("replica", ["file"], indirect=True)
def test_a_full_disk_under_the_replica_is_found(
    small_disk: Path,
    tmp_path: Path,
    built: Callable[[str], str],
    workspace: Callable[..., Workspace],
    replica: str,
) -> None:
    folder = tmp_path / "t"
    folder.mkdir()
    full = Tenant(folder, built("litestream"), workspace, REPLICA_URL=f"file://{small_disk}/replica")
    with full.stack:
        full.sql("pragma journal_mode = wal; create table notes (text)")
        full.start()
        full.prove()
        full.sql(BIG)
        full.fails(failures.DiskFull)


def test_no_room_for_the_copy_is_found_and_leaves_nothing(small_disk: Path, tenant: Tenant) -> None:
    tenant.prove()
    tenant.sql(BIG)
    tenant.env["TMPDIR"] = str(small_disk)
    tenant.fails(failures.DiskFull)
    assert list(small_disk.iterdir()) == []


def test_a_replaced_database_is_found(tenant: Tenant) -> None:
    tenant.prove()
    other = tenant.folder / "other.db"
    tenant.sql(
        "pragma journal_mode = wal; create table notes (text); insert into notes values ('new')", other
    )
    for suffix in ("-wal", "-shm"):
        tenant.database.with_name(tenant.database.name + suffix).unlink(missing_ok=True)
    other.replace(tenant.database)
    tenant.fails(failures.DatabaseReplaced, failures.SentinelLost, failures.Behind)


def test_a_restart_after_it_was_replaced_replicates_the_new_one(tenant: Tenant) -> None:
    test_a_replaced_database_is_found(tenant)
    tenant.stop(signal.SIGKILL)
    tenant.start()
    assert tenant.prove().sentinel


@pytest.mark.parametrize("replica", ["file"], indirect=True)
def test_a_damaged_replica_is_found(tenant: Tenant, tmp_path: Path) -> None:
    tenant.prove()
    for path in (tmp_path / "replica").rglob("*.ltx"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)
    tenant.fails(Unproven)
    copy_anew(tenant, tmp_path / "replica")


def copy_anew(tenant: Tenant, replica: Path) -> None:
    """Do what the check advises; a reset alone is no help: the daemon goes on from what the store has."""
    tenant.stop()
    replica.rename(replica.with_name("kept"))
    reset = [tenant.litestream, "reset", "-config", str(LITESTREAM_YML), str(tenant.database)]
    assert run(reset, env=environment(**tenant.env)).returncode == 0
    tenant.start()
    assert tenant.prove().sentinel


@pytest.mark.parametrize("replica", ["file"], indirect=True)
def test_a_replica_with_a_gap_is_found(tenant: Tenant, tmp_path: Path) -> None:
    wait_for(lambda: "snapshot complete" in tenant.log.read_text(), "the first snapshot", tenant.log)
    before = set((tmp_path / "replica").rglob("*.ltx"))
    tenant.prove()
    for path in set((tmp_path / "replica").rglob("*.ltx")) - before:
        path.unlink()
    gap = tenant.fails(failures.Gap)
    assert "non-contiguous" in gap.said
    copy_anew(tenant, tmp_path / "replica")


def test_a_daemon_that_hangs_is_found(tenant: Tenant) -> None:
    tenant.prove()
    assert tenant.daemon
    tenant.daemon.process.send_signal(signal.SIGSTOP)
    try:
        tenant.fails(failures.DaemonDead, failures.Behind)
    finally:
        tenant.daemon.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("replica", ["file"], indirect=True)
def test_a_database_that_the_daemon_does_not_know_is_found(tenant: Tenant) -> None:
    other = tenant.folder / "other.db"
    tenant.sql("create table notes (text)", other)
    tenant.target = Target(str(other), tenant.target.socket, tenant.target.config)
    tenant.fails(failures.NotManaged)


def empty(tenant: Tenant) -> None:
    """Take everything out of the replica, behind the daemon's back."""
    url = tenant.env["REPLICA_URL"]
    if url.startswith("file://"):
        shutil.rmtree(url.removeprefix("file://"))
        return
    import boto3  # type: ignore[import-not-found]  # only the real session has it

    endpoint = url.split("endpoint=")[1].split("&")[0]
    s3 = boto3.resource(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=tenant.env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=tenant.env["AWS_SECRET_ACCESS_KEY"],
    )
    s3.Bucket("replica").objects.all().delete()
