"""Why there are no metrics, each with an exit code of its own: the numbers are those of sysexits.h."""

from pkg.shell.errors import Failure


class NoData(Failure):
    """The server answers, and has nothing of this app in this time (EX_NOINPUT)."""

    exit_code = 66


class WrongOrganization(Failure):
    """There is no such organization, or it is not the token's (EX_NOUSER)."""

    exit_code = 67


class Away(Failure):
    """The server cannot be reached, fails, or sends us elsewhere (EX_UNAVAILABLE)."""

    exit_code = 69


class Slow(Away):
    """The server takes too long, or asks us to come back later (EX_TEMPFAIL)."""

    exit_code = 75


class Malformed(Failure):
    """What came back is not what Prometheus answers, or it does not take the question (EX_PROTOCOL)."""

    exit_code = 76


class NoToken(Failure):
    """There is no token, or it does not do (EX_NOPERM)."""

    exit_code = 77
