"""`inv fly.deploy`: release an image, watch it, and undo it when it is bad."""

from typing import TYPE_CHECKING

from invoke import Context

from pkg.fly.cli.changing import WAIT_SECONDS, require_seconds
from pkg.fly.cli.options import COMMON, WAIT, YES, the_manifest
from pkg.shell.cli import end, task, workspace
from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    from pkg.fly.manifest import Manifest
    from pkg.fly.metrics.judging import Tolerance
    from pkg.fly.order import Replication
    from pkg.fly.trial import Wish

# On the simulation nothing that gets well takes as long as flyctl waits by itself.
SANDBOX_SECONDS = 30


@task(
    passes_on=True,
    iterable=["force"],
    help={
        **COMMON,
        "image": "the image; by default what ko published last",
        "force": "CHECK=REASON: go on in spite of a refusal; kept in the journal",
        "yes": YES,
        "no_rollback": "leave a bad release where it is",
        "remote_only": "let flyctl build on Fly",
        "local_only": "let flyctl build here",
        "wait_timeout": WAIT,
        "watch": "compare errors and latency so long after with so long before: 5m; 1h at most",
        "guard": "with --watch: undo a release that answers worse",
        "guard_errors": "with --watch: so many percentage points more of 5xx are tolerated",
        "guard_slower": "with --watch: 95 of 100 answers may take so many percent longer",
        "json": "print the verdict as JSON",
    },
)
def deploy(
    c: Context,
    *,
    app: str = "",
    config: str = "",
    image: str = "",
    force: list[str] | None = None,
    yes: bool = False,
    no_rollback: bool = False,
    remote_only: bool = False,
    local_only: bool = False,
    wait_timeout: int = WAIT_SECONDS,
    watch: str = "",
    guard: bool = False,
    guard_errors: float = 1.0,
    guard_slower: float = 50.0,
    json: bool = False,
) -> None:
    """Deploy, watch the machines, give a verdict; undo a bad release."""
    given = dict(locals())
    from msgspec import structs

    from pkg.fly.builders import Choice, choose
    from pkg.fly.cli.typed import typed
    from pkg.fly.cli.words import plan_text, refusal_shown, show_outcome
    from pkg.fly.connect import connect
    from pkg.fly.metrics.judging import Tolerance
    from pkg.fly.own_image import build
    from pkg.fly.passthrough import read
    from pkg.fly.pipeline import Request, smoke_test
    from pkg.fly.pipeline import deploy as run
    from pkg.fly.recorder import attempt
    from pkg.fly.refusals import forced

    ws = workspace(c)
    _, build_only = read(ws.passthrough)
    manifest = the_manifest(ws, app, config)
    chosen = Choice("", "")
    if remote_only or local_only or (manifest.build.is_own and not image):
        chosen = choose(ws.runner, remote_only=remote_only, local_only=local_only)
    request = Request(
        manifest=manifest,
        app=app or manifest.app,
        image=image,
        forced=forced(force or []),
        yes=yes,
        roll_back=not no_rollback,
        builder=chosen.builder,
        wait_timeout=patience(ws, wait_timeout),
        passthrough=ws.passthrough,
        trial=trial(ws, watch, guard=guard, tolerance=Tolerance(guard_errors, guard_slower)),
        again=typed(ws.runner, "fly.deploy", deploy, {**given, "app": app or manifest.app}, ws.passthrough),
    )
    flyctl = connect(ws)
    if chosen.why:
        ws.console.say(f"note: {chosen.why}")
    if build_only:
        smoke_test(ws, request)
        return
    if manifest.build.is_own and not image:
        with attempt(ws, "fly.deploy", request.app):
            built = build(ws, manifest, request.app, chosen.builder)
        if built is None:
            return
        request = structs.replace(request, image=str(built), source=built_from(ws, manifest))
    with refusal_shown(ws.console, request.app, request.image, json=json):
        outcome = run(
            ws, flyctl, request, lambda plan: ws.console.say(plan_text(plan)), replication=replication(c)
        )
    if outcome is not None:
        show_outcome(ws.console, outcome, json=json)
        end(outcome.exit_code)


def built_from(ws: Workspace, manifest: "Manifest") -> str:
    """Return what a plan says of an image that was built just now."""
    from pkg.fly.manifest import shown

    return f"{shown(manifest.path, ws.root)}: built just now"


def patience(ws: Workspace, seconds: int) -> int:
    """Return the seconds to wait for the machines.

    Args:
        ws: whether Fly is simulated.
        seconds: `--wait-timeout`; the default stands for less on the simulation.

    Raises:
        BadInput: it is no number of seconds to wait.
    """
    require_seconds("--wait-timeout", seconds)
    return SANDBOX_SECONDS if ws.sandbox and seconds == WAIT_SECONDS else seconds


def trial(ws: Workspace, watch: str, *, guard: bool, tolerance: "Tolerance") -> "Wish | None":
    """Return how the minutes after a release are judged; None for not at all.

    Raises:
        BadInput: what is asked for makes no sense.
    """
    from pkg.fly.durations import seconds
    from pkg.fly.trial import wish

    return wish(ws, seconds(watch, "--watch") if watch else 0.0, guard=guard, tolerance=tolerance)


def replication(c: Context) -> "Replication | None":
    """Return the proof of replication that tasks.py has handed in (`collection(replication=…)`)."""
    found: Replication | None = c.config.get("fly", {}).get("replication")
    return found
