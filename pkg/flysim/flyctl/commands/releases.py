"""`releases`: what was released, newest first."""

from __future__ import annotations

from pkg.flysim.flyctl import records
from pkg.flysim.flyctl.errors import ApiFailed, Failed
from pkg.flysim.flyctl.render import ago, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call

COLUMNS = ("VERSION", "STATUS", "DESCRIPTION", "USER", "DATE")
LIMIT = 25


def releases(call: Call) -> None:
    """List at most 25 releases; recorded: daily.json#22..26."""
    try:
        found = call.api.graphql("query app", appName=call.app, limit=LIMIT)["app"]["releases"]["nodes"]
    except ApiFailed as error:
        raise Failed(f"failed retrieving app releases {call.app}: {error}") from error
    if call.switch("json"):
        call.json([records.release(release) for release in found])
        return
    image = call.switch("image")
    now = call.clock.now()
    rows = [
        (
            f"v{release['version']}",
            release["status"],
            release["description"],
            release["user"]["email"],
            ago(now - records.seconds(release["createdAt"])),
            *([release["imageRef"]] if image else []),
        )
        for release in found
    ]
    call.stdout.write(table((*COLUMNS, "DOCKER IMAGE") if image else COLUMNS, rows))
