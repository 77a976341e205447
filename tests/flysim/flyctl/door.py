"""The simulated flyctl run in the test's own process, and its answers compared with recorded facts."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from pkg.flysim.flyctl.errors import Interrupted
from pkg.flysim.flyctl.main import main
from pkg.flysim.platform import Platform
from pkg.flysim.platform.clock import Clock

FACTS = Path(__file__).parent.parent / "facts"
MANIFESTS = FACTS / "manifests"
TOKEN = "fo1_test"
MACHINE = re.compile(r"\b[0-9a-f]{14}\b")
# The recordings kept at most so many names of a table of names and values.
NAMES_KEPT = 20


class Ran(NamedTuple):
    """What a run left behind."""

    rc: int
    out: str
    err: str


class Impatient(Clock):
    """A clock whose user presses Ctrl-C after a while."""

    def __init__(self, clock: Clock, patience: int) -> None:
        super().__init__(clock._store)
        self.patience = patience

    def sleep(self, seconds: float) -> None:
        """Wait, until patience ends."""
        self.patience -= 1
        if self.patience < 0:
            raise Interrupted
        super().sleep(seconds)


class Door:
    """One simulation, with a clock that nobody waits for."""

    def __init__(
        self, folder: Path, manifest: str = "demo.toml", *, apps: tuple[str, ...] = ("demo",)
    ) -> None:
        self.state = folder / "state"
        self.cwd = folder / "work"
        self.cwd.mkdir(parents=True)
        for each in MANIFESTS.glob("*.toml"):
            shutil.copy(each, self.cwd / each.name)
        shutil.copy(MANIFESTS / manifest, self.cwd / "fly.toml")
        self.platform = Platform(self.state)
        self.platform.control({"clock": {"mode": "virtual"}, "apps": list(apps)})
        self.env = {"FLYSIM_STATE": str(self.state), "FLY_API_TOKEN": TOKEN}

    def run(self, *argv: str, stdin: str = "") -> Ran:
        """Run the simulated flyctl."""
        out, err = io.StringIO(), io.StringIO()
        rc = main(
            list(argv),
            self.env,
            io.TextIOWrapper(
                io.BytesIO(stdin.encode()), encoding="utf-8", errors="surrogateescape", newline=""
            ),
            out,
            err,
            cwd=str(self.cwd),
            platform=self.platform,
        )
        return Ran(rc, out.getvalue(), err.getvalue())

    def ok(self, *argv: str, stdin: str = "") -> str:
        """Run it, and expect that it succeeds; its stdout."""
        ran = self.run(*argv, stdin=stdin)
        assert ran.rc == 0, ran
        return ran.out

    def interrupted(self, *argv: str, after: int) -> Ran:
        """Run it, and press Ctrl-C when it goes to sleep once more after so many times."""
        clock = self.platform.clock
        self.platform.clock = Impatient(clock, after)
        try:
            return self.run(*argv)
        finally:
            self.platform.clock = clock

    def json(self, *argv: str) -> Any:
        """Run it, and read the JSON that it prints."""
        return json.loads(self.ok(*argv))

    def control(self, **settings: object) -> None:
        """Change settings of the simulation."""
        self.platform.control(settings)

    def machines(self) -> list[dict[str, Any]]:
        """The app's machines, from the platform itself."""
        return list(self.platform.request("GET", "/v1/apps/demo/machines", token=TOKEN).body)

    def volumes(self) -> list[dict[str, Any]]:
        """The app's volumes, from the platform itself."""
        return list(self.platform.request("GET", "/v1/apps/demo/volumes", token=TOKEN).body)

    def close(self) -> None:
        """Close the platform."""
        self.platform.close()


def kind(text: str) -> str:
    """What a stdout holds: empty, text, table, json or json-stream."""
    if not text.strip():
        return "empty"
    count = len(documents(text))
    if count:
        return "json" if count == 1 else "json-stream"
    return "table" if "│" in text else "text"


def documents(text: str) -> list[Any]:
    """The JSON documents that a text holds, if it holds nothing else."""
    found = []
    decoder = json.JSONDecoder()
    rest = text.strip()
    while rest:
        try:
            value, end = decoder.raw_decode(rest)
        except ValueError:
            return []
        if not isinstance(value, dict | list):
            return []
        found.append(value)
        rest = rest[end:].strip()
    return found


def shape(value: Any) -> Any:
    """Keys and types; of a list, those of its first entry; a machine's id as a key is any machine's."""
    if isinstance(value, dict):
        return {MACHINE.sub("<machine>", key): shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "null" if value is None else type(value).__name__


def tables(text: str) -> list[list[str]]:
    """The tables in a text: the columns of each; of a table of names and values, the names."""
    blocks: list[list[list[str]]] = [[]]
    for line in text.splitlines():
        if "│" in line:
            blocks[-1].append([cell.strip() for cell in line.split("│")])
        elif "┼" not in line and blocks[-1]:
            blocks.append([])
    found = [block for block in blocks if block]
    if any(len(block[0]) == 2 for block in found):
        names = [row[0] for block in found for row in block][:NAMES_KEPT]
        return [names, *[block[0] for block in found if len(block[0]) > 2]]
    listed = [[row[0] for row in block[1:]] for block in found] if "┼" in text else []
    return [*[block[0] for block in found], *listed]


def error_line(text: str) -> str:
    """The first error line, without what belongs to a transport and with ids left out."""
    line = next((line for line in text.splitlines() if line.startswith("Error:")), "")
    line = re.sub(r" \(Trace ID: .*?\)", "", line)
    line = re.sub(r"failed to run query .*\}: ", "failed to run query: ", line)
    line = MACHINE.sub("<machine>", line)
    return re.sub(r"(failed to get VM <machine>): .*", r"\1", line)


def differences(row: dict[str, Any], ran: Ran, *, also_stderr: bool = True) -> list[str]:
    """How a run differs from what was recorded of it."""
    expected: dict[str, Any] = {"rc": row["rc"], "stdout": row["stdout"], "error": row.get("error", "")}
    got: dict[str, Any] = {"rc": ran.rc, "stdout": kind(ran.out), "error": error_line(ran.err)}
    if also_stderr:
        expected["stderr"] = row["stderr"]
        got["stderr"] = "text" if ran.err.strip() else "empty"
    if "json" in row:
        expected["json"] = _any_machine(row["json"])
        got["json"] = shape(documents(ran.out)[0]) if documents(ran.out) else None
    if "tables" in row:
        expected["tables"] = row["tables"]
        got["tables"] = tables(ran.out)
    return [
        f"{key}: recorded {expected[key]!r}, got {got[key]!r}"
        for key in expected
        if expected[key] != got[key]
    ]


def _any_machine(recorded: Any) -> Any:
    if isinstance(recorded, dict):
        return {MACHINE.sub("<machine>", key): _any_machine(each) for key, each in recorded.items()}
    return [_any_machine(each) for each in recorded] if isinstance(recorded, list) else recorded
