"""Lines of logs, chosen on our side."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from pkg.fly.log_lines import Reader, choice, shown
from pkg.fly.models import LogLine
from pkg.shell.errors import BadInput

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def line(
    message: str = "GET /status 200", timestamp: str = "2026-11-24T11:59:00Z", region: str = "syd"
) -> LogLine:
    return LogLine(timestamp, message, "info", "m1", region)


def wants(given: LogLine, **wanted: str) -> bool:
    return choice(**{"since": "", "grep": "", "region": "", **wanted}, now=NOW).wants(given)


@pytest.mark.parametrize(
    ("since", "wanted"),
    [
        ("", True),
        ("30s", False),
        ("2m", True),
        ("1h", True),
        ("1d", True),
        ("2026-11-24T11:58:00Z", True),
        ("2026-11-24T11:59:30+00:00", False),
        ("2026-11-24T11:58:00", True),
    ],
)
def test_since(since: str, wanted: bool) -> None:
    assert wants(line(), since=since) is wanted


def test_grep_and_region() -> None:
    assert wants(line(), grep=r"GET .* 2\d\d")
    assert not wants(line(), grep="POST")
    assert wants(line(), region="syd")
    assert not wants(line(), region="iad")


@pytest.mark.parametrize(
    ("name", "text"), [("since", "yesterday"), ("since", "5"), ("grep", "("), ("since", "9" * 20 + "d")]
)
def test_what_is_no_time_and_no_pattern(name: str, text: str) -> None:
    with pytest.raises(BadInput, match=f"--{name}"):
        wants(line(), **{name: text})


def fed(text: str, *, most: int = 99) -> list[str]:
    found: list[str] = []

    def take(given: LogLine, _whole: str) -> bool:
        found.append(given.message)
        return len(found) < most

    reader = Reader(take)
    for part in text.splitlines():
        if not reader.feed(part):
            break
    return found


def entry(message: str) -> dict[str, Any]:
    """recorded: operate.json, logs --no-tail --json"""
    meta = {"Instance": "m1", "HTTP": {"Response": {"status_code": 0}}}
    return {
        "level": "info",
        "instance": "m1",
        "message": message,
        "region": "syd",
        "timestamp": "2026-11-24T11:59:00Z",
        "meta": meta,
    }


def test_objects_over_several_lines_are_put_together() -> None:
    text = "\n".join(json.dumps(entry(message), indent=4) for message in ("one", "a } brace", "}"))
    assert fed(text) == ["one", "a } brace", "}"]


def test_objects_of_one_line_are_read_too() -> None:
    assert fed(f"{json.dumps(entry('one'))}\n{json.dumps(entry('two'))}") == ["one", "two"]


def test_an_object_that_was_cut_off_is_passed_over() -> None:
    cut = json.dumps(entry("lost"), indent=4)[:60]
    assert fed(f"{cut}\n{json.dumps(entry('next'), indent=4)}") == ["next"]


def test_reading_ends_when_nobody_wants_more() -> None:
    assert fed("\n".join(json.dumps(entry(str(number))) for number in range(9)), most=2) == ["0", "1"]


def test_a_line_looks_as_flyctls() -> None:
    assert shown(line("hi")) == "2026-11-24T11:59:00Z app[m1] syd [info]hi"


def test_a_line_of_fly_itself_names_what_wrote_it() -> None:
    given = {
        "timestamp": "2026-11-24T11:59:00Z",
        "message": "no healthy instance",
        "level": "error",
        "region": "syd",
        "meta": {"Instance": "", "Event": {"Provider": "proxy"}},
    }
    assert (
        shown(msgspec.convert(given, LogLine)) == "2026-11-24T11:59:00Z proxy syd [error]no healthy instance"
    )
