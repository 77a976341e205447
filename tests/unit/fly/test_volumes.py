"""What is wrong with volumes, against machines, manifest, region and snapshots."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pkg.fly.manifest import Manifest, parse
from pkg.fly.models import Machine, Snapshot, Volume
from pkg.fly.volumes import Finding, check, wrong_size
from tests.unit.fly import shapes

NOW = datetime(2026, 11, 28, tzinfo=UTC)
MOUNT = {"mounts": [{"path": "/data", "volume": "vol_1", "name": "data"}]}
MANIFEST = parse(
    'app = "demo"\nprimary_region = "syd"\n[[mounts]]\nsource = "data"\ndestination = "/data"\n',
    Path("fly.toml"),
)
FRESH = {"vol_1": [Snapshot("vs_1", "2026-11-27T08:00:00Z")]}


def found(
    volumes: list[dict[str, Any]],
    machines: list[dict[str, Any]],
    manifest: Manifest | None = MANIFEST,
    snapshots: dict[str, list[Snapshot]] | None = None,
) -> list[Finding]:
    return check(
        "demo",
        msgspec.convert(volumes, list[Volume]),
        msgspec.convert(machines, list[Machine]),
        manifest,
        snapshots=FRESH if snapshots is None else snapshots,
        now=NOW,
    )


ATTACHED = shapes.volume(attached="m1")
MOUNTED = shapes.machine("m1", config=MOUNT)


def test_a_volume_in_its_machine_in_its_region_with_a_snapshot_is_well() -> None:
    assert found([ATTACHED], [MOUNTED]) == []


def test_one_that_no_machine_has_costs() -> None:
    [finding] = found([ATTACHED, shapes.volume("vol_2")], [MOUNTED])
    assert (finding.about, finding.harm) == ("vol_2", 1)
    assert "attached to no machine" in finding.what


def test_one_that_is_attached_to_what_is_gone() -> None:
    assert "no machine of demo any more" in found([shapes.volume(attached="gone")], [], None)[0].what


def test_another_region_than_primary_is_told() -> None:
    elsewhere = shapes.volume(attached="m1", region="iad")
    assert any("primary_region is syd" in each.what for each in found([elsewhere], [MOUNTED]))


def test_a_host_that_does_not_answer_is_the_worst() -> None:
    finding = found([{**ATTACHED, "host_status": "unreachable"}], [MOUNTED])[0]
    assert finding.harm == 3
    assert "unreachable" in finding.what


@pytest.mark.parametrize(
    ("snapshots", "words"),
    [
        ({"vol_1": []}, "no snapshot"),
        ({"vol_1": [Snapshot("vs_1", "2026-11-24T08:00:00Z")]}, "3 days old"),
        ({}, ""),
    ],
)
def test_the_age_of_the_newest_snapshot(snapshots: dict[str, list[Snapshot]], words: str) -> None:
    findings = found([ATTACHED], [MOUNTED], snapshots=snapshots)
    assert [words in finding.what for finding in findings] == ([True] if words else [])


def test_a_volume_of_today_needs_no_snapshot_yet() -> None:
    assert (
        found([{**ATTACHED, "created_at": "2026-11-27T08:00:00Z"}], [MOUNTED], snapshots={"vol_1": []}) == []
    )


def test_machines_without_what_the_manifest_mounts_need_volumes() -> None:
    findings = found([], [shapes.machine("m1"), shapes.machine("m2")])
    assert {finding.harm for finding in findings} == {3}
    [short] = [finding for finding in findings if finding.about == "data"]
    assert short.fix == "inv fly.volumes.create data -a demo --region syd --count 2"


def test_an_app_without_machines_needs_one_for_the_first() -> None:
    assert found([], [])[0].about == "data"
    assert [finding.about for finding in found([shapes.volume()], [])] == ["vol_1"]  # an orphan, no shortage


def test_what_a_machine_mounts_and_the_manifest_does_not() -> None:
    bare = parse('app = "demo"\nprimary_region = "syd"\n', Path("fly.toml"))
    assert any("which the manifest does not" in each.what for each in found([ATTACHED], [MOUNTED], bare))


@pytest.mark.parametrize(("size", "wrong"), [(0, True), (-1, True), (1, False), (500, False), (501, True)])
def test_sizes(size: int, wrong: bool) -> None:
    assert bool(wrong_size(size)) is wrong
