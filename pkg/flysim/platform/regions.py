"""The regions and machine sizes that the platform offers."""

from __future__ import annotations

from pkg.flysim.platform.call import ApiError, Call, Response
from pkg.flysim.platform.store import Json

DEFAULT_REGION = "syd"
NAMES = {
    "syd": "Sydney",
    "iad": "Ashburn",
    "ams": "Amsterdam",
    "fra": "Frankfurt",
    "lhr": "London",
    "nrt": "Tokyo",
    "sin": "Singapore",
    "sjc": "San Jose",
}
SIZES = (
    ("shared-cpu-1x", "shared", 1, 256),
    ("shared-cpu-2x", "shared", 2, 512),
    ("shared-cpu-4x", "shared", 4, 1024),
    ("shared-cpu-8x", "shared", 8, 2048),
    ("performance-1x", "performance", 1, 2048),
    ("performance-2x", "performance", 2, 4096),
    ("performance-4x", "performance", 4, 8192),
    ("performance-8x", "performance", 8, 16384),
    ("performance-16x", "performance", 16, 32768),
)


def known_region(code: str) -> str:
    """The code itself; 400 when there is no such region."""
    if code not in NAMES:
        raise ApiError(400, f"invalid_argument: region {code} not found")
    return code


def list_all(_call: Call) -> Response:
    """The regions, as the Machines API shows them."""
    regions = [{"code": code, "name": name, "gateway_available": True} for code, name in NAMES.items()]
    return Response(200, {"Regions": regions, "Nearest": DEFAULT_REGION})


def for_graphql() -> Json:
    """The regions, as GraphQL shows them."""
    regions = [
        {"code": code, "name": name, "gatewayAvailable": True, "requiresPaidPlan": False}
        for code, name in NAMES.items()
    ]
    nearest = {"code": DEFAULT_REGION, "name": NAMES[DEFAULT_REGION], "gatewayAvailable": True}
    return {"platform": {"requestRegion": DEFAULT_REGION, "regions": regions}, "nearestRegion": nearest}


def sizes_for_graphql() -> list[Json]:
    """The sizes a machine can have, as GraphQL shows them."""
    return [
        {"name": name, "cpuClass": kind, "cpuCores": cores, "memoryMb": memory, "memoryGb": memory / 1024}
        for name, kind, cores, memory in SIZES
    ]
