"""`scale vm` and `scale memory`: how large the machines of a group are."""

from __future__ import annotations

from contextlib import ExitStack

from pkg.flysim.flyctl.commands.machine_control import HEALTH_SECONDS, wait_for, wait_until_healthy
from pkg.flysim.flyctl.commands.machines import all_machines
from pkg.flysim.flyctl.deploy.options import megabytes, size
from pkg.flysim.flyctl.errors import ApiFailed, Failed
from pkg.flysim.flyctl.machine import lease, process_group, size_name
from pkg.flysim.flyctl.manifest import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call, Json


def vm(call: Call) -> None:
    """Give the machines of a group a size; derived: flyctl's source, internal/command/scale/vm.go."""
    guest = dict(size(call.operands[0]))
    if call.number("vm-memory"):
        guest["memory_mb"] = call.number("vm-memory")
    changed = _scale(call, guest)
    call.out(f"Scaled VM Type to '{size_name(changed)}'")
    call.out(f"{'CPU Cores':>15}: {changed['cpus']}\n{'Memory':>15}: {changed['memory_mb']} MB")


def memory(call: Call) -> None:
    """Give the machines of a group more or less memory.

    derived: flyctl's source, internal/command/scale/memory.go.
    """
    changed = _scale(call, {"memory_mb": megabytes(call.operands[0])})
    call.out(f"Scaled VM Memory size to {changed['memory_mb']} MB")


def _scale(call: Call, guest: Json) -> Json:
    group = call.text("process-group") or _only_group(call)
    machines = [machine for machine in all_machines(call) if process_group(machine) == group]
    if not machines:
        raise Failed(f"No active machines in process group '{group}', check `fly status` output")
    with ExitStack() as leases:
        nonces = {machine["id"]: leases.enter_context(lease(call, machine["id"])) for machine in machines}
        for machine in machines:
            _update(call, machine, guest, nonces[machine["id"]])
    return {**machines[0]["config"]["guest"], **guest}


def _only_group(call: Call) -> str:
    app = call.api.graphql("query app", appName=call.app)["app"]
    groups = list(Manifest("", app["config"]["definition"]).groups)
    if len(groups) > 1:
        raise Failed(
            "scaling an app with multiple process groups requires specifying a group with "
            "'--process-group <name>'"
        )
    return groups[0]


def _update(call: Call, machine: Json, guest: Json, nonce: str) -> None:
    ident = machine["id"]
    config = {**machine["config"], "guest": {**machine["config"]["guest"], **guest}}
    body: Json = {
        "config": config,
        "region": machine["region"],
        "name": machine["name"],
        "skip_secrets": False,
    }
    running = machine["state"] == "started"
    call.out(f"Updating machine {ident}")
    try:
        call.api.post(
            f"/v1/apps/{call.app}/machines/{ident}",
            body if running else {**body, "skip_launch": True},
            nonce=nonce,
        )
    except ApiFailed as error:
        raise Failed(f"could not update machine {ident}: failed to update VM {ident}: {error}") from error
    if running:
        wait_for(call, ident, "settled", HEALTH_SECONDS)
        wait_until_healthy(call, ident)
    call.out(f"Machine {ident} updated successfully!")
