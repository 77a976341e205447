"""One request when all goes well, a few more when the network stumbles, and only what was pinned."""

import errno
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from pkg.shell.errors import Failure
from pkg.tools import network
from pkg.tools.download import Wire, fetch, read
from pkg.tools.retry import DEADLINE, FIRST_PAUSE, LONGEST_RETRY_AFTER
from pkg.tools.steps import Step
from tests.fakes import ManualClock
from tests.unit.tools.loopback import File, Server

BODY = random.Random(7).randbytes(300_000)
DIGEST = sha256(BODY).hexdigest()


class Fetcher:
    """Fetches from the server, keeping what it was told meanwhile."""

    def __init__(self, server: Server, path: Path, clock: ManualClock, client: httpx.Client) -> None:
        self.server, self.path, self.clock, self.client = server, path, clock, client
        self.said: list[str] = []
        self.told: list[tuple[int, int]] = []
        self.steps: list[Step] = []
        self.at: Callable[[Step], None] = lambda _: None

    def __call__(self, route: str = "/file", *, size: int = len(BODY), digest: str = DIGEST) -> None:
        def step(name: Step) -> None:
            self.steps.append(name)
            self.at(name)

        wire = Wire(
            client=self.client,
            clock=self.clock,
            say=self.said.append,
            progress=lambda here, total: self.told.append((here, total)),
            steps=step,
        )
        url = route if "://" in route else self.server.url + route
        fetch(url, self.path, size=size, digest=digest, wire=wire)

    @property
    def note(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")


@pytest.fixture
def opened() -> Iterator[Callable[[Mapping[str, str]], httpx.Client]]:
    clients: list[httpx.Client] = []

    def open_client(variables: Mapping[str, str]) -> httpx.Client:
        clients.append(network.client(variables))
        return clients[-1]

    yield open_client
    for client in clients:
        client.close()


@pytest.fixture
def fetcher(
    server: Server, tmp_path: Path, clock: ManualClock, opened: Callable[[Mapping[str, str]], httpx.Client]
) -> Fetcher:
    return Fetcher(server, tmp_path / "deep" / "file.part", clock, opened({}))


@pytest.fixture
def file(server: Server) -> File:
    return server.put("/file", BODY)


def test_a_download_that_goes_well_makes_one_request_and_tells_how_far_it_is(
    fetcher: Fetcher, file: File
) -> None:
    fetcher()
    assert fetcher.path.read_bytes() == BODY
    assert fetcher.server.asked == ["/file"]
    assert (fetcher.told[0], fetcher.told[-1]) == ((0, len(BODY)), (len(BODY), len(BODY)))
    assert [here for here, _ in fetcher.told] == sorted(here for here, _ in fetcher.told)
    assert (fetcher.steps[0], fetcher.steps[-1]) == ("answered", "verified")
    assert fetcher.clock.sleeps == []


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 599])
def test_what_may_pass_is_tried_again_until_it_has_passed(fetcher: Fetcher, file: File, status: int) -> None:
    file.failures = [status] * 3
    fetcher()
    assert fetcher.path.read_bytes() == BODY
    assert len(fetcher.server.requests) == 4
    assert len(fetcher.said) == 3
    assert str(status) in fetcher.said[0]


def test_the_fourth_failure_is_the_last(fetcher: Fetcher, file: File) -> None:
    file.failures = [503] * 9
    with pytest.raises(Failure, match=r"could not be fetched: the server answered 503") as failure:
        fetcher()
    assert len(fetcher.server.requests) == 4
    assert "tried 4 times" in failure.value.meaning
    assert "what was installed before, if anything" in failure.value.meaning
    assert not fetcher.path.exists()


def test_the_pauses_grow_and_differ_from_one_run_to_the_next(fetcher: Fetcher, file: File) -> None:
    runs = []
    for _ in range(2):
        file.failures = [500] * 3
        fetcher()
        fetcher.path.unlink()
        runs.append(list(fetcher.clock.sleeps))
        fetcher.clock.sleeps.clear()
    for number, pause in enumerate(runs[0]):
        assert FIRST_PAUSE * 2**number <= pause <= FIRST_PAUSE * 2**number + FIRST_PAUSE
    assert runs[0] != runs[1]


@pytest.mark.parametrize(
    ("asked", "waited"), [("7", 7.0), ("9999", LONGEST_RETRY_AFTER), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0)]
)
def test_a_server_that_asks_for_patience_gets_it_within_reason(
    fetcher: Fetcher, file: File, asked: str, waited: float
) -> None:
    file.failures, file.failure_headers = [429], {"Retry-After": asked}
    fetcher()
    assert fetcher.clock.sleeps[0] == waited or waited < fetcher.clock.sleeps[0] <= 2 * FIRST_PAUSE


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "is not there"), (410, "is not there"), (401, "was refused"), (403, "was refused")],
)
def test_what_will_not_pass_is_not_tried_again(fetcher: Fetcher, file: File, status: int, words: str) -> None:
    file.failures = [status] * 2
    with pytest.raises(Failure, match=words):
        fetcher()
    assert len(fetcher.server.requests) == 1
    assert fetcher.clock.sleeps == []


# Always fresh, however long the tests before this one take.
TOMORROW = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        ({"ETag": '"one"'}, '"one"'),
        ({"Last-Modified": "Tue, 03 Nov 2020 07:28:00 GMT"}, "Tue, 03 Nov 2020 07:28:00 GMT"),
        ({"ETag": 'W/"weak"'}, None),
        ({"Last-Modified": TOMORROW}, None),
        ({"Last-Modified": "yesterday"}, None),
        ({"Last-Modified": "Tue, 03 Nov 2020 07:28:00 -0000"}, None),
        ({}, None),
    ],
    ids=["etag", "settled date", "weak etag", "fresh date", "no date", "date without a zone", "nothing"],
)
def test_a_reset_connection_is_resumed_only_with_a_validator(
    fetcher: Fetcher, file: File, headers: dict[str, str], validator: str | None
) -> None:
    file.headers, file.cuts, file.cut_after = headers, 1, 100_000
    fetcher()
    assert fetcher.path.read_bytes() == BODY
    second = fetcher.server.requests[1].headers
    assert second.get("if-range") == validator
    assert ("range" in second) is (validator is not None)
    assert len(fetcher.server.requests) == 2


def test_the_rest_alone_is_asked_for(fetcher: Fetcher, file: File) -> None:
    file.headers, file.cuts, file.cut_after = {"ETag": '"one"'}, 1, 100_000
    at_sleep = []
    fetcher.clock.at_sleep = lambda: at_sleep.append(fetcher.path.stat().st_size)
    fetcher()
    assert at_sleep[0] > 0
    assert fetcher.server.requests[1].headers["range"] == f"bytes={at_sleep[0]}-"


def test_a_file_that_changed_meanwhile_is_fetched_from_the_start(fetcher: Fetcher, file: File) -> None:
    file.headers, file.cuts, file.cut_after = {"ETag": '"one"'}, 1, 100_000
    fetcher.clock.at_sleep = lambda: file.headers.update(ETag='"two"')
    fetcher()
    assert fetcher.path.read_bytes() == BODY


def test_a_server_that_ignores_ranges_is_taken_from_the_start(fetcher: Fetcher, file: File) -> None:
    file.headers, file.cuts, file.cut_after, file.ranges = {"ETag": '"one"'}, 1, 100_000, False
    fetcher()
    assert fetcher.path.read_bytes() == BODY


def test_a_part_that_was_not_asked_for_is_thrown_away_and_all_asked_for_again(
    fetcher: Fetcher, file: File
) -> None:
    file.range_start = 5
    fetcher.clock.at_sleep = lambda: setattr(file, "range_start", None)
    fetcher()
    assert fetcher.path.read_bytes() == BODY
    assert "another part" in fetcher.said[0]


def test_the_wrong_part_is_thrown_away_too(fetcher: Fetcher, file: File) -> None:
    file.headers, file.cuts, file.cut_after = {"ETag": '"one"'}, 1, 100_000

    def turn() -> None:
        file.range_start = 5 if len(fetcher.said) == 1 else None

    fetcher.clock.at_sleep = turn
    fetcher()
    assert fetcher.path.read_bytes() == BODY
    assert "range" not in fetcher.server.requests[2].headers


def test_more_here_than_there_begins_anew(fetcher: Fetcher, file: File) -> None:
    file.headers, file.cuts, file.cut_after = {"ETag": '"one"'}, 1, 100_000
    fetcher.clock.at_sleep = lambda: file.failures.extend([416] if len(fetcher.said) == 1 else [])
    fetcher()
    assert fetcher.path.read_bytes() == BODY
    assert "range" not in fetcher.server.requests[2].headers


def test_a_later_run_goes_on_where_an_earlier_one_stopped(fetcher: Fetcher, file: File) -> None:
    file.headers, file.cuts, file.cut_after = {"ETag": '"one"'}, 4, 50_000
    with pytest.raises(Failure):
        fetcher()
    here = fetcher.path.stat().st_size
    assert 0 < here < len(BODY)
    fetcher()
    assert fetcher.server.requests[-1].headers["range"] == f"bytes={here}-"
    assert fetcher.path.read_bytes() == BODY


@pytest.mark.parametrize("note", ['{"url": "http://elsewhere/", "validator": "\\"one\\""}', "{", ""])
def test_a_leftover_whose_note_does_not_fit_is_not_resumed(fetcher: Fetcher, file: File, note: str) -> None:
    file.headers = {"ETag": '"one"'}
    fetcher.path.parent.mkdir()
    fetcher.path.write_bytes(b"something else")
    fetcher.note.write_text(note)
    fetcher()
    assert "range" not in fetcher.server.requests[0].headers
    assert fetcher.path.read_bytes() == BODY


def test_a_leftover_that_is_complete_needs_no_request(fetcher: Fetcher, file: File) -> None:
    fetcher.path.parent.mkdir()
    fetcher.path.write_bytes(BODY)
    fetcher()
    assert fetcher.server.requests == []
    assert fetcher.steps == ["verified"]


@pytest.mark.parametrize("leftover", [bytes(len(BODY)), BODY + b"more"], ids=["wrong bytes", "too long"])
def test_a_leftover_that_is_wrong_is_fetched_anew(fetcher: Fetcher, file: File, leftover: bytes) -> None:
    fetcher.path.parent.mkdir()
    fetcher.path.write_bytes(leftover)
    fetcher()
    assert fetcher.path.read_bytes() == BODY


def test_a_leftover_that_is_wrong_is_not_resumed_even_when_its_note_fits(
    fetcher: Fetcher, file: File
) -> None:
    file.headers = {"ETag": '"one"'}
    fetcher.path.parent.mkdir()
    fetcher.path.write_bytes(bytes(len(BODY)))
    fetcher.note.write_text(f'{{"url": "{fetcher.server.url}/file", "validator": "\\"one\\""}}')
    fetcher()
    assert [request.headers.get("range") for request in fetcher.server.requests] == [None]


def test_a_wrong_digest_is_removed_and_not_tried_again(fetcher: Fetcher, file: File) -> None:
    file.body, file.headers = BODY[::-1], {"ETag": '"one"'}
    with pytest.raises(Failure, match=f"expected {DIGEST}") as failure:
        fetcher()
    assert len(fetcher.server.requests) == 1
    assert not fetcher.path.exists()
    assert not fetcher.note.exists()
    assert "tell the team" in failure.value.fix
    assert "verified" not in fetcher.steps


@pytest.mark.parametrize(
    ("body", "plain"),
    [(BODY[:-1], False), (BODY + b"x", False), (BODY + b"x", True), (BODY[:-1], True), (b"", True)],
    ids=["shorter", "longer", "longer, length not told", "shorter, length not told", "empty"],
)
def test_a_wrong_size_is_removed_and_not_tried_again(
    fetcher: Fetcher, file: File, body: bytes, *, plain: bool
) -> None:
    file.body, file.plain = body, plain
    with pytest.raises(Failure, match=f"and {len(BODY)} are pinned"):
        fetcher()
    assert len(fetcher.server.requests) == 1
    assert not fetcher.path.exists()


def test_all_tries_together_have_a_deadline(fetcher: Fetcher, file: File) -> None:
    fetcher.at = lambda step: fetcher.clock.advance(DEADLINE + 1) if step == "answered" else None
    with pytest.raises(Failure, match="longer than 15 minutes"):
        fetcher()
    assert len(fetcher.server.requests) == 1


def test_a_full_disk_is_not_taken_for_a_stumble_of_the_network(fetcher: Fetcher, file: File) -> None:
    def full(step: Step) -> None:
        if step == "writing":
            raise OSError(errno.ENOSPC, "No space left on device")

    fetcher.at = full
    with pytest.raises(OSError, match="No space"):
        fetcher()
    assert len(fetcher.server.requests) == 1


def test_redirects_are_followed(fetcher: Fetcher, file: File) -> None:
    fetcher.server.put("/moved", b"").location = "/file"
    fetcher("/moved")
    assert fetcher.path.read_bytes() == BODY


@pytest.mark.parametrize("target", ["/moved", "ftp://127.0.0.1/file"])
def test_a_redirect_that_leads_nowhere_is_told(fetcher: Fetcher, file: File, target: str) -> None:
    fetcher.server.put("/moved", b"").location = target
    with pytest.raises(Failure, match="leads nowhere"):
        fetcher("/moved")


def test_a_pin_that_is_no_url_is_told(fetcher: Fetcher) -> None:
    with pytest.raises(Failure, match="leads nowhere"):
        fetcher("http://127.0.0.1:port/file")


def test_no_network_is_told_after_a_few_tries(fetcher: Fetcher, unused_tcp_port: int) -> None:
    with pytest.raises(Failure, match="could not be fetched") as failure:
        fetcher(f"http://127.0.0.1:{unused_tcp_port}/file")
    assert len(fetcher.clock.sleeps) == 3
    assert "HTTPS_PROXY" in failure.value.fix


def test_a_proxy_that_refuses_is_named_and_not_asked_again(
    fetcher: Fetcher, opened: Callable[[Mapping[str, str]], httpx.Client]
) -> None:
    fetcher.server.connect_status = 403
    fetcher.client = opened({"HTTPS_PROXY": fetcher.server.url})
    with pytest.raises(Failure, match=r"the proxy did not fetch https://github\.com/file: 403") as failure:
        fetcher("https://github.com/file")
    assert [request.method for request in fetcher.server.requests] == ["CONNECT"]
    assert "NO_PROXY" in failure.value.fix


def test_a_certificate_that_cannot_be_trusted_is_not_tried_again(fetcher: Fetcher) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate (_ssl.c:1006)")

    with httpx.Client(transport=httpx.MockTransport(refuse)) as client:
        fetcher.client = client
        with pytest.raises(Failure, match="cannot be trusted") as failure:
            fetcher("https://github.com/file")
    assert "SSL_CERT_FILE" in failure.value.fix
    assert fetcher.clock.sleeps == []


def test_a_password_in_the_url_and_a_signature_are_not_shown(fetcher: Fetcher, server: Server) -> None:
    with pytest.raises(Failure) as failure:
        fetcher(server.url.replace("http://", "http://joe:hunter2@") + "/none?signature=secret")
    assert "hunter2" not in str(failure.value)
    assert "secret" not in str(failure.value)


def test_an_error_without_words_has_its_name(fetcher: Fetcher) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("")

    with httpx.Client(transport=httpx.MockTransport(fail)) as client:
        fetcher.client = client
        with pytest.raises(Failure, match="could not be fetched: ReadTimeout"):
            fetcher()


def test_a_small_document_is_read_and_tried_again_too(
    fetcher: Fetcher, file: File, clock: ManualClock
) -> None:
    file.failures = [500]
    url = f"{fetcher.server.url}/file"
    assert read(url, client=fetcher.client, clock=clock, say=fetcher.said.append) == BODY
    with pytest.raises(Failure, match="is not there"):
        read(f"{url}s", client=fetcher.client, clock=clock, say=fetcher.said.append)
