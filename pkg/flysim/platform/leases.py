"""Leases: who may change a machine for a while."""

from __future__ import annotations

from pkg.flysim.evidence import assumed
from pkg.flysim.platform.call import ApiError, Call
from pkg.flysim.platform.clock import rfc3339
from pkg.flysim.platform.store import Json

KIND = "lease"


def held(call: Call, machine_id: str) -> Json | None:
    """The machine's lease, when it has not expired."""
    lease = call.session.get(KIND, machine_id)
    return lease if lease and lease["expires_at"] > call.now else None


@assumed("Fly's documentation: a change without the lease's nonce is refused with 409")
def check(call: Call, machine: Json) -> None:
    """Refuse a change of a machine that somebody else holds."""
    lease = held(call, machine["id"])
    if lease and lease["nonce"] != call.nonce:
        raise ApiError(
            409,
            f"aborted: machine ID {machine['id']} lease currently held by {lease['owner']},"
            f" expires at {rfc3339(lease['expires_at'])}",
        )


def hold(call: Call, machine: Json, *, owner: str, ttl: float) -> Json:
    """Give a machine a lease of `ttl` seconds."""
    lease: Json = {
        "nonce": call.ids.new("n", 16),
        "expires_at": int(call.now + ttl),
        "owner": owner,
        "version": machine["instance_id"],
    }
    call.session.put(KIND, machine["id"], lease, app=machine["app"])
    return lease


def extend(call: Call, machine: Json, lease: Json, ttl: float) -> Json:
    """Keep a lease for `ttl` seconds from now."""
    lease = {**lease, "expires_at": int(call.now + ttl)}
    call.session.put(KIND, machine["id"], lease, app=machine["app"])
    return lease


def release(call: Call, machine_id: str) -> None:
    """Drop a machine's lease."""
    call.session.delete(KIND, machine_id)
