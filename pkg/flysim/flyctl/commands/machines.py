"""`machine list` and `machine status`."""

from __future__ import annotations

from pkg.flysim.flyctl import records
from pkg.flysim.flyctl.commands.status import short_image
from pkg.flysim.flyctl.errors import ApiFailed, Failed
from pkg.flysim.flyctl.machine import ids, process_group, size
from pkg.flysim.flyctl.render import ago, go_json, pairs, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call, Json

COLUMNS = (
    "ID",
    "NAME",
    "STATE",
    "CHECKS",
    "REGION",
    "ROLE",
    "IMAGE",
    "IP ADDRESS",
    "VOLUME",
    "CREATED",
    "LAST UPDATED",
    "PROCESS GROUP",
    "SIZE",
)
CHECK_COLUMNS = ("NAME", "STATUS", "LAST UPDATED", "OUTPUT")
EVENT_COLUMNS = ("STATE", "EVENT", "SOURCE", "TIMESTAMP", "INFO")


def all_machines(call: Call) -> list[Json]:
    """The machines of the app.

    Raises:
        Failed: with the API's words; recorded: operate.json#80, operate.json#82, operate.json#84.
    """
    try:
        found: list[Json] = call.api.get(f"/v1/apps/{call.app}/machines")
    except ApiFailed as error:
        raise Failed(f"failed to list VMs: {error}") from error
    return found


def list_machines(call: Call) -> None:
    """List the machines; recorded: daily.json#14, daily.json#15, daily.json#19..21."""
    machines = all_machines(call)
    if call.switch("json"):
        call.json([records.machine(machine) for machine in machines])
    elif call.switch("quiet"):
        call.stdout.write(table((), [(machine["id"],) for machine in machines]) if machines else "")
    elif not machines:
        call.out(f"No machines are available on this app {call.app}")
    else:
        call.out(f"{len(machines)} machines have been retrieved from app {call.app}.\n")
        call.stdout.write(table(COLUMNS, [_row(machine) for machine in machines], title=call.app))


def _row(machine: Json) -> tuple[str, ...]:
    checks = [check["status"] for check in machine.get("checks") or []]
    mounts = machine["config"].get("mounts") or []
    return (
        machine["id"],
        machine["name"],
        machine["state"],
        f"{checks.count('passing')}/{len(checks)}" if checks else "",
        machine["region"],
        "",
        short_image(machine),
        machine["private_ip"],
        mounts[0]["volume"] if mounts else "",
        machine["created_at"],
        machine["updated_at"],
        process_group(machine),
        size(machine),
    )


def status(call: Call) -> None:
    """Show one machine; recorded: operate.json#0, operate.json#1, operate.json#3, deploys.json#29."""
    machine = call.machine(ids(call)[0])
    if call.switch("display-config"):
        call.out(go_json(machine["config"], indent=2))
        return
    call.out(f"Machine ID: {machine['id']}")
    call.out(f"Instance ID: {machine['instance_id']}")
    call.out(f"State: {machine['state']}")
    call.out(f"HostStatus: {machine['host_status']}\n")
    call.stdout.write(pairs(_facts(machine), title="VM"))
    _checks(call, machine)
    rows = [_event_row(event) for event in machine["events"]]
    call.stdout.write(table(EVENT_COLUMNS, rows, title="Event Logs"))


def _facts(machine: Json) -> list[tuple[str, str]]:
    config = machine["config"]
    guest = config.get("guest") or {}
    init = config.get("init") or {}
    volumes = [("Volume", str(mount["volume"])) for mount in config.get("mounts") or []]
    return [
        ("ID", machine["id"]),
        ("Instance ID", machine["instance_id"]),
        ("State", machine["state"]),
        ("Image", short_image(machine)),
        ("Name", machine["name"]),
        ("Private IP", machine["private_ip"]),
        ("Region", machine["region"]),
        ("Process Group", process_group(machine)),
        ("CPU Kind", str(guest.get("cpu_kind", ""))),
        ("vCPUs", str(guest.get("cpus", ""))),
        ("Memory", str(guest.get("memory_mb", ""))),
        ("Created", machine["created_at"]),
        ("Updated", machine["updated_at"]),
        ("Entrypoint", _words(init.get("entrypoint"))),
        ("Command", _words(init.get("cmd"))),
        *volumes,
    ]


def _words(value: list[str] | None) -> str:
    return go_json(value, indent=None) if value else ""


def _checks(call: Call, machine: Json) -> None:
    checks = machine.get("checks") or []
    if not checks:
        return
    passing = [check for check in checks if check["status"] == "passing"]
    now = call.clock.now()
    rows = [
        (
            check["name"],
            check["status"],
            ago(now - records.seconds(check["updated_at"])),
            check.get("output") or "",
        )
        for check in checks
    ]
    call.stdout.write(table(CHECK_COLUMNS, rows, title=f"Checks [{len(passing)}/{len(checks)}]"))


def _event_row(event: Json) -> tuple[str, ...]:
    from datetime import UTC, datetime

    time = datetime.fromtimestamp(event["timestamp"] / 1000, UTC).isoformat(timespec="milliseconds")
    return event["status"], event["type"], event["source"], time, _info(event)


def _info(event: Json) -> str:
    """The last column of an event: how a machine ended, or that it was launched."""
    ended = (event.get("request") or {}).get("exit_event")
    if ended:
        flags = {
            "exit_code": ended.get("exit_code", 0),
            "oom_killed": ended.get("oom_killed", False),
            "requested_stop": ended.get("requested_stop", False),
        }
        return ",".join(f"{key}={str(value).lower()}" for key, value in flags.items())
    return "migrated=true" if event["type"] == "launch" else ""
