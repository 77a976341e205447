"""Facts about one machine as the API shows it, and the steps that most machine commands share."""

from __future__ import annotations

from contextlib import contextmanager

from pkg.flysim.flyctl.errors import ApiFailed, Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from pkg.flysim.flyctl.call import Call

    Json = dict[str, Any]

# Process groups of flyctl's own machines, which are no part of the app.
INTERNAL_GROUPS = frozenset({"fly_app_release_command", "fly_app_console", "fly_app_test_machine_command"})
NO_ID = "a machine ID must be specified when not running interactively"
LEASE_SECONDS = 120


def process_group(machine: Json) -> str:
    """The process group of a machine; empty for one that was run by hand."""
    metadata = machine["config"].get("metadata") or {}
    env = machine["config"].get("env") or {}
    return str(metadata.get("fly_process_group") or env.get("FLY_PROCESS_GROUP", ""))


def is_internal(machine: Json) -> bool:
    """Whether flyctl made the machine for itself: a release command, a console."""
    return process_group(machine) in INTERNAL_GROUPS


def size(machine: Json) -> str:
    """The size of a machine: shared-cpu-1x:256MB."""
    guest = machine["config"].get("guest") or {}
    if not guest:
        return ""
    return f"{size_name(guest)}:{guest['memory_mb']}MB"


def size_name(guest: Json) -> str:
    """The name of a size without its memory: shared-cpu-1x."""
    kind = "shared-cpu" if guest["cpu_kind"] == "shared" else guest["cpu_kind"]
    return f"{kind}-{guest['cpus']}x"


def ids(call: Call) -> list[str]:
    """The machines that a run names.

    Raises:
        Failed: it names none; recorded: operate.json#20, daily.json#47.
    """
    if not call.operands:
        raise Failed(NO_ID)
    return call.operands


@contextmanager
def lease(call: Call, machine: str, ttl: int = LEASE_SECONDS) -> Iterator[str]:
    """Hold the lease of a machine for a block.

    Yields:
        the nonce, which changes to the machine must carry.

    Raises:
        Failed: somebody else holds it.
    """
    path = f"/v1/apps/{call.app}/machines/{machine}/lease"
    try:
        nonce = str(call.api.post(path, ttl=str(ttl))["data"]["nonce"])
    except ApiFailed as error:
        raise Failed(f"failed to obtain lease: failed to get lease on VM {machine}: {error}") from error
    try:
        yield nonce
    finally:
        call.api.delete(path, nonce=nonce)
