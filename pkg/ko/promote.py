"""Bringing what was published to each app in turn, and no further than the first that is not healthy."""

from collections.abc import Callable, Sequence

from pkg.fly import image
from pkg.fly.client import Flyctl
from pkg.fly.health import AppHealth, app_health, judge_deployed
from pkg.fly.image import Record
from pkg.fly.manifest import Manifest, find, read
from pkg.fly.verdict import Outcome, Verdict
from pkg.shell.errors import BadInput
from pkg.shell.workspace import Workspace

Deploy = Callable[[Manifest], Outcome | None]


def promote(ws: Workspace, flyctl: Flyctl, configs: Sequence[str], deploy: Deploy) -> int:
    """Deploy what was published to each app; return the first exit code that does not say healthy, or 0.

    An app that runs it already and is healthy is left alone, so that a promotion that stopped can go on.

    Args:
        ws: the workspace.
        flyctl: asks what runs.
        configs: the apps' manifests, as `-c` takes them, in order.
        deploy: deploys one manifest and shows its verdict; None in a dry run.

    Raises:
        BadInput: nothing was published yet.
        Refused: a deploy was refused.
        Failure: what runs cannot be read, or a deploy could not be begun.
    """
    record = image.read_record(ws.root, ws.state, simulated=ws.sandbox)
    if record is None:
        raise BadInput("nothing was published yet", fix="./dev inv core.publish")
    manifests = [read(find(ws.root, config)) for config in configs]
    for position, manifest in enumerate(manifests):
        if runs_well(flyctl, manifest.app, record):
            ws.console.say(f"{manifest.app} runs {record.image.short} already, and is healthy: left alone")
            continue
        outcome = deploy(manifest)
        if outcome is not None and outcome.verdict is not Verdict.HEALTHY:
            left = ", ".join(each.app for each in manifests[position + 1 :])
            ws.console.say(
                f"stopped at {manifest.app}: {outcome.verdict}" + (f"; not deployed: {left}" if left else "")
            )
            return outcome.exit_code
    return 0


def runs_well(flyctl: Flyctl, app: str, record: Record) -> bool:
    """Return whether an app runs what was published on every machine, and is healthy."""
    machines = judge_deployed(flyctl.machine_list(app))
    return app_health(machines) is AppHealth.HEALTHY and all(
        image.same(machine.image, record.image) for machine in machines
    )
