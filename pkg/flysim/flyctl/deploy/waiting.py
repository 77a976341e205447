"""Waiting for a machine: until it is started, until it does not crash, until its checks pass.

Each is a generator that yields where the real flyctl sleeps, so that process groups can be watched side by
side.
"""

from __future__ import annotations

from pkg.flysim.flyctl.errors import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from pkg.flysim.flyctl.deploy.session import Deploy

    Json = dict[str, Any]

POLL_SECONDS = 0.5
SMOKE_SECONDS = 10.0
CRASHES = 2
LONG_ENOUGH = 1.5


def until_healthy(deploy: Deploy, machine: Json, prefix: str) -> Iterator[None]:
    """Watch an updated or a new machine as the options ask for.

    Args:
        deploy: the deploy it belongs to.
        machine: the machine as it was after its change.
        prefix: what stands before a line: `[1/3] `, or nothing.

    Raises:
        Failed: it does not get there in time.
    """
    if not deploy.options.watches:
        return
    name = deploy.name(machine)
    deploy.call.out(f"> {prefix}Waiting for {name} to have state: started")
    yield from _until_started(deploy, machine)
    deploy.call.out(f"> {prefix}Machine {name} has state: started")
    if deploy.options.smoke_checks:
        deploy.call.out(f"> {prefix}Checking that {name} is up and running")
        yield from _smoke(deploy, machine)
    yield from _until_checks_pass(deploy, machine, prefix)


def _until_started(deploy: Deploy, machine: Json) -> Iterator[None]:
    deadline = deploy.call.clock.now() + deploy.options.wait
    while True:
        now = deploy.machine(machine["id"])
        if now["state"] == "started":
            return
        if deploy.call.clock.now() >= deadline:
            raise Failed(
                f"timeout reached waiting for machine's state to change: failed to wait for VM "
                f"{machine['id']} in started state: currently {now['state']}"
            )
        yield


def _smoke(deploy: Deploy, machine: Json) -> Iterator[None]:
    """Watch for crashes; derived: flyctl's source, a machine that restarts again and again is given up.

    The real one watches for ten seconds. Here a machine is passed as soon as it has shown that it does not
    crash: its
    checks pass, or it ran for longer than a crashing one does.
    """
    deadline = deploy.call.clock.now() + SMOKE_SECONDS
    while deploy.call.clock.now() < deadline:
        now = deploy.machine(machine["id"])
        exits = _crashes(now, machine)
        if exits >= CRASHES:
            raise Failed(f"smoke checks for {machine['id']} failed: the app appears to be crashing")
        if not exits and (_all_pass(now) or _uptime(deploy, now) > LONG_ENOUGH):
            return
        yield


def _all_pass(machine: Json) -> bool:
    checks = machine.get("checks") or []
    return bool(checks) and all(check["status"] == "passing" for check in checks)


def _uptime(deploy: Deploy, machine: Json) -> float:
    """Seconds since the machine's newest event."""
    return float(deploy.call.clock.now() - machine["events"][0]["timestamp"] / 1000)


def _crashes(now: Json, before: Json) -> int:
    """How often the machine exited by itself since its change."""
    since = before["events"][0]["timestamp"] if before["events"] else 0
    ended = [
        (event.get("request") or {}).get("exit_event")
        for event in now["events"]
        if event["timestamp"] >= since
    ]
    return sum(not each.get("requested_stop") for each in ended if each)


def _until_checks_pass(deploy: Deploy, machine: Json, prefix: str) -> Iterator[None]:
    ident = machine["id"]
    deadline = deploy.call.clock.now() + deploy.options.wait
    shown = ""
    while True:
        checks = deploy.machine(ident).get("checks") or []
        passing = sum(check["status"] == "passing" for check in checks)
        counted = f"{passing}/{len(checks)}"
        if checks and counted != shown:
            deploy.call.out(f"> {prefix}Waiting for {deploy.name(machine)} to become healthy: {counted}")
            shown = counted
        if passing == len(checks):
            return
        if deploy.call.clock.now() >= deadline:
            raise Failed(
                f"timeout reached waiting for health checks to pass for machine {ident}: failed to get VM "
                f"{ident}: request canceled"
            )
        yield
