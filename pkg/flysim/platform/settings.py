"""The settings that control can change: what they are when it has not."""

from __future__ import annotations

from pkg.flysim.platform.store import Json

DEFAULTS: Json = {
    "lag": 0,
    "boot": "started",
    "checks": "passing",
    "settle": 0,
    "reads": 0,
    "seed": "",
}


class SettingError(Exception):
    """A setting that control does not take; the message says which, and what would do."""
