"""`inv fly.releases`: what can be gone back to, and going back."""

from typing import TYPE_CHECKING, Any

from invoke import Collection, Context

from pkg.fly.cli.changing import WAIT_SECONDS
from pkg.fly.cli.deploy import patience, replication
from pkg.fly.cli.options import COMMON, JSON, WAIT, YES, the_app, the_manifest
from pkg.shell.cli import end, task, workspace

if TYPE_CHECKING:
    from pkg.fly.candidates import Candidate


@task(name="list", default=True, help={**COMMON, "json": JSON})
def list_(c: Context, app: str = "", config: str = "", json: bool = False) -> None:
    """List the releases that can be gone back to, and what was verified."""
    from pkg.fly.candidates import candidates
    from pkg.fly.connect import connect
    from pkg.fly.seen import remember_names
    from pkg.shell.completion.complete import RELEASE

    ws = workspace(c)
    name = the_app(ws, app, config)
    found = candidates(ws, connect(ws), name)
    remember_names(ws.state, RELEASE, name, [_words(each) for each in found])
    if json:
        ws.console.json([_json(each) for each in found])
    elif found:
        columns = ("VERSION", "STATUS", "IMAGE", "VERIFIED", "RUNS ON", "GO BACK", "CREATED", "BY")
        ws.console.table(columns, [_row(each) for each in found])
    else:
        ws.console.say(f"{name} has no releases yet")


@task(
    positional=["version"],
    iterable=["force"],
    help={
        **COMMON,
        "version": "the release, as in v12",
        "force": "CHECK=REASON: go on in spite of a refusal; kept in the journal",
        "yes": YES,
        "no_rollback": "leave it where it is when that release is bad as well",
        "wait_timeout": WAIT,
        "json": "print the verdict as JSON",
    },
)
def revert(
    c: Context,
    version: str,
    *,
    app: str = "",
    config: str = "",
    force: list[str] | None = None,
    yes: bool = False,
    no_rollback: bool = False,
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Bring the image of an earlier release back, and verify it."""
    given = dict(locals())
    from pkg.fly.cli.typed import typed
    from pkg.fly.cli.words import plan_text, refusal_shown, show_outcome
    from pkg.fly.connect import connect
    from pkg.fly.pipeline import Request
    from pkg.fly.pipeline import revert as run
    from pkg.fly.refusals import forced

    ws = workspace(c)
    manifest = the_manifest(ws, app, config)
    request = Request(
        manifest=manifest,
        app=app or manifest.app,
        forced=forced(force or []),
        yes=yes,
        roll_back=not no_rollback,
        wait_timeout=patience(ws, wait_timeout),
        again=typed(ws.runner, "fly.releases.revert", revert, {**given, "app": app or manifest.app}),
    )
    flyctl = connect(ws)
    with refusal_shown(ws.console, request.app, "", json=json):
        outcome = run(
            ws,
            flyctl,
            request,
            version,
            lambda plan: ws.console.say(plan_text(plan)),
            replication=replication(c),
        )
    if outcome is not None:
        show_outcome(ws.console, outcome, json=json)
        end(outcome.exit_code)


def collection() -> Collection:
    """Return the collection `releases`, whose default lists."""
    found = Collection("releases")
    found.add_task(list_)
    found.add_task(revert)
    return found


def _words(each: "Candidate") -> tuple[str, str]:
    """Return a release as the shell's completion offers it."""
    image = each.image.short if each.image else "no image"
    return (
        f"v{each.release.version}",
        f"{image}, {'can be gone back to' if each.eligible else each.release.status}",
    )


def _row(each: "Candidate") -> list[str]:
    from pkg.fly.cli.words import short
    from pkg.fly.moments import minute

    release = each.release
    return [
        f"v{release.version}",
        release.status,
        short(each.image) if each.image else "-",
        each.against.short if each.against else minute(each.verified) or "-",
        ", ".join([*each.machines, *(f"{name} (stopped)" for name in each.stopped)]) or "-",
        "yes" if each.eligible else "-",
        minute(release.created_at),
        release.user.email if release.user else "",
    ]


def _json(each: "Candidate") -> dict[str, Any]:
    release = each.release
    return {
        "version": release.version,
        "status": release.status,
        "image": str(each.image) if each.image else None,
        "verified": each.verified or None,
        "machines": each.machines,
        "stopped": each.stopped,
        "eligible": each.eligible,
        "against": each.against.what if each.against else None,
        "created_at": release.created_at,
        "by": release.user.email if release.user else None,
        "description": release.description,
    }
