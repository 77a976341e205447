"""What one does to a machine: start, stop, suspend, signal, cordon, exec, leases, metadata, waiting."""

from __future__ import annotations

import re
import shlex

from pkg.flysim.platform import commands, leases, machines
from pkg.flysim.platform.call import ApiError, Call, Response
from pkg.flysim.platform.store import Json
from pkg.flysim.platform.transitions import SETTLED, STARTED, STOPPED, is_one_shot, next_step_at

OK = {"ok": True}
SIGKILL = 9
LEASE_SECONDS = 30
SIGNALS = {
    "SIGHUP": 1,
    "SIGINT": 2,
    "SIGQUIT": 3,
    "SIGKILL": SIGKILL,
    "SIGUSR1": 10,
    "SIGUSR2": 12,
    "SIGTERM": 15,
}
STARTABLE = frozenset({STOPPED, "suspended", "created", "failed"})
RUNNING = frozenset({STARTED, "starting", "stopping"})


def _changeable(call: Call) -> Json:
    """The machine in the path, which the caller may change."""
    machine = machines.find(call)
    leases.check(call, machine)
    if machine["state"] in {"destroying", "destroyed"}:
        raise ApiError(412, "failed_precondition: machine has been destroyed")
    return machine


def start(call: Call) -> Response:
    """Start a stopped or suspended machine; one that runs is left as it is."""
    machine = _changeable(call)
    before = machine["state"]
    if before in STARTABLE:
        machines.save(call, machines.mover(call, machine).start())
    elif before not in {STARTED, "starting"}:
        raise ApiError(412, f"failed_precondition: unable to start machine from current state: '{before}'")
    return Response(200, {"previous_state": before, "migrated": False})


def stop(call: Call) -> Response:
    """Stop a machine; one that is stopped is left as it is."""
    machine = _changeable(call)
    if machine["state"] != STOPPED:
        machines.save(call, machines.mover(call, machine).stop())
    return Response(200, OK)


def restart(call: Call) -> Response:
    """Stop and start a machine."""
    machine = _changeable(call)
    machines.save(call, machines.mover(call, machine).start())
    return Response(200, OK)


def suspend(call: Call) -> Response:
    """Suspend a machine that runs."""
    machine = _changeable(call)
    if machine["state"] != STARTED:
        raise ApiError(
            412, f"failed_precondition: unable to suspend machine from current state: '{machine['state']}'"
        )
    machines.save(call, machines.mover(call, machine).suspend())
    return Response(200, OK)


def signal(call: Call) -> Response:
    """Send a signal: SIGKILL, SIGTERM and SIGINT end what runs, others are taken and have no effect."""
    machine = machines.find(call)
    number = call.body.get("signal")
    number = SIGNALS.get(number.upper(), -1) if isinstance(number, str) else number
    if not isinstance(number, int) or number < 1:
        raise ApiError(400, "invalid_argument: signal must be a signal's number or name")
    if machine["state"] not in RUNNING:
        raise ApiError(412, f"failed_precondition: machine not running: '{machine['state']}'")
    if number in {SIGKILL, SIGNALS["SIGTERM"], SIGNALS["SIGINT"]}:
        machines.save(call, machines.mover(call, machine).stop())
    return Response(200, OK)


def cordon(call: Call) -> Response:
    """Take a machine out of the proxy's rotation."""
    machines.save(call, {**_changeable(call), "cordoned": True})
    return Response(200, OK)


def uncordon(call: Call) -> Response:
    """Put a machine back into the proxy's rotation."""
    machines.save(call, {**_changeable(call), "cordoned": False})
    return Response(200, OK)


def execute(call: Call) -> Response:
    """Run a command in a machine: what control has set for it, else what its plain words mean."""
    machine = machines.find(call)
    command = call.body.get("cmd") or call.body.get("command")
    command = shlex.join(map(str, command)) if isinstance(command, list) else command
    if not isinstance(command, str) or not command:
        raise ApiError(400, "invalid_argument: a command is required")
    if machine["state"] != STARTED:
        raise ApiError(412, f"failed_precondition: machine not running: '{machine['state']}'")
    for pattern, answer in call.session.settings.get("exec", {}).items():
        if re.search(pattern, command):
            return Response(200, {"exit_code": 0, "stdout": "", "stderr": "", **answer})
    return Response(200, commands.answer(command))


def acquire_lease(call: Call) -> Response:
    """Take a lease, or keep for longer the one whose nonce is given."""
    machine = machines.find(call)
    leases.check(call, machine)
    lease = leases.held(call, machine["id"])
    ttl = call.seconds("ttl", LEASE_SECONDS)
    if lease:
        lease = leases.extend(call, machine, lease, ttl)
    else:
        lease = leases.hold(call, machine, owner=call.email, ttl=ttl)
    return Response(200, {"status": "success", "data": lease})


def show_lease(call: Call) -> Response:
    """The machine's lease; 404 when it has none."""
    lease = leases.held(call, machines.find(call)["id"])
    if lease is None:
        raise ApiError(404, "lease not found")
    return Response(200, {"status": "success", "data": lease})


def release_lease(call: Call) -> Response:
    """Give a lease back; that there is none is no error."""
    machine = machines.find(call)
    leases.check(call, machine)
    leases.release(call, machine["id"])
    return Response(200, {"status": "success"})


def processes(call: Call) -> Response:
    """The processes of a machine: the simulation shows none."""
    machines.find(call)
    return Response(200, [])


def events(call: Call) -> Response:
    """A machine's events, newest first."""
    return Response(200, machines.find(call)["events"])


def metadata(call: Call) -> Response:
    """A machine's metadata."""
    return Response(200, machines.find(call)["config"].get("metadata") or {})


def set_metadata(call: Call) -> Response:
    """Set one key of a machine's metadata; the machine goes on running."""
    value = call.body.get("value")
    if not isinstance(value, str):
        raise ApiError(400, "invalid_argument: value must be a string")
    return _change_metadata(call, {call.params["key"]: value})


def delete_metadata(call: Call) -> Response:
    """Remove one key of a machine's metadata."""
    return _change_metadata(call, {})


def _change_metadata(call: Call, values: Json) -> Response:
    machine = _changeable(call)
    kept = {
        key: value
        for key, value in (machine["config"].get("metadata") or {}).items()
        if key != call.params["key"]
    }
    machines.save(call, {**machine, "config": {**machine["config"], "metadata": {**kept, **values}}})
    return Response(204, None)


class Waiting:
    """One look at a machine that is waited for: whether it is there, and when looking again is worth it."""

    __slots__ = ("machine", "reached", "wake_at")

    def __init__(self, call: Call) -> None:
        self.machine = machines.find(call)
        self.reached = _reached(self.machine, call.query.get("state") or STARTED)
        self.wake_at = next_step_at(self.machine)


def _reached(machine: Json, wanted: str) -> bool:
    state = machine["state"]
    if wanted == "settled":
        return state in SETTLED or not machine["pending"]
    if wanted == STARTED and is_one_shot(machine) and state in {STOPPED, "destroyed"}:
        # It was started, and is done: flyctl asks a moment after it started it, and must not come too late.
        return any(event["type"] == "start" for event in machine["events"])
    return bool(state == wanted)
