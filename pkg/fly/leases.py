"""Leases: who changes a machine right now. A flyctl that is killed leaves its own behind."""

from collections.abc import Iterable

from pkg.fly.client import Flyctl, Speaker
from pkg.fly.models import Lease
from pkg.shell.clock import Clock
from pkg.shell.errors import Failure, Interrupted

# Leases end by themselves: a deploy's after 13 to 30 s, those of `machine restart` and its like after 120 s
# (recorded: http.jsonl, `lease?ttl=`).
END = 130.0


def held(leases: dict[str, Lease], now: float) -> dict[str, Lease]:
    """Return those leases that have not ended.

    Args:
        leases: by machine.
        now: seconds since 1970.
    """
    return {ident: lease for ident, lease in leases.items() if lease.data and lease.data.expires_at > now}


def wait_until_free(
    flyctl: Flyctl, app: str, machines: Iterable[str], *, clock: Clock, tick: float, say: Speaker
) -> bool:
    """Wait until nobody changes the machines any more; return whether that came.

    Where it cannot be asked, nobody does.

    Args:
        flyctl: asks.
        app: the app's name.
        machines: their ids.
        clock: waits between two questions.
        tick: seconds between them.
        say: tells that it waits.
    """
    ids, end, told = list(machines), clock.monotonic() + END, False
    while True:
        try:
            leases = held(flyctl.machine_leases(app, ids), clock.now().timestamp())
        except Interrupted:
            raise
        except Failure:
            return True
        if not leases or clock.monotonic() >= end:
            return not leases
        if not told:
            owners = ", ".join(sorted({lease.data.owner for lease in leases.values() if lease.data}))
            say(f"waiting until the leases of {owners} on the machines end, two minutes at most")
            told = True
        clock.sleep(tick)
