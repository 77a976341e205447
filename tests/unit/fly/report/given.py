"""A report for tests: one app with something of everything, and one of which nothing could be read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from pkg.fly.certificates import Certificate
from pkg.fly.journal import STARTED, STEP, VERDICT, Entry
from pkg.fly.models import (
    Check,
    ImageRef,
    Machine,
    MachineConfig,
    Organization,
    Release,
    Status,
    User,
    Volume,
)
from pkg.fly.report.gather import AppReport, Part, Report
from pkg.fly.tokens import Row
from tests.unit.fly.metrics.given import measured, nothing

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
IMAGE = "registry.fly.io/infra"
SHA = "sha256:" + "ab" * 32


def machine(
    ident: str, region: str, status: str = "passing", *, text: str = "", group: str = "app"
) -> Machine:
    metadata = {"fly_process_group": group} if group else {}
    return Machine(
        id=ident,
        name="n",
        state="started",
        region=region,
        image_ref=ImageRef("registry.fly.io", "infra", "v12", SHA),
        instance_id="i",
        created_at="2026-11-24T08:00:00Z",
        updated_at="2026-11-24T08:00:00Z",
        config=MachineConfig(metadata=metadata, checks={"alive": {}}),
        checks=[Check(name="alive", status=status, output=text)],
    )


def app(text: str = "") -> AppReport:
    """An app; a text, when given, stands wherever somebody could have put one."""
    said = text or "plain"
    return AppReport(
        app="infra",
        machines=Part(
            Status(
                name="infra",
                deployed=True,
                hostname="infra.fly.dev",
                status="deployed",
                organization=Organization("personal"),
                machines=[
                    machine("148e1", "syd"),
                    machine("9080e", "fra", "critical", text=said),
                    machine("7777e", "syd", group=""),
                ],
            )
        ),
        releases=Part(
            [
                Release(
                    "r2", 12, "complete", "", "2026-11-24T11:00:00Z", "registry.fly.io/infra:v12", User(said)
                ),
                Release("r1", 11, "failed", said, "2026-11-24T10:00:00Z", "registry.fly.io/infra:v11"),
            ]
        ),
        volumes=Part(
            [Volume("vol_1", said, "created", 3, "syd", "z", True, "2026-11-24T08:00:00Z", "148e1")]
        ),
        certificates=Part(
            [
                Certificate("infra", "a.example.com", "active", said, NOW + timedelta(days=60), [], ""),
                Certificate("infra", "b.example.com", "active", said, NOW + timedelta(days=3), [], said),
                Certificate("infra", "c.example.com", said, "", None, [], "not issued yet"),
            ]
        ),
        tokens=Part(
            [
                Row("1", said, "ann", NOW + timedelta(days=1), revoked=False),
                Row("2", "old", "ann", NOW - timedelta(days=1), revoked=False),
            ]
        ),
        metrics=Part(measured()),
    )


def lost() -> AppReport:
    """An app of which nothing could be read."""
    unread: dict[str, Part[Any]] = {
        name: Part(error=f"reading {name} failed")
        for name in ("machines", "releases", "volumes", "certificates", "tokens", "metrics")
    }
    return AppReport(app="lost", **unread)


def empty() -> AppReport:
    """An app that has nothing."""
    status = app().machines.value
    assert status is not None
    machines = Part(msgspec.structs.replace(status, machines=[]))
    return AppReport("empty", machines, Part([]), Part([]), Part([]), Part([]), Part(nothing()))


def journal(text: str = "") -> list[Entry]:
    """A deploy that was rolled back, and one that was killed."""
    said = text or "machine 148e1 is unhealthy"
    who = text or "ann@desk"
    first = Entry(app="infra", task="fly.deploy", id="1", who=who, image=f"{IMAGE}:v11")
    second = msgspec.structs.replace(first, id="2", at="2026-11-24T11:30:00Z")
    replace = msgspec.structs.replace
    return [
        replace(first, kind=STARTED, at="2026-11-24T10:00:00Z"),
        replace(
            first, kind=VERDICT, at="2026-11-24T10:01:00Z", verdict="rolled-back", notes=[said], seconds=61
        ),
        replace(second, kind=STARTED),
        replace(second, kind=STEP, step=said),
    ]


def report(*apps: AppReport, text: str = "") -> Report:
    """A report of these apps; by default of one that has something of everything."""
    return Report(
        at=NOW,
        simulated=True,
        flyctl="0.4.87",
        apps=list(apps or [app(text)]),
        journal=journal(text),
        seconds=3600,
    )
