"""`version`: which flyctl this stands for, and that it is simulated."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call

MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64"}
SIMULATED = "simulated"


def version(call: Call) -> None:
    """Print the version; `Environment` is where the real one says `production`.

    recorded: daily.json#0, daily.json#1.
    """
    number = call.parsed.command.surface.version
    machine = os.uname().machine if hasattr(os, "uname") else "x86_64"
    facts = {
        "Name": "flyctl",
        "Version": number,
        "Commit": SIMULATED,
        "BranchName": "",
        "BuildDate": "1970-01-01T00:00:00Z",
        "OS": sys.platform,
        "Architecture": MACHINES.get(machine, machine),
        "Environment": SIMULATED,
    }
    if call.switch("json"):
        from pkg.flysim.flyctl.render import go_json

        call.out(go_json(facts, indent=None))
    else:
        call.out(
            f"flyctl v{number} {facts['OS']}/{facts['Architecture']} Commit: {SIMULATED} (a simulation: "
            f"no real Fly)"
        )
