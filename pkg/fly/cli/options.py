"""The options that most tasks share, and what they mean."""

from typing import TYPE_CHECKING

from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    from pkg.fly.manifest import Manifest

APP = "the app; by default the one that the manifest names"
CONFIG = "a manifest or its folder, as in `-c core`; by default the repo's own"
JSON = "print JSON"
YES = "answer questions with yes, as CI must"
WAIT = "seconds to wait for the machines"

COMMON = {"app": APP, "config": CONFIG}


def the_app(ws: Workspace, app: str, config: str) -> str:
    """Return the app that a task is about; a manifest is read only when it is needed.

    Args:
        ws: where the repo is.
        app: `--app`, empty when not given.
        config: `--config`, empty when not given.

    Raises:
        BadInput: there is no such manifest, it is broken, or that is no name of an app.
    """
    from pkg.fly.manifest import app_name, find, read

    return app_name(app) if app else read(find(ws.root, config)).app


def the_manifest(ws: Workspace, app: str, config: str) -> "Manifest":
    """Return the manifest that a task is about: the one that is named, else the one that names the app.

    Args:
        ws: where the repo is.
        app: `--app`, empty when not given.
        config: `--config`, empty when not given.

    Raises:
        BadInput: there is none, or it is broken; never is another app's manifest taken by itself.
    """
    from pkg.fly.manifest import app_name, by_app, find, read
    from pkg.shell.errors import BadInput

    if app:
        app_name(app)
    if config or not app:
        return read(find(ws.root, config))
    manifest = by_app(ws.root, app)
    if manifest is None:
        raise BadInput(
            f"no manifest of this repo is for the app {app}",
            meaning="a deploy with another app's manifest would make it something else",
            fix="name the manifest as well: `-c FOLDER -a NAME`",
        )
    return manifest
