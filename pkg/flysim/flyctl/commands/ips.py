"""`ips`: an app's addresses, listed, allocated and released."""

from __future__ import annotations

from pkg.flysim.flyctl import records
from pkg.flysim.flyctl.commands.machines import all_machines
from pkg.flysim.flyctl.errors import ApiFailed, Failed
from pkg.flysim.flyctl.render import ago, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call, Json

NO_ANSWER = "yes flag must be specified when not running interactively"
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


def allocate_v4(call: Call) -> None:
    """Give the app an IPv4 address, shared or its own.

    derived: flyctl's source, internal/command/ips/allocate.go.
    """
    if not call.switch("shared") and not call.asked:
        raise Failed(NO_ANSWER)
    _allocate(call, "shared_v4" if call.switch("shared") else "v4")


def allocate_v6(call: Call) -> None:
    """Give the app an IPv6 address; derived: flyctl's source, internal/command/ips/allocate.go."""
    _allocate(call, "private_v6" if call.switch("private") else "v6")


def _allocate(call: Call, kind: str) -> None:
    body = {
        "type": kind,
        "region": call.text("region"),
        "org_slug": call.text("org") or "personal",
        "network": call.text("network"),
        "service_name": "",
    }
    try:
        made = call.api.post(f"/v1/apps/{call.app}/ip_assignments", body)
    except ApiFailed as error:
        raise Failed(f"failed allocating ip address: {error}") from error
    version = "v4" if "v4" in kind else "v6"
    row = (version, made["ip"], kind, made["region"], ago(0))
    call.stdout.write(table(COLUMNS, [row]))


def release(call: Call) -> None:
    """Take addresses from the app; derived: flyctl's source, internal/command/ips/release.go."""
    for address in call.operands:
        try:
            call.api.delete(f"/v1/apps/{call.app}/ip_assignments/{address}")
        except ApiFailed as error:
            raise Failed(f"failed releasing ip address {address}: {error}") from error
        call.out(f"Released {address} from {call.app}")


def private(call: Call) -> None:
    """List the private addresses of the machines.

    derived: flyctl's source, internal/command/ips/private.go.
    """
    rows = [(machine["id"], machine["region"], machine["private_ip"]) for machine in all_machines(call)]
    if call.switch("json"):
        call.json([{"ID": ident, "Region": region, "IP": ip} for ident, region, ip in rows])
    else:
        call.stdout.write(table(("ID", "REGION", "IP"), rows))
