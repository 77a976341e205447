"""The token that flyctl works with: of a variable, or else of its own login."""

import msgspec

from pkg.fly import tokens
from pkg.fly.answers import NoAccess
from pkg.fly.client import Flyctl
from pkg.fly.connect import TOKENS
from pkg.fly.tokens import Kind
from pkg.shell.workspace import Workspace


class InUse(msgspec.Struct, frozen=True):
    """A token in use.

    Attributes:
        variable: the one that it is in; empty for flyctl's own login, or for none.
        kind: what it is.
    """

    variable: str
    kind: Kind

    @property
    def source(self) -> str:
        """Where it comes from, for people."""
        if self.variable:
            return self.variable
        return (
            "flyctl's own login" if self.kind.name == tokens.LOGIN else "no variable, and no login of flyctl"
        )


def in_use(ws: Workspace, flyctl: Flyctl) -> InUse:
    """Return the token that flyctl works with: the first variable that is set, or else its stored login.

    Args:
        ws: knows the variables.
        flyctl: is asked for its login when no variable is set.

    Raises:
        Failure: flyctl cannot be asked.
    """
    for variable in TOKENS:
        if token := ws.environment.get(variable):
            return InUse(variable, tokens.kind(token))
    try:
        login = flyctl.auth_token()
    except NoAccess:
        login = ""
    if not login:
        return InUse("", tokens.kind(""))
    ws.redactor.add(login)
    return InUse("", tokens.login(login))
