"""`secrets`: list, set, import, unset, deploy."""

from __future__ import annotations

from pkg.flysim.flyctl.commands.secrets_reader import read
from pkg.flysim.flyctl.deploy.options import assignments
from pkg.flysim.flyctl.deploy.run import redeploy
from pkg.flysim.flyctl.errors import ApiFailed, Failed
from pkg.flysim.flyctl.machine import is_internal
from pkg.flysim.flyctl.render import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call

COLUMNS = ("NAME", "DIGEST", "STATUS")
STAGED = "Staged"
STDIN_BYTES = 64 * 1024
STAGED_WORDS = "Secrets have been staged, but not set on VMs. Deploy or update machines in this app for "
"the secrets to take effect."


def list_secrets(call: Call) -> None:
    """List names, digests, and whether the machines have them.

    recorded: operate.json#29, operate.json#30, operate.json#34, operate.json#35, operate.json#40,
    deploys.json#43.
    """
    try:
        listed = call.api.get(f"/v1/apps/{call.app}/secrets", deployed="true")["secrets"]
    except ApiFailed as error:
        raise Failed(f"failed to list secrets: {error}") from error
    shown = [
        {"name": each["name"], "digest": each["digest"], "status": "Deployed" if each["deployed"] else STAGED}
        for each in listed
    ]
    if call.switch("json"):
        call.json(shown)
        return
    waiting = [each for each in shown if each["status"] == STAGED]
    rows = [
        (
            ("* " if each["status"] == STAGED else "  " if waiting else "") + each["name"],
            each["digest"],
            each["status"],
        )
        for each in shown
    ]
    call.stdout.write(table(COLUMNS, rows))
    if waiting:
        count = f"There are {len(waiting)} secrets" if len(waiting) > 1 else "There is 1 secret"
        call.out(f"{count} not deployed. Deploy with `fly secrets deploy` to make them available.")


def set_secrets(call: Call) -> None:
    """Set secrets from the arguments; NAME=- reads one from stdin.

    recorded: operate.json#31, operate.json#37, deploys.json#42.
    """
    call.api.graphql("query appcompact:app", appName=call.app)
    try:
        values: dict[str, str | None] = {**assignments(call.operands)}
    except Failed as error:
        raise Failed(f"could not parse secrets: {error}") from error
    for name, value in values.items():
        if value == "-":
            values[name] = _from_stdin(call, name)
    _send(call, values)


def _from_stdin(call: Call, name: str) -> str:
    """One value from stdin, its outer whitespace lost; recorded: README, `secrets set NAME=-`."""
    text = call.stdin.read()
    if len(text.encode("utf-8", "surrogateescape")) > STDIN_BYTES:
        raise Failed(f"error reading stdin for '{name}': it is longer than {STDIN_BYTES} bytes")
    return text.strip()


def import_secrets(call: Call) -> None:
    """Set secrets from stdin, with the losses of the real reader.

    recorded: operate.json#32, operate.json#33.
    """
    call.api.graphql("query appcompact:app", appName=call.app)
    try:
        values: dict[str, str | None] = {**read(call.stdin.read())}
    except ValueError as error:
        raise Failed(f"Failed to parse secrets from stdin: {error}") from error
    if not values:
        raise Failed("requires at least one SECRET=VALUE pair")
    _send(call, values)


def unset(call: Call) -> None:
    """Remove secrets; recorded: operate.json#36."""
    call.api.graphql("query appcompact:app", appName=call.app)
    _send(call, dict.fromkeys(call.operands))


def _send(call: Call, values: dict[str, str | None]) -> None:
    try:
        call.api.post(f"/v1/apps/{call.app}/secrets", {"values": values})
    except ApiFailed as error:
        raise Failed(f"failed to set secrets: {error}") from error
    machines = [
        machine for machine in call.api.get(f"/v1/apps/{call.app}/machines") if not is_internal(machine)
    ]
    if call.switch("stage"):
        call.out(STAGED_WORDS)
    elif not machines:
        call.out("Secrets are staged for the first deployment")
    else:
        redeploy(call)


def deploy(call: Call) -> None:
    """Give the machines what is staged; recorded: operate.json#39."""
    call.api.graphql("query appcompact:app", appName=call.app)
    redeploy(call)
