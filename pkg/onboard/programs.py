"""The pinned tools, and where images are built."""

from pkg.fly import builders
from pkg.fly.connect import connect
from pkg.fly.manifest import FILE, read
from pkg.onboard.check import Finding
from pkg.shell.errors import Failure
from pkg.shell.workspace import Workspace
from pkg.tools.inventory import look
from pkg.tools.platforms import System, here

# Docker is a service on Linux, an application elsewhere.
START_DOCKER: dict[System, str] = {
    "linux": "sudo systemctl start docker",
    "macos": "open -a Docker",
    "windows": "docker desktop start",
}


class Tool:
    """Proves that one pinned tool is here."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, ws: Workspace) -> Finding:
        """The tool is installed at its pin, whole."""
        status = look(ws, self._name)
        command = status.next.startswith("inv ")
        return Finding(status.sound, f"{status.version}: {status.state}", status.next, command)


def builder(ws: Workspace) -> Finding:
    """Images can be built: by Docker here, or by the builder of the organization that the token leads to.

    That builder itself flyctl tells nothing of before it builds; which organization's it would be, `status`
    does (recorded: daily.json).
    """
    choice = builders.choose(ws.runner)
    if not choice.builder:
        return Finding(ok=True, detail="a Docker daemon answers here")
    app = read(ws.root / FILE).app
    try:
        organization = connect(ws).status(app).organization.slug
    except Failure as failure:
        detail = f"{choice.why}, and the organization of {app} is out of reach: {failure.what}"
        start = START_DOCKER[here(ws.runner).system] if builders.waits_for_docker(ws.runner) else ""
        return Finding(ok=False, detail=detail, fix=start)
    return Finding(ok=True, detail=f"{choice.why}, of the organization {organization}")
