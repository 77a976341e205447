"""The pinned tools, and where images are built."""

from pkg.fly import builders
from pkg.onboard.check import Finding
from pkg.shell.workspace import Workspace
from pkg.tools.inventory import look


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
    """Images can be built: by Docker here, or by Fly's builder."""
    choice = builders.choose(ws.runner)
    return Finding(ok=True, detail=choice.why or "Docker answers here")
