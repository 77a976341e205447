"""The proof, step by step, at a place that answers what the test says in Litestream 0.5.18's words."""

import json
import re
from collections.abc import Sequence

import pytest

from pkg.litestream import failures
from pkg.litestream.failures import Unproven
from pkg.litestream.place import Answer
from pkg.litestream.proof import Target, prove
from pkg.shell.errors import Failure
from tests.fakes import START, ManualClock

TARGET = Target("/data/a.db", "/data/s.sock", "/etc/litestream.yml")


class FakePlace:
    """Answers each step; `tell` changes one. The copy has the sentinel, unless told otherwise."""

    name = "m1 (infra-notes)"

    def __init__(self, clock: ManualClock, *, dry: bool = False) -> None:
        self.clock = clock
        self.dry = dry
        self.ran: list[tuple[str, ...]] = []
        self.told: dict[str, tuple[int, str, str]] = {}
        self.written = ""

    def tell(self, step: str, stdout: str = "", stderr: str = "", code: int = 0) -> None:
        self.told[step] = (code, stdout, stderr)

    def run(self, argv: Sequence[str], *, timeout: int = 60) -> Answer:
        self.ran.append(tuple(argv))
        self.clock.advance(0.25)
        if self.dry:
            return Answer(tuple(argv), skipped=True)
        step = self._step(argv)
        if step in self.told:
            code, stdout, stderr = self.told[step]
            return Answer(tuple(argv), code, stdout, stderr)
        return Answer(tuple(argv), 0, self._good(step, argv), "")

    def _step(self, argv: Sequence[str]) -> str:
        if argv[0] == "sqlite3":
            return "read" if "-readonly" in argv else "write"
        return argv[1] if argv[0] == "litestream" else argv[0]

    def _good(self, step: str, argv: Sequence[str]) -> str:
        if step == "write":
            self.written = argv[-1].split("values (1, ")[1].split(")")[0]
        answers = {
            "version": "0.5.18\n",
            "list": json.dumps({"databases": [{"path": TARGET.database, "status": "replicating"}]}),
            "sync": '{"db_path": "/data/a.db", "txid": 26, "replica_txid": 26, "duration_ms": 1}',
            "mktemp": "/tmp/tmp.1\n",
            "restore": '{"db_path": "x", "txid": "000000000000001a", "integrity_check": "full"}',
            "read": f"8192\n{self.written}\n" if "sentinel" in argv[-1] else "8192\n",
        }
        return answers.get(step, "")

    @property
    def steps(self) -> list[str]:
        return [self._step(argv) for argv in self.ran]


@pytest.fixture
def place(clock: ManualClock) -> FakePlace:
    return FakePlace(clock)


ALL = ["version", "list", "write", "sync", "mktemp", "restore", "read", "rm"]


def test_a_row_goes_in_and_must_be_in_the_restored_copy(place: FakePlace, clock: ManualClock) -> None:
    proof = prove(place, TARGET, clock)
    assert proof is not None
    assert place.steps == ALL
    assert (proof.position, proof.size, proof.version, proof.sentinel) == (26, 8192, "0.5.18", True)
    assert (proof.lag, proof.seconds, proof.idle) == (0.25, 2.0, None)
    assert place.ran[-1] == ("rm", "-rf", "/tmp/tmp.1")
    assert place.ran[5][-2:] == ("-json", "/data/a.db")
    assert "-if-replica-exists" not in place.ran[5]


def test_read_only_writes_nothing(place: FakePlace, clock: ManualClock) -> None:
    proof = prove(place, TARGET, clock, read_only=True)
    assert proof is not None
    assert not proof.sentinel
    assert place.steps == [step for step in ALL if step != "write"]
    assert "sentinel" not in " ".join(" ".join(argv) for argv in place.ran)


def test_how_long_the_replica_was_idle_is_told(place: FakePlace, clock: ManualClock) -> None:
    last = {"path": TARGET.database, "last_sync_at": START.isoformat()}
    place.tell("list", json.dumps({"databases": [last]}))
    clock.advance(60)
    proof = prove(place, TARGET, clock)
    assert proof is not None
    assert proof.idle == pytest.approx(60.5)


def test_a_dry_run_shows_every_step_and_proves_nothing(clock: ManualClock) -> None:
    place = FakePlace(clock, dry=True)
    assert prove(place, TARGET, clock) is None
    assert place.steps == ALL


DAEMON = "Error: failed to connect to control socket: dial unix s.sock: connect: no such file"
WRONG_KEY = (
    "Error: sync failed: sync database: db sync: get replica position: operation"
    " error S3: ListObjectsV2, https response error StatusCode: 403, api error SignatureDoesNotMatch"
)
FULL = "Error: sync failed: sync database: write ltx file: write /r/1.ltx.tmp: no space left on device"
FULL_COPY = "Error: decode database: write page 33: write full/x.db.tmp: no space left on device"
REPLACED = "Error: sync failed: sync database: db sync: ensure wal exists: disk I/O error (522)"


@pytest.mark.parametrize(
    ("step", "stderr", "kind"),
    [
        ("version", "litestream was not found on PATH", failures.LitestreamMissing),
        ("list", DAEMON, failures.DaemonDead),
        ("sync", DAEMON, failures.DaemonDead),
        ("sync", WRONG_KEY, failures.ReplicaRefused),
        ("sync", FULL, failures.DiskFull),
        ("sync", REPLACED, failures.DatabaseReplaced),
        ("sync", "Error: sync failed: database not found: /data/a.db", failures.NotManaged),
        ("sync", "Error: sync failed: context deadline exceeded", failures.Behind),
        ("sync", "dial tcp: lookup fly.storage: no such host", failures.ReplicaUnreachable),
        ("sync", "https response error StatusCode: 503", failures.ReplicaUnreachable),
        ("restore", "Error: no matching backup files available", failures.ReplicaGone),
        (
            "restore",
            "Error: get v0.3.x time bounds: open /r/generations: not a directory",
            failures.ReplicaGone,
        ),
        ("restore", "Error: cannot calc restore plan: non-contiguous ltx files: prev=7", failures.Gap),
        ("sync", "Error: sync failed: non-contiguous transaction files: prev=0", failures.Gap),
        ("restore", FULL_COPY, failures.DiskFull),
        ("restore", "Error: post-restore integrity check failed: row 3 missing", failures.Damaged),
        ("write", "Error: database disk image is malformed", failures.DatabaseDamaged),
        ("sync", "Error: sync failed: database disk image is malformed", failures.DatabaseReplaced),
        ("read", "Error: file is not a database", failures.Damaged),
        ("sync", "Error: something that nobody has seen yet", Unproven),
    ],
)
def test_each_way_to_fail_has_its_own_word(
    step: str, stderr: str, kind: type[Unproven], place: FakePlace, clock: ManualClock
) -> None:
    place.tell(step, stderr=stderr, code=1)
    with pytest.raises(Unproven) as caught:
        prove(place, TARGET, clock)
    assert type(caught.value) is kind
    assert caught.value.exit_code == 1
    text = str(caught.value)
    assert all(part in text for part in ("ran:", "said:", stderr.splitlines()[0], "means:", "next:"))
    # What was begun is cleaned up, and what comes after a failure is not done.
    assert (place.steps[-1] == "rm") is ("mktemp" in place.steps)


@pytest.mark.parametrize("said", ["0.3.13", "v0.5.11", "(development build)", ""])
def test_an_old_litestream_is_too_old(said: str, place: FakePlace, clock: ManualClock) -> None:
    place.tell("version", said)
    with pytest.raises(failures.LitestreamTooOld, match=r"not 0\.5\.12 or later"):
        prove(place, TARGET, clock)
    assert place.steps == ["version"]


@pytest.mark.parametrize("said", ["0.5.12", "v0.5.18\n", "Litestream 1.0.0", "0.10.0"])
def test_a_later_one_is_not(said: str, place: FakePlace, clock: ManualClock) -> None:
    place.tell("version", said)
    assert prove(place, TARGET, clock)


def test_a_replica_that_is_behind_is_not_good(place: FakePlace, clock: ManualClock) -> None:
    place.tell("sync", '{"txid": 27, "replica_txid": 26}')
    with pytest.raises(failures.Behind, match="is at 27, its replica at 26"):
        prove(place, TARGET, clock)


def test_a_copy_that_is_behind_is_not_good(place: FakePlace, clock: ManualClock) -> None:
    place.tell("restore", '{"txid": "0000000000000019", "integrity_check": "full"}')
    with pytest.raises(failures.Behind, match="is at 26, the copy at 25"):
        prove(place, TARGET, clock)


def test_a_copy_that_was_not_checked_is_not_good(place: FakePlace, clock: ManualClock) -> None:
    place.tell("restore", '{"txid": "000000000000001a", "integrity_check": "none"}')
    with pytest.raises(failures.Damaged, match="was not checked in full"):
        prove(place, TARGET, clock)


@pytest.mark.parametrize("copy", ["8192\n", "8192\n5\n", "8192\n1\n2\n"])
def test_a_copy_without_the_row_is_another_database(copy: str, place: FakePlace, clock: ManualClock) -> None:
    place.tell("read", copy)
    with pytest.raises(failures.SentinelLost):
        prove(place, TARGET, clock)
    assert place.steps[-1] == "rm"


@pytest.mark.parametrize("step", ["list", "sync", "restore"])
@pytest.mark.parametrize("said", ["", "ok", "[]", "{}", '{"txid": "x"}'])
def test_an_answer_that_is_not_understood_proves_nothing(
    step: str, said: str, place: FakePlace, clock: ManualClock
) -> None:
    place.tell(step, said)
    with pytest.raises(Unproven, match="is not understood"):
        prove(place, TARGET, clock)


def test_log_lines_before_an_answer_are_passed_over(place: FakePlace, clock: ManualClock) -> None:
    log = 'time=2026-11-24T08:44:45.621Z level=INFO msg="post-restore integrity check passed {}" db=a.db\n'
    place.tell("restore", log + '{\n  "txid": "000000000000001a",\n  "integrity_check": "full"\n}\n')
    assert prove(place, TARGET, clock)


@pytest.mark.parametrize("said", ["", "tmp", "ok"])
def test_nothing_is_deleted_that_is_no_scratch_folder(
    said: str, place: FakePlace, clock: ManualClock
) -> None:
    place.tell("mktemp", said)
    with pytest.raises(Failure, match="which is no folder"):
        prove(place, TARGET, clock)
    assert place.steps[-1] == "mktemp"


def test_each_proof_writes_another_number(clock: ManualClock) -> None:
    places = [FakePlace(clock) for _ in range(3)]
    for place in places:
        prove(place, TARGET, clock)
    assert len({place.written for place in places}) == 3


def test_a_gap_cannot_be_restored_from_and_is_copied_anew() -> None:
    gap = failures.Gap("restoring a copy failed")
    assert "cannot be restored from" in gap.meaning
    assert "litestream reset" in gap.fix


@pytest.mark.parametrize("kind", [Unproven, *Unproven.__subclasses__(), failures.Gap])
def test_what_to_do_here_is_nothing_that_only_a_machine_has(kind: type[Unproven]) -> None:
    assert kind is Unproven or kind.remedy_here != Unproven.remedy_here
    assert not re.search(r"inv fly\.|machine|Dockerfile|deploy|volume|bucket", kind.remedy_here)
