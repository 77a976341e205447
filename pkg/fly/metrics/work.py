"""Metrics of an app as tasks want them: a source that is opened once and asked as often as needed."""

import contextlib
from collections.abc import Iterator

from pkg.fly.client import Flyctl
from pkg.fly.metrics import source
from pkg.fly.metrics.measures import Measured, measure
from pkg.fly.metrics.prometheus import Server, authorization
from pkg.shell.workspace import Workspace


class Source:
    """An app's metrics, to be asked for.

    Args:
        ws: tells the time.
        flyctl: asked for the releases.
        server: asked for the metrics.
        app: the app's name.
    """

    def __init__(self, ws: Workspace, flyctl: Flyctl, server: Server, app: str) -> None:
        self._ws = ws
        self._flyctl = flyctl
        self.server = server
        self.app = app

    def measure(self, seconds: float) -> Measured:
        """Return what was measured up to now.

        Args:
            seconds: how far to look back.

        Raises:
            Failure: flyctl or the server could not be asked.
        """
        releases = self._flyctl.releases(self.app)
        now = self._ws.clock.now().timestamp()
        return measure(self.server, self.app, releases, now=now, seconds=seconds)


@contextlib.contextmanager
def opened(ws: Workspace, flyctl: Flyctl, app: str, organization: str = "") -> Iterator[Source]:
    """Have an app's metrics to ask for.

    Args:
        ws: where to run.
        flyctl: asked whose app it is.
        app: the app's name.
        organization: whose it is, when that is known already.

    Raises:
        NoToken: there is no token.
        Failure: flyctl does not know the app, or there is no server.
    """
    token = source.token(ws, flyctl)  # first: without one flyctl fails as well, and says less
    owner = organization or flyctl.status(app).organization.slug
    with source.base(ws) as at:
        yield Source(ws, flyctl, Server(at, owner, authorization(token), ws.environment.variables), app)
