"""The simulated Fly: state, clock, transitions, images, faults and routes, apart from the doors onto it."""

from pkg.flysim.platform.call import Response
from pkg.flysim.platform.core import Platform
from pkg.flysim.platform.settings import SettingError
from pkg.flysim.platform.store import StateError

__all__ = ["Platform", "Response", "SettingError", "StateError"]
