"""`inv fly.plan`: what a deploy would do."""

from invoke import Context

from pkg.fly.cli.options import COMMON, JSON, the_manifest
from pkg.shell.cli import task, workspace


@task(
    iterable=["force"],
    help={
        **COMMON,
        "image": "the image; by default what ko published last, or what a deploy would build",
        "force": "CHECK=REASON: leave a refusal out",
        "json": JSON,
    },
)
def plan(
    c: Context,
    *,
    app: str = "",
    config: str = "",
    image: str = "",
    force: list[str] | None = None,
    json: bool = False,
) -> None:
    """Show what a deploy would do, and every check it makes first."""
    from pkg.fly.cli.words import checks_text, plan_json, plan_text
    from pkg.fly.connect import connect
    from pkg.fly.plan import make
    from pkg.fly.refusals import forced

    ws = workspace(c)
    manifest = the_manifest(ws, app, config)
    overridden = forced(force or [])
    made = make(ws, connect(ws), manifest, app=app or manifest.app, image=image, forced=overridden)
    if json:
        ws.console.json(plan_json(made, ws.console.advice))
    else:
        ws.console.out(f"{plan_text(made)}\n{checks_text(made)}")
    made.require()
    if not json:
        doing = "building and deploying" if made.target.to_build else "deploying"
        ws.console.out(f"nothing stands in the way of {doing} {made.target.image.short} on {made.facts.app}")
