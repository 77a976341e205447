"""`inv fly.machines.run` and `.clone`: machines made by hand, once each, watched until they are well."""

from typing import TYPE_CHECKING

from invoke import Context

from pkg.fly.cli.changing import WAIT_SECONDS, finish, helped, stamp, working
from pkg.fly.cli.options import the_app
from pkg.shell.cli import task, workspace

if TYPE_CHECKING:
    from pkg.fly.machines.work import Outcome

NAME = "the machine's name; by default one is made up"


RUN_HELP = helped(
    "json",
    "wait_timeout",
    what="a manifest, as core/fly.toml, or an image",
    region="where; by default the manifest's primary_region",
    name=NAME,
    group="the process group, of a manifest with several",
    image="the image, instead of the manifest's or of what ko last published",
)
del RUN_HELP["config"]  # the operand is the manifest


@task(passes_on=True, help=RUN_HELP)
def run(
    c: Context,
    what: str,
    *,
    app: str = "",
    region: str = "",
    name: str = "",
    group: str = "",
    image: str = "",
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Make a machine of a manifest or an image, and wait until it is well."""
    from pkg.fly.machines.goals import resting, running
    from pkg.fly.machines.order import order
    from pkg.fly.passed import RESTING, RUN

    ws = workspace(c)
    goal = resting() if RUN.check(ws.passthrough) & RESTING else running()
    wanted = order(ws, what, app=app, region=region, group=group, image=image)
    began = ws.clock.monotonic()
    with working(ws, wanted.app, "making a machine", wait_timeout) as work:
        from pkg.fly.intent import FOLDER, intended, nothing_new
        from pkg.fly.machines.birth import born
        from pkg.fly.machines.order import fitted
        from pkg.fly.regions import require

        require(work.flyctl, region)
        with intended(
            None if ws.dry else ws.state / FOLDER,
            task="fly.machines.run",
            app=wanted.app,
            what=f"{what} {wanted.image} {wanted.region} {wanted.group} {name}",
            at=stamp(ws),
            known=list,
            clean=nothing_new(list),
        ) as pending:
            called = name or f"run-{pending.intent.mark}"

            def make(called: str) -> None:
                ready = fitted(work, wanted)
                work.flyctl.machine_run(
                    ready.app,
                    ready.image,
                    timeout=work.patience,
                    region=ready.region,
                    name=called,
                    machine_config=ready.config,
                    passthrough=ws.passthrough,
                )

            for word in wanted.notes:
                ws.console.say(word)
            outcome = born(work, called, make, goal=goal, resumed=pending.resumed)
            pending.done()
    _finish(ws_outcome=outcome, c=c, task_name="fly.machines.run", app=wanted.app, json=json, began=began)


@task(
    passes_on=True,
    help=helped(
        "json",
        "wait_timeout",
        machine="the machine to copy: its id or name",
        region="where; by default the same",
        name=NAME,
        fork="fill the new volume with what is on the old one now",
        snapshot="fill the new volume from this snapshot",
        volume="attach this volume instead of a new one",
    ),
)
def clone(
    c: Context,
    machine: str,
    *,
    app: str = "",
    config: str = "",
    region: str = "",
    name: str = "",
    fork: bool = False,
    snapshot: str = "",
    volume: str = "",
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Copy a machine; its volume is empty, unless --fork or --snapshot."""
    from pkg.fly.machines.copying import Source, source
    from pkg.fly.machines.goals import resting, running
    from pkg.fly.passed import CLONE, RESTING

    ws = workspace(c)
    goal = resting() if CLONE.check(ws.passthrough) & RESTING else running()
    filled = source(fork=fork, snapshot=snapshot, volume=volume)
    wanted_app = the_app(ws, app, config)
    began = ws.clock.monotonic()
    with working(ws, wanted_app, "cloning", wait_timeout) as work:
        from pkg.fly.intent import FOLDER, intended, nothing_new
        from pkg.fly.machines.birth import born
        from pkg.fly.machines.changing import one
        from pkg.fly.machines.copying import volume_for
        from pkg.fly.regions import require

        require(work.flyctl, region)
        original = one(work, machine)

        def volumes() -> list[str]:
            return [found.id for found in work.flyctl.volumes_list(wanted_app)]

        with intended(
            None if ws.dry else ws.state / FOLDER,
            task="fly.machines.clone",
            app=wanted_app,
            what=f"{original.id} {region} {name} {filled.words}",
            at=stamp(ws),
            known=volumes,
            clean=nothing_new(volumes),
        ) as pending:

            def make(called: str) -> None:
                attached = volume_for(work, original, filled, region=region, pending=pending)
                work.flyctl.machine_clone(
                    wanted_app,
                    original.id,
                    timeout=work.patience,
                    region=region,
                    name=called,
                    volume=attached,
                    passthrough=ws.passthrough,
                )

            if original.settings.mounts and filled.kind == Source.EMPTY:
                ws.console.say(
                    f"{original.id} has a volume: the copy gets a new, empty one; "
                    "--fork fills it with what is on the old one, --snapshot ID with a snapshot"
                )
            called = name or f"clone-{pending.intent.mark}"
            outcome = born(work, called, make, goal=goal, resumed=pending.resumed)
            pending.done()
    _finish(ws_outcome=outcome, c=c, task_name="fly.machines.clone", app=wanted_app, json=json, began=began)


def _finish(
    *, ws_outcome: "Outcome | None", c: Context, task_name: str, app: str, json: bool, began: float
) -> None:
    outcomes = [ws_outcome] if ws_outcome else []
    finish(workspace(c), task_name, app, outcomes, json=json, began=began)


TASKS = (run, clone)
