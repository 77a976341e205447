"""The grammar against 1,897 argv lists that the real flyctl was given, without a token."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pkg.flysim.flyctl.main import main
from tests.flysim.flyctl.conftest import Replayed
from tests.flysim.flyctl.door import FACTS

NO_TOKEN = "Error: no access token available. Please login with 'flyctl auth login'"
CHUNK = 20


@cache
def rows() -> list[dict[str, Any]]:
    """The recorded rows."""
    return [json.loads(line) for line in (FACTS / "grammar.jsonl").read_text().splitlines()]


def observed(argv: list[str], folder: Path) -> dict[str, Any]:
    """What the simulation does with an argv, in the recording's own words."""
    out, err = io.StringIO(), io.StringIO()
    rc = main(argv, {"FLYSIM_STATE": str(folder)}, io.StringIO(), out, err, cwd=str(folder))
    error = next(iter(err.getvalue().splitlines()), "")
    usage = "Usage:" in out.getvalue() or "--help" in out.getvalue()
    kind = "needs-auth" if error == NO_TOKEN else "usage-error" if rc else "help"
    return {"argv": argv, "rc": rc, "error": error, "usage": usage, "kind": kind}


def test_all_recorded_rows_are_here() -> None:
    assert len(rows()) == 1897


@pytest.mark.parametrize("start", range(0, 1897, CHUNK))
def test_an_argv_is_parsed_as_the_real_flyctl_parsed_it(
    start: int, tmp_path: Path, replayed: Replayed
) -> None:
    chunk = rows()[start : start + CHUNK]
    got = [observed(row["argv"], tmp_path) for row in chunk]
    replayed(
        "grammar.jsonl",
        rows=len(chunk),
        differences=sum(one != row for one, row in zip(got, chunk, strict=True)),
    )
    assert got == chunk
