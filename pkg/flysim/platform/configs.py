"""A machine's configuration: what the simulation reads of it must be well formed; the rest is kept as is."""

from __future__ import annotations

from collections.abc import Callable

from pkg.flysim.platform.call import ApiError
from pkg.flysim.platform.store import Json


def checked(config: object) -> Json:
    """The configuration itself; 400, with what is wrong, when the simulation could not work with it."""
    if not isinstance(config, dict):
        raise ApiError(400, "invalid_argument: config is required")
    if not isinstance(config.get("image"), str) or not config["image"]:
        raise ApiError(400, "invalid_argument: config.image is required")
    for name, well_formed in PARTS.items():
        if config.get(name) is not None and not well_formed(config[name]):
            raise ApiError(400, f"invalid_argument: config.{name} is malformed")
    return config


def _object(value: object) -> bool:
    return isinstance(value, dict)


def _objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _services(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and (one.get("checks") is None or _objects(one["checks"])) for one in value
    )


def _restart(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    retries = value.get("max_retries")
    return retries is None or (isinstance(retries, int) and 0 <= retries <= MOST_RETRIES)


MOST_RETRIES = 100
PARTS: dict[str, Callable[[object], bool]] = {
    "metadata": _object,
    "services": _services,
    "mounts": _objects,
    "checks": _object,
    "restart": _restart,
}
