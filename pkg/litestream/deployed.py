"""The check after a healthy deploy, as `fly.deploy` takes it."""

from pkg.fly.manifest import Manifest
from pkg.litestream import check, replicated
from pkg.shell.errors import Failure
from pkg.shell.workspace import Workspace


def problem(ws: Workspace, app: str, manifest: Manifest) -> str:
    """Return what is wrong with the replicas of an app that was just deployed; nothing when they are good.

    It never raises for what is wrong: the deploy is healthy all the same, and its verdict says that the
    replica is not (exit code 8).

    Args:
        ws: the workspace.
        app: the app's name.
        manifest: its manifest; one that replicates nothing has no problem.
    """
    try:
        what = replicated.of_manifest(manifest)
        if what is None or not replicated.on_volume(what, manifest):
            return ""
        for proof in check.on_machines(ws, app, manifest):
            simulated = ", simulated" if ws.sandbox else ""
            ws.console.say(
                f"replica of {proof.database}: restored and checked in {proof.seconds:.1f} s{simulated}"
            )
    except Failure as failure:
        return str(failure)
    return ""
