"""`platform`: regions and machine sizes."""

from __future__ import annotations

from pkg.flysim.flyctl.errors import ApiFailed, Failed
from pkg.flysim.flyctl.render import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call


def regions(call: Call) -> None:
    """List the regions by name; recorded: operate.json#78."""
    try:
        found = call.api.get("/v1/platform/regions")["Regions"]
    except ApiFailed as error:
        raise Failed(f"failed retrieving regions: {error}") from error
    by_name = sorted(found, key=lambda region: str(region["name"]))
    if not call.switch("json"):
        rows = [(region["name"], region["code"]) for region in by_name]
        call.stdout.write(table(("NAME", "CODE"), rows))
        return
    call.json(
        [
            {
                "code": region["code"],
                "name": region["name"],
                "latitude": 0,
                "longitude": 0,
                "gateway_available": region["gateway_available"],
                "requires_paid_plan": False,
                "deprecated": False,
                "capacity": 0,
                "geo_region": "",
                "mpg_available": False,
            }
            for region in by_name
        ]
    )


def sizes(call: Call) -> None:
    """List the sizes of machines; derived: flyctl's source, internal/command/platform/vmsizes.go."""
    try:
        answer = call.api.post(
            "/graphql",
            {"query": "query { platform { vmSizes { name cpuClass cpuCores memoryMb memoryGb } } }"},
        )
    except ApiFailed as error:
        raise Failed(f"failed retrieving sizes: {error}") from error
    found = answer["data"]["platform"]["vmSizes"]
    if call.switch("json"):
        call.json(found)
        return
    rows = [(size["name"], str(size["cpuCores"]), _memory(size["memoryMb"])) for size in found]
    call.stdout.write(table(("NAME", "CPU CORES", "MEMORY"), rows))


def _memory(megabytes: int) -> str:
    return f"{megabytes} MB" if megabytes < 1024 else f"{megabytes // 1024} GB"
