"""A recording, row by row, against a door: the simulated flyctl here, or a real one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Protocol

from tests.flysim.flyctl.door import FACTS, Ran, differences

RECORDINGS = ("daily", "operate", "deploys", "release")
# The first machine of the recordings, as their control rows name it.
RECORDED_MACHINE = "153812ae5fea0b"


class AnyDoor(Protocol):
    """What a recording is replayed against."""

    env: dict[str, str]

    def run(self, *argv: str, stdin: str = "") -> Ran: ...

    def ok(self, *argv: str, stdin: str = "") -> str: ...

    def interrupted(self, *argv: str, after: int) -> Ran: ...

    def control(self, **settings: object) -> None: ...

    def machines(self) -> list[dict[str, Any]]: ...

    def volumes(self) -> list[dict[str, Any]]: ...


def facts(name: str) -> dict[str, Any]:
    """The facts of a recording: the version, the manifest it was made with, the rows."""
    return dict(json.loads((FACTS / f"{name}.json").read_text()))


class Replay:
    """One recording against one door."""

    def __init__(self, name: str, door: AnyDoor) -> None:
        self.rows: list[dict[str, Any]] = facts(name)["rows"]
        self.door = door
        self.names: dict[str, str] = {}

    def argv(self, row: dict[str, Any]) -> list[str]:
        """The argv of a row, with ids in the place of $M, $N and $V."""
        return [self.named(word) if word in {"$M", "$N", "$V"} else word for word in row["argv"]]

    def named(self, word: str) -> str:
        """What a row's name for an id stands for: the first machine, the newest machine, the first volume."""
        if word not in self.names:
            found = self.door.volumes() if word == "$V" else self.door.machines()
            self.names[word] = found[-1 if word == "$N" else 0]["id"]
        return self.names[word]

    def differences(self) -> Iterator[str]:
        """What differs, row after row."""
        for at, row in enumerate(self.rows):
            if "control" in row:
                self.door.control(**self.controlled(row["control"]))
            elif "env" in row:
                self.set_env(row["env"])
            elif "setup" in row:
                self.door.ok(*row["setup"])
            else:
                argv = self.argv(row)
                ran = self.run(row, argv)
                yield from (f"row {at} {argv}: {each}\n{ran.err}" for each in differences(row, ran))

    def controlled(self, settings: dict[str, Any]) -> dict[str, Any]:
        """The settings of a row, with the id that this simulation gave the first machine."""
        text = json.dumps(settings)
        return dict(json.loads(text.replace(RECORDED_MACHINE, self.names.get("$M", ""))))

    def run(self, row: dict[str, Any], argv: list[str]) -> Ran:
        """Run a row; one that was still running when it was looked at is interrupted."""
        if row["rc"] != "still running":
            return self.door.run(*argv, stdin=row.get("stdin", ""))
        ran = self.door.interrupted(*argv, after=3)
        assert ran.rc == 127, ran
        return ran._replace(rc=row["rc"])

    def set_env(self, env: dict[str, str | None]) -> None:
        """Set or unset variables."""
        for name, value in env.items():
            if value is None:
                self.door.env.pop(name, None)
            else:
                self.door.env[name] = value
