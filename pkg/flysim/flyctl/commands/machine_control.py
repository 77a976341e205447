"""`machine` start, stop, restart, suspend, kill, cordon, uncordon, destroy, wait, exec."""

from __future__ import annotations

from pkg.flysim.flyctl import machine as machines
from pkg.flysim.flyctl.errors import ApiFailed, Failed
from pkg.flysim.flyctl.values import format_duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call, Json

WAIT_SECONDS = 60
SIGKILL = 9
POLL_SECONDS = 0.5
HEALTH_SECONDS = 300


def _change(call: Call, machine: str, action: str, nonce: str, body: object = None, **query: str) -> None:
    """Ask the API to do something to a machine.

    Raises:
        Failed: it refuses.
    """
    try:
        call.api.post(f"/v1/apps/{call.app}/machines/{machine}/{action}", body, nonce=nonce, **query)
    except ApiFailed as error:
        raise Failed(
            f"could not {action} machine {machine}: failed to {action} VM {machine}: {error}"
        ) from error


def wait_for(call: Call, machine: str, state: str, seconds: float) -> None:
    """Wait until a machine is in a state.

    Raises:
        Failed: it is not there in time, or the API fails.
    """
    path = f"/v1/apps/{call.app}/machines/{machine}/wait"
    deadline = call.clock.now() + seconds
    while True:
        left = deadline - call.clock.now()
        try:
            call.api.get(path, state=state, timeout=str(max(1, min(WAIT_SECONDS, int(left)))))
        except ApiFailed as error:
            if error.status == 408 and call.clock.now() < deadline:
                continue
            raise Failed(f"failed to wait for VM {machine} in [{state}] state: {error}") from error
        return


def wait_until_healthy(call: Call, machine: str) -> None:
    """Watch the checks of a machine until they pass, with a line on stderr; recorded: operate.json#8.

    Raises:
        Failed: they do not in five minutes.
    """
    deadline = call.clock.now() + HEALTH_SECONDS
    while True:
        now = call.machine(machine)
        checks = [check["status"] for check in now.get("checks") or []]
        passing = checks.count("passing")
        if passing == len(checks):
            if checks:
                call.say(
                    f"  Waiting for {machine} to become healthy ({now['state']}, {passing}/{len(checks)})"
                )
            return
        if call.clock.now() >= deadline:
            raise Failed(
                f"failed to wait for health checks to pass: context deadline exceeded ({machine} "
                f"{passing}/{len(checks)})"
            )
        call.clock.sleep(POLL_SECONDS)


def start(call: Call) -> None:
    """Start machines; recorded: operate.json#4, operate.json#26, operate.json#91."""
    for machine in _found(call):
        with machines.lease(call, machine["id"]) as nonce:
            _change(call, machine["id"], "start", nonce)
            call.out(f"{machine['id']} has been started")


def stop(call: Call) -> None:
    """Stop machines; returns before they have, without --wait-timeout.

    recorded: operate.json#2, operate.json#89, operate.json#90.
    """
    seconds = call.seconds("wait-timeout")
    for machine in _found(call):
        ident = machine["id"]
        with machines.lease(call, ident) as nonce:
            call.out(f"Sending kill signal to machine {ident}...")
            body = {"id": ident, "timeout": format_duration(call.number("timeout"))}
            _change(
                call,
                ident,
                "stop",
                nonce,
                {**body, "signal": call.text("signal")} if call.text("signal") else body,
            )
            if seconds:
                wait_for(call, ident, "stopped", seconds)
            call.out(f"{ident} has been successfully stopped")


def restart(call: Call) -> None:
    """Restart machines; recorded: operate.json#8, deploys.json#27, release.json#13."""
    for machine in _found(call):
        restart_one(call, machine["id"], force=call.switch("force"))


def restart_one(call: Call, ident: str, *, force: bool) -> None:
    """Restart one machine, and wait until it is healthy unless --skip-health-checks was given.

    Raises:
        Failed: the API refuses, or it does not get healthy.
    """
    with machines.lease(call, ident) as nonce:
        call.out(f"Restarting machine {ident}")
        _change(call, ident, "restart", nonce, force_stop=str(force).lower())
        wait_for(call, ident, "started", HEALTH_SECONDS)
        if not call.switch("skip-health-checks"):
            wait_until_healthy(call, ident)
        call.out(f"Machine {ident} restarted successfully!")


def suspend(call: Call) -> None:
    """Suspend machines; recorded: operate.json#25."""
    seconds = call.seconds("wait-timeout")
    for machine in _found(call):
        with machines.lease(call, machine["id"]) as nonce:
            _change(call, machine["id"], "suspend", nonce)
            call.out(f"{machine['id']} is being suspended")
            if seconds:
                wait_for(call, machine["id"], "suspended", seconds)


def cordon(call: Call) -> None:
    """Take machines out of the proxy's rotation; recorded: operate.json#23."""
    for machine in _found(call):
        with machines.lease(call, machine["id"]) as nonce:
            call.out(f"Activating cordon on machine {machine['id']}...")
            _change(call, machine["id"], "cordon", nonce)
            call.out("done!")


def uncordon(call: Call) -> None:
    """Put machines back into it; recorded: operate.json#24."""
    for machine in _found(call):
        with machines.lease(call, machine["id"]) as nonce:
            call.out(f"Deactivating cordon on machine {machine['id']}...")
            _change(call, machine["id"], "uncordon", nonce)
            call.out("done!")


def kill(call: Call) -> None:
    """Send SIGKILL to what a machine runs; recorded: deploys.json#28, release.json#8."""
    machine = call.machine(machines.ids(call)[0])
    ident = machine["id"]
    if machine["state"] == "destroyed":
        raise Failed(f"machine {ident} has already been destroyed")
    call.out(
        f"machine {ident} was found and is currently in a {machine['state']} state, attempting to kill..."
    )
    try:
        call.api.post(f"/v1/apps/{call.app}/machines/{ident}/signal", {"signal": SIGKILL})
    except ApiFailed as error:
        raise Failed(f"could not kill machine {ident}: {error}") from error
    call.out("kill signal has been sent")


def destroy(call: Call) -> None:
    """Destroy machines; one that runs only with --force; recorded: operate.json#17, operate.json#18."""
    force = call.switch("force")
    for machine in _found(call):
        ident = machine["id"]
        with machines.lease(call, ident) as nonce:
            if machine["state"] == "started" and not force:
                raise Failed(f"machine {ident} currently started, either stop first or use --force flag")
            if machine["state"] == "destroyed":
                raise Failed(f"machine {ident} has already been destroyed")
            call.out(
                f"machine {ident} was found and is currently in {machine['state']} state, attempting to "
                "destroy..."
            )
            try:
                call.api.delete(f"/v1/apps/{call.app}/machines/{ident}", nonce=nonce, kill=str(force).lower())
            except ApiFailed as error:
                raise Failed(f"could not destroy machine {ident}: {error}") from error
            call.out(f"{ident} has been destroyed")


def wait(call: Call) -> None:
    """Wait until a machine is in a state; recorded: operate.json#5..7, operate.json#93, release.json#17."""
    machine = call.machine(machines.ids(call)[0])
    ident = machine["id"]
    state, seconds = call.text("state"), call.seconds("wait-timeout")
    limit = format_duration(seconds)
    call.out(f'Waiting up to {limit} for machine {ident} to reach "{state}"...')
    try:
        wait_for(call, ident, state, seconds)
    except Failed as error:
        raise Failed(f'machine {ident} did not reach "{state}" within {limit}: {error}') from error
    reached = call.machine(ident)["state"] if state == "settled" else state
    call.out(f'Machine {ident} reached state "{reached}"')


def execute(call: Call) -> None:
    """Run a command in a machine; exit 0 whatever it says.

    recorded: operate.json#22; README, "machine exec exits 0 when the remote command failed".
    """
    if len(call.operands) < 2:
        raise Failed(machines.NO_ID)
    machine = call.machine(call.operands[0])
    body: Json = {"cmd": call.operands[1]}
    if call.number("timeout"):
        body["timeout"] = call.number("timeout")
    try:
        answer = call.api.post(f"/v1/apps/{call.app}/machines/{machine['id']}/exec", body)
    except ApiFailed as error:
        raise Failed(f"could not exec command on machine {machine['id']}: {error}") from error
    if call.switch("json"):
        call.json({key: answer[key] for key in ("exit_code", "stdout", "stderr") if answer.get(key)})
        return
    if answer["exit_code"]:
        call.out(f"Exit code: {answer['exit_code']}")
    call.stdout.write(answer["stdout"])
    call.stderr.write(answer["stderr"])


def _found(call: Call) -> list[Json]:
    """The machines that the run names, all of which must be there before any is changed."""
    return [call.machine(ident) for ident in machines.ids(call)]
