"""Every request that the real flyctl was seen to make, in order, over HTTP: status and shape are as recorded.

The facts leave out exchanges that are like an earlier one. What a later row needs of them stands between the
rows as `made`; faults, certificates and logs that the recordings' control plane was given, as `control`.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pkg.flysim.platform import Platform
from pkg.flysim.serve import NONCE_HEADER, application
from tests.flysim.shapes import differences, shape

FACTS = Path(__file__).parent / "facts"
SESSIONS = ("daily", "operate", "deploys", "release")
EXCHANGES = {"daily": 95, "operate": 161, "deploys": 183, "release": 77}
ID = re.compile(r"\bvol_[0-9a-f]{16}\b|\b[0-9a-f]{14}\b|\b[0-9a-f]{16}\b")

Row = dict[str, Any]


def rows_of(session: str) -> list[Row]:
    rows = [json.loads(line) for line in (FACTS / "http.jsonl").read_text().splitlines()]
    return [row for row in rows if row["session"] == session]


class Replay:
    """The rows of one session, sent to the door; recorded ids are replaced by the simulation's."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._ids: dict[str, str] = {}
        self._nonces: dict[str, str] = {}
        self.answers: list[tuple[Row, int, object]] = []

    async def run(self, rows: list[Row]) -> None:
        transport = httpx.ASGITransport(application(self._platform))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            for row in rows:
                if "control" in row:
                    self._platform.control(row["control"])
                    continue
                status, body = await self._send(client, row.get("made", row))
                self._learn(row.get("id"), body)
                if "made" in row:
                    assert status in {200, 201}, body
                else:
                    self.answers.append((row, status, body))

    async def _send(self, client: httpx.AsyncClient, row: Row) -> tuple[int, Any]:
        path = self._mapped(row["path"])
        body = json.loads(self._mapped(json.dumps(row["request"])))
        if path == "/graphql":
            body = graphql_of(body)
        machine = re.search(r"/machines/([0-9a-f]{14})", path)
        headers = {"Authorization": "Bearer fo1_test"}
        if machine and machine[1] in self._nonces:
            headers[NONCE_HEADER] = self._nonces[machine[1]]
        content = None if body is None else json.dumps(body)
        response = await client.request(row["method"], path, content=content, headers=headers)
        answer: Any = response.json() if response.content else None
        if machine and row["method"] == "POST" and "/lease?" in path:
            self._nonces[machine[1]] = answer["data"]["nonce"]
        return response.status_code, answer

    def _mapped(self, text: str) -> str:
        return ID.sub(lambda match: self._ids.get(match[0], match[0]), text)

    def _learn(self, recorded: str | None, body: Any) -> None:
        if recorded:
            self._ids[recorded] = body.get("id") or body["release"]["id"]


def graphql_of(reduced: Row) -> Row:
    """A GraphQL request such as flyctl sends, of one that the facts have reduced to its root field."""
    kind, _, root = reduced["graphql"].partition(" ")
    variables = reduced["variables"] or {}
    declared = ", ".join(f"${name}: String" for name in variables)
    arguments = ", ".join(f"{name}: ${name}" for name in variables)
    text = f"{kind} Name({declared}) {{ {root}({arguments}) {{ id ... on Thing {{ name }} }} }}"
    return {"query": text.replace("()", ""), "variables": variables}


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    platform = Platform(tmp_path / "state")
    # Its time starts when the recordings' did, and moves when somebody waits.
    platform.control({"clock": {"mode": "virtual", "now": "2026-11-24T07:34:50Z"}})
    yield platform
    platform.close()


@pytest.mark.parametrize("session", SESSIONS)
def test_each_recorded_request_gets_the_recorded_status_and_shape(
    platform: Platform, session: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shapes = json.loads((FACTS / "http-shapes.json").read_text())
    replay = Replay(platform)
    asyncio.run(replay.run(rows_of(session)))
    wrong = []
    exact = 0
    for row, status, body in replay.answers:
        actual = shape(body)
        found = differences(actual, shapes[row["shape"]])
        exact += actual == shapes[row["shape"]]
        if status != row["status"]:
            found.insert(0, f"status {status} is not {row['status']}: {body}")
        wrong += [f"http.jsonl#{row['line']} {row['method']} {row['path']}: {text}" for text in found]
    with capsys.disabled():
        sys.stdout.write(
            f"\nhttp.jsonl, {session}: {len(replay.answers)} exchanges, {exact} of the very shape,"
            f" {len(wrong)} differences\n"
        )
    assert wrong == []
    assert len(replay.answers) == EXCHANGES[session]
