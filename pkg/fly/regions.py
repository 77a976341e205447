"""Regions that are typed: looked for among those that there are, before anything is made in one."""

from pkg.fly.client import Flyctl
from pkg.shell.errors import BadInput


def require(flyctl: Flyctl, region: str) -> None:
    """Make sure that there is a region.

    Args:
        flyctl: asks.
        region: what was typed; empty leaves the choice to others.

    Raises:
        BadInput: there is none of that name; those that there are, are named.
    """
    if not region:
        return
    known = sorted(one.code for one in flyctl.platform_regions())
    if region not in known:
        raise BadInput(
            f"there is no region {region!r}",
            meaning="nothing was made",
            fix=f"--region with one of: {', '.join(known)}",
        )
