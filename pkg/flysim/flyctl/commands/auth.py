"""`auth`: who the token stands for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkg.flysim.flyctl.call import Call


def whoami(call: Call) -> None:
    """Print the address of the token's owner; recorded: daily.json#6, daily.json#7."""
    email = call.api.graphql("query viewer")["viewer"]["email"]
    if call.switch("json"):
        call.json({"email": email})
    else:
        call.out(email)


def token(call: Call) -> None:
    """Print the token itself, and that this is deprecated; recorded: operate.json#70."""
    call.say("The 'fly auth token' command is deprecated. Use 'fly tokens create' instead.")
    if call.switch("json"):
        call.json({"token": call.api.token})
    else:
        call.out(call.api.token)
