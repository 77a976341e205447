"""The checks of a machine: which its configuration has, and what they say at a time."""

from __future__ import annotations

from pkg.flysim.evidence import assumed, recorded
from pkg.flysim.platform import images
from pkg.flysim.platform.clock import rfc3339
from pkg.flysim.platform.store import Json
from pkg.flysim.platform.transitions import SLOW_SECONDS, STARTED, behaviour_of

PASSING = "passing"
CRITICAL = "critical"
FLAPPING = "flapping"
STATUSES = (PASSING, "warning", CRITICAL, FLAPPING)
FLAP_SECONDS = 5.0
REFUSED = "connect: connection refused"


@recorded("daily.json#33", "http.jsonl#25", "http.jsonl#102")
def checks(machine: Json, settings: Json, now: float) -> list[Json]:
    """The machine's checks as its JSON holds them, at a time."""
    names = _names(machine["config"])
    if not names:
        return []
    status, output = _verdict(machine, settings, now)
    return [{"name": name, "status": status, "output": output, "updated_at": rfc3339(now)} for name in names]


def _names(config: Json) -> list[str]:
    """The names: of checks on their own, as given; of services' checks, as Fly makes them."""
    names = sorted(config.get("checks") or {})
    number = 0
    for service in config.get("services") or []:
        for check in service.get("checks") or []:
            names.append(
                f"servicecheck-{number:02d}-{check.get('type', 'tcp')}-{service.get('internal_port', 0)}"
            )
            number += 1
    return names


def _verdict(machine: Json, settings: Json, now: float) -> tuple[str, str]:
    if machine["state"] != STARTED:
        return "warning", REFUSED
    status = _set(machine, settings, now)
    if status != PASSING:
        return status, ""
    return _of_image(machine, behaviour_of(machine, settings), now), ""


@assumed("control's own: one status for all machines, or one each; flapping changes every five seconds")
def _set(machine: Json, settings: Json, now: float) -> str:
    """The status that control has set."""
    value = settings.get("checks", PASSING)
    if isinstance(value, dict):
        value = value.get(machine["id"], value.get("*", PASSING))
    if value == FLAPPING:
        return CRITICAL if int(now / FLAP_SECONDS) % 2 else PASSING
    return str(value)


@recorded("daily.json#30", "daily.json#33", why="healthy and unhealthy; crashes, slow and stuck are ours")
def _of_image(machine: Json, behaviour: str, now: float) -> str:
    """The status that comes of how the image behaves."""
    if behaviour in {images.UNHEALTHY, images.CRASHES}:
        return CRITICAL
    if behaviour == images.SLOW and now < machine["started"] + SLOW_SECONDS:
        return CRITICAL
    if behaviour == images.STUCK and machine["boots"] < 2:
        return CRITICAL
    return PASSING
