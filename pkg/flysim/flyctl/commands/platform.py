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
