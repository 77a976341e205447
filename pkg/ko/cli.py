"""`inv core.…`: publishing core's image, and bringing it to the apps. Quick to import: every `inv` does."""

from typing import TYPE_CHECKING

from invoke import Collection, Context

from pkg.shell.cli import end, task, workspace

if TYPE_CHECKING:
    from pkg.fly.manifest import Manifest
    from pkg.fly.verdict import Outcome


@task(
    name="publish",
    help={
        "allow-dirty": "publish what no commit holds, and record that",
        "repository": "where to push, as HOST/NAME; by default Fly's, for the default app",
    },
)
def publish_image(c: Context, *, allow_dirty: bool = False, repository: str = "") -> None:
    """Build core with ko, push it, and record it in core/image.toml."""
    from pkg.fly.image import RECORD
    from pkg.ko import publish, record, simulated, source

    ws = workspace(c)
    with record.turn(ws):
        built = source.read(ws.runner)
        source.refuse_dirty(built, allow=allow_dirty)
        target = repository or publish.repository(ws)
        if ws.sandbox:
            ws.console.say("core.publish: simulated: ko does not run, and nothing is pushed")
        written = (simulated if ws.sandbox else publish).publish(ws, built, target)
    if written is None:
        return
    if ws.sandbox:
        ws.console.out(written.ref)  # ko prints it itself
    where = record.path_of(ws) if ws.sandbox else RECORD
    ws.console.say(f"core.publish: recorded in {where}" + (", as dirty" if written.dirty else ""))
    if target != publish.repository(ws):
        ws.console.say(f"note: not in {publish.repository(ws)}: `inv fly.deploy` takes it from {target}")
    if not ws.sandbox:
        ws.console.say(f"next: commit {RECORD}, then `inv core.promote`")


@task(help={"check": "exit 1 when an app runs another image", "json": "as JSON"})
def image(c: Context, *, check: bool = False, json: bool = False) -> None:
    """Show what ko last published, and what each app runs."""
    from pkg.fly.connect import connect
    from pkg.ko import report

    ws = workspace(c)
    found = report.gather(ws, connect)
    if json:
        ws.console.json(found)
    else:
        report.show(ws.console, found)
    end(1 if found.trouble or (check and found.differs) else 0)


@task(
    help={
        "yes": "answer questions with yes, as CI must",
        "no-rollback": "leave a bad release where it is",
        "wait-timeout": "seconds to wait for the machines of each app",
        "json": "print the verdicts as a JSON list",
    }
)
def promote(
    c: Context, *, yes: bool = False, no_rollback: bool = False, wait_timeout: int = 300, json: bool = False
) -> None:
    """Deploy what was published to the default app, then to core."""
    from pkg.fly import pipeline
    from pkg.fly.cli.deploy import patience, replication
    from pkg.fly.cli.words import outcome_json, plan_text, show_outcome
    from pkg.fly.connect import connect
    from pkg.ko import APPS
    from pkg.ko import promote as promotion

    ws = workspace(c)
    seconds = patience(ws, wait_timeout)
    flyctl = connect(ws)
    outcomes: list[Outcome] = []

    def deploy(manifest: "Manifest") -> "Outcome | None":
        request = pipeline.Request(
            manifest=manifest,
            app=manifest.app,
            yes=yes,
            roll_back=not no_rollback,
            wait_timeout=seconds,
        )
        outcome = pipeline.deploy(
            ws, flyctl, request, lambda plan: ws.console.say(plan_text(plan)), replication=replication(c)
        )
        if outcome is not None:
            outcomes.append(outcome)
            if not json:
                show_outcome(ws.console, outcome, json=False)
        return outcome

    try:
        code = promotion.promote(ws, flyctl, APPS, deploy)
    finally:  # what was deployed is told, however the next one ends
        if json and not ws.dry:
            with ws.console.verdict():
                ws.console.json([outcome_json(each, ws.console.advice) for each in outcomes])
    end(code)


def collection() -> Collection:
    """Return the group `core`; by itself it shows what is published."""
    group = Collection("core")
    for one in (publish_image, promote):
        group.add_task(one)
    group.add_task(image, default=True)
    return group
