"""`ips list`: an app's addresses."""

from __future__ import annotations

from pkg.flysim.flyctl import records
from pkg.flysim.flyctl.render import ago, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call, Json

COLUMNS = ("VERSION", "IP", "TYPE", "REGION", "CREATED AT")


def list_ips(call: Call) -> None:
    """List the addresses, the shared one last and without a date.

    recorded: operate.json#76, operate.json#77.
    """
    app = call.api.graphql("query app", appName=call.app)["app"]
    found: list[Json] = [
        {
            "ID": ip["id"],
            "Address": ip["address"],
            "Type": ip["type"],
            "Region": ip["region"],
            "CreatedAt": ip["createdAt"],
            "ServiceName": "",
            "Network": None,
        }
        for ip in app["ipAddresses"]["nodes"]
    ]
    if app["sharedIpAddress"]:
        found.append(
            {
                "ID": "",
                "Address": app["sharedIpAddress"],
                "Type": "shared_v4",
                "Region": "",
                "CreatedAt": records.NEVER,
                "ServiceName": "",
                "Network": None,
            }
        )
    if call.switch("json"):
        call.json(found)
        return
    call.stdout.write(table(COLUMNS, [_row(call, ip) for ip in found]))


def _row(call: Call, ip: Json) -> tuple[str, ...]:
    version = "v4" if "v4" in ip["Type"] else "v6"
    if ip["Type"].startswith("private"):
        kind = "private"
    else:
        kind = f"public ingress ({'shared' if ip['Type'].startswith('shared') else 'dedicated'})"
    created = (
        "Jan 1 0001 00:00"
        if ip["CreatedAt"] == records.NEVER
        else ago(call.clock.now() - records.seconds(ip["CreatedAt"]))
    )
    return version, ip["Address"], kind, ip["Region"], created
