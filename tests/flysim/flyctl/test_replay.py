"""Every row of the recordings, in order, against the simulation: none may differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flysim.flyctl.door import FACTS, Door, Ran, differences

RECORDINGS = ("daily", "operate", "deploys", "release")


class Replay:
    """One recording, row by row."""

    def __init__(self, name: str, folder: Path) -> None:
        facts = json.loads((FACTS / f"{name}.json").read_text())
        self.rows: list[dict[str, Any]] = facts["rows"]
        self.door = Door(folder, facts["manifest"])
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
        return dict(json.loads(text.replace("153812ae5fea0b", self.names.get("$M", ""))))

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


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_row_of_a_recording_is_answered_as_the_real_one_answered_it(name: str, tmp_path: Path) -> None:
    replay = Replay(name, tmp_path)
    found = list(replay.differences())
    replay.door.close()
    assert found == []


@pytest.mark.parametrize("name", RECORDINGS)
def test_recordings_are_of_the_version_that_the_surface_is_of(name: str) -> None:
    surface = json.loads((FACTS.parents[2] / "pkg" / "flysim" / "surface.json").read_text())
    assert json.loads((FACTS / f"{name}.json").read_text())["flyctl_version"] == surface["flyctl_version"]
