"""A simulated machine has no database: it is told what Litestream and sqlite3 would answer.

Each answer can be replaced, to see a failure:
`flysim control '{"exec": {"litestream sync": {"exit_code": 1, "stderr": "no space left on device"}}}'`.
"""

import json

from pkg.fly.simulation import next_step
from pkg.litestream.place import Place
from pkg.shell.errors import CommandFailed
from pkg.shell.workspace import Workspace

SENTINEL = 1
_ANSWERS = {
    "litestream version": {"stdout": "0.5.18\n"},
    "litestream list": {"stdout": '{"databases": []}'},
    "litestream sync": {"stdout": '{"txid": 7, "replica_txid": 7}'},
    "litestream restore": {"stdout": '{"txid": "0000000000000007", "integrity_check": "full"}'},
    "sqlite3 .*-readonly": {"stdout": f"16384\n{SENTINEL}\n"},
    "sqlite3": {"stdout": ""},
    "mktemp": {"stdout": "/tmp/simulated\n"},  # noqa: S108 - a name; nothing is there
    "rm -rf": {"stdout": ""},
}


def teach(ws: Workspace, place: Place) -> None:
    """Tell a simulated machine what to answer, unless it already knows.

    Args:
        ws: the sandbox.
        place: the machine.

    Raises:
        CommandFailed: the simulation took no answers.
    """
    asked = place.run(["litestream", "version"])
    if asked.skipped or not asked.stdout.startswith("ok"):
        return
    result = ws.runner.capture(["flysim", "control", json.dumps({"exec": _ANSWERS})], timeout=60)
    if result.code:
        raise CommandFailed("the simulation took no answers", result=result, fix=next_step(result.stderr))
