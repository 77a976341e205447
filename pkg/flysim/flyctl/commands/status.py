"""`status`: an app and its machines."""

from __future__ import annotations

from pkg.flysim.flyctl import records
from pkg.flysim.flyctl.errors import ApiFailed, Failed
from pkg.flysim.flyctl.machine import is_internal, process_group
from pkg.flysim.flyctl.render import pairs, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call, Json

COLUMNS = ("PROCESS", "ID", "VERSION", "REGION", "STATE", "ROLE", "CHECKS", "LAST UPDATED")
STANDBY = "†"


def status(call: Call) -> None:
    """Show the app and its machines.

    recorded: daily.json#8, daily.json#11, daily.json#12, daily.json#17, daily.json#18, deploys.json#1,
    deploys.json#32.
    """
    if call.switch("watch"):
        raise Failed(
            "--watch needs a terminal"
            if not call.switch("json")
            else "--watch and --json are not supported together"
        )
    try:
        app = call.api.graphql("query appcompact:app", appName=call.app)["app"]
    except ApiFailed as error:
        raise Failed(f"failed to get app: failed to run query: {error}") from error
    try:
        machines = call.api.get(f"/v1/apps/{call.app}/machines")
    except ApiFailed as error:
        raise Failed(f"failed to list VMs: {error}") from error
    if call.switch("json"):
        _json(call, app, machines)
        return
    _tables(
        call, app, [machine for machine in machines if process_group(machine) and not is_internal(machine)]
    )
    if any(not process_group(machine) for machine in machines):
        call.out("Found machines that aren't part of Fly Launch, run fly machines list to see them.")


def _json(call: Call, app: Json, machines: list[Json]) -> None:
    releases = call.api.graphql("query app", appName=call.app)["app"]["releases"]["nodes"]
    by_id = sorted(machines, key=lambda machine: str(machine["id"]), reverse=True)
    call.json(
        {
            "AppURL": app["appUrl"],
            "Deployed": app["deployed"],
            "Hostname": app["hostname"],
            "ID": app["id"],
            "Machines": [records.machine(machine) for machine in by_id],
            "Name": app["name"],
            "Network": app["network"],
            "Organization": records.organization(app["organization"]),
            "PlatformVersion": app["platformVersion"],
            "Status": app["status"],
            "Version": releases[0]["version"] if releases else 0,
        }
    )


def _tables(call: Call, app: Json, machines: list[Json]) -> None:
    offers = []
    for machine in machines:
        name = short_image(machine)
        latest = call.api.graphql("query latestImageDetails", image=name, flyVersion="")["latestImageDetails"]
        if latest["digest"] and latest["digest"] != machine["image_ref"]["digest"]:
            offers.append(f'Machine "{machine["id"]}" {name} -> {latest["repository"]}:{latest["tag"]} ()')
    if offers:
        call.out(
            "\n".join(["Updates available:", "", *offers, "", "Run `flyctl image update` to take them."])
        )
    images = sorted(
        {short_image(machine) for machine in machines}, key=[short_image(m) for m in machines].count
    )
    call.stdout.write(
        pairs(
            [
                ("Name", app["name"]),
                ("Owner", app["organization"]["slug"]),
                ("Hostname", app["hostname"]),
                ("Image", images[-1] if images else "-"),
                ("Network", app["network"]),
            ],
            title="App",
        )
    )
    if not machines:
        return
    rows = sorted(_row(machine) for machine in machines)
    call.stdout.write(table(COLUMNS, rows, title="Machines"))
    if any(row[0].endswith(STANDBY) for row in rows):
        call.out(f"Notes:\n  {STANDBY} Standby machine: it runs only when the host of the other one fails")


def short_image(machine: Json) -> str:
    """The image of a machine without its registry."""
    image = machine["image_ref"]
    return f"{image['repository']}:{image['tag']}" if image.get("tag") else str(image["repository"])


def _row(machine: Json) -> tuple[str, ...]:
    config = machine["config"]
    return (
        process_group(machine) + (STANDBY if config.get("standbys") else ""),
        machine["id"],
        str((config.get("metadata") or {}).get("fly_release_version", "")),
        machine["region"],
        machine["state"],
        "",
        check_counts(machine),
        machine["updated_at"],
    )


def check_counts(machine: Json) -> str:
    """How many checks a machine has, and how many are in which state: `2 total, 1 passing, 1 critical`."""
    states = [check["status"] for check in machine.get("checks") or []]
    if not states:
        return ""
    counted = [
        f"{states.count(state)} {state}" for state in ("passing", "warning", "critical") if state in states
    ]
    return ", ".join([f"{len(states)} total", *counted])
