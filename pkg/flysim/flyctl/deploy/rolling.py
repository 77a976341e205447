"""Updating machines: process groups side by side, within a group a few at a time.

recorded: deploys.json#4 (groups side by side, a stopped machine at once), deploys.json#5 (a failure stops
all groups
where they are), operate.json#39.
"""

from __future__ import annotations

import math

from pkg.flysim.flyctl.deploy.groups import Volumes
from pkg.flysim.flyctl.deploy.waiting import POLL_SECONDS, until_healthy
from pkg.flysim.flyctl.errors import Failed
from pkg.flysim.flyctl.machine import process_group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from pkg.flysim.flyctl.deploy.session import Deploy

    Json = dict[str, Any]


class Update:
    """One machine and what it will be given."""

    __slots__ = ("config", "done", "machine", "prefix", "start")

    def __init__(self, machine: Json, config: Json, prefix: str) -> None:
        self.machine = machine
        self.config = config
        self.prefix = prefix
        # A machine that does not run is updated and not started; recorded: README.
        self.start = machine["state"] == "started"
        self.done = False


def prepare(deploy: Deploy, machines: list[Json], configure: Callable[[Json], Json]) -> list[Update]:
    """What each machine will be given, numbered as the lines of a deploy number them."""
    total = len(machines)
    ordered = sorted(machines, key=lambda machine: (process_group(machine), machine["id"]))
    updates = [
        Update(machine, configure(machine), f"[{at}/{total}] " if total > 1 else "")
        for at, machine in enumerate(ordered, 1)
    ]
    deploy.to_update = total
    return updates


def update_all(deploy: Deploy, updates: list[Update], volumes: Volumes) -> None:
    """Update the machines.

    Raises:
        Failed: one failed; the others stay where they are.
    """
    if not updates:
        return
    deploy.call.out(f"Updating existing machines in '{deploy.app}' with {deploy.strategy} strategy")
    groups: dict[str, list[Update]] = {}
    for update in updates:
        groups.setdefault(process_group(update.machine), []).append(update)
    side_by_side(deploy, [_group(deploy, group, volumes) for group in groups.values()])


def side_by_side(deploy: Deploy, running: list[Iterator[None]]) -> None:
    """Follow several waits at once; between two looks the simulation's clock moves.

    Raises:
        Failed: the first failure; the other waits are given up.
    """
    while running:
        running = [one for one in running if _goes_on(one)]
        if running:
            deploy.leases.refresh()
            deploy.call.clock.sleep(POLL_SECONDS)


def _goes_on(one: Iterator[None]) -> bool:
    for _ in one:
        return True
    return False


def _group(deploy: Deploy, updates: list[Update], volumes: Volumes) -> Iterator[None]:
    """Update the machines of one group: those that run a batch at a time, the others at once."""
    immediate = deploy.strategy == "immediate"
    for update in updates:
        if not update.start:
            _change(deploy, update, volumes)
            deploy.call.out(f"✔ {update.prefix}Machine {deploy.name(update.machine)} update succeeded")
    warm = [update for update in updates if update.start]
    batch = len(warm) if immediate else batch_size(deploy, len(warm))
    for first in range(0, len(warm), batch or 1):
        yield from _batch(deploy, warm[first : first + batch], volumes, watch=not immediate)


def _batch(deploy: Deploy, updates: list[Update], volumes: Volumes, *, watch: bool) -> Iterator[None]:
    for update in updates:
        _change(deploy, update, volumes)
    waits = {
        update.prefix: until_healthy(deploy, update.machine, update.prefix) for update in updates if watch
    }
    for update in updates:
        try:
            yield from waits.get(update.prefix, iter(()))
        except Failed as error:
            deploy.call.out(f"✖ {update.prefix}Machine {deploy.name(update.machine)} update failed: {error}")
            raise
        deploy.call.out(f"✔ {update.prefix}Machine {deploy.name(update.machine)} update succeeded")


def batch_size(deploy: Deploy, count: int) -> int:
    """How many machines of a group may be away at once: a number, or a share of them."""
    most = deploy.options.max_unavailable
    size = int(most) if most >= 1 else math.ceil(most * count)
    return max(1, min(size, deploy.options.max_concurrent))


def _change(deploy: Deploy, update: Update, volumes: Volumes) -> None:
    machine = update.machine
    deploy.call.out(f"> {update.prefix}Updating {deploy.name(machine)}")
    deploy.step(f"update {machine['id']}")
    if _needs_volume(update):
        update.machine = _replace(deploy, update, volumes)
    else:
        update.machine = deploy.update(machine, update.config, start=update.start)
    deploy.to_update -= 1
    deploy.step(f"updated {deploy.to_update} left")


def _needs_volume(update: Update) -> bool:
    """Whether a mount has no volume yet: it can be given to a new machine only; derived: flyctl's source."""
    return any(not mount.get("volume") for mount in update.config.get("mounts") or [])


def _replace(deploy: Deploy, update: Update, volumes: Volumes) -> Json:
    """Destroy a machine and make one with a volume in its place."""
    region = update.machine["region"]
    for mount in update.config["mounts"]:
        taken = volumes.take(mount["name"], region)
        if taken is None:
            raise Failed(f"no unattached volume named '{mount['name']}' in region '{region}'")
        mount["volume"] = taken
    deploy.destroy(update.machine)
    return deploy.launch(update.config, region, start=update.start)
