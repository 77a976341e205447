"""The recipes behind `fly.deploy` and `fly.releases.revert`: lock, plan, refuse, release, verdict."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec

from pkg.fly import argv, lock, passthrough
from pkg.fly.answers import expect_no_help, failure_shown
from pkg.fly.changes import changes
from pkg.fly.client import Flyctl
from pkg.fly.connect import tick
from pkg.fly.deploy import Deployment
from pkg.fly.facts import Facts, gather
from pkg.fly.health import judge_deployed
from pkg.fly.image import parse, read_record
from pkg.fly.journal import Entry, entries
from pkg.fly.leases import END, wait_until_free
from pkg.fly.manifest import Manifest, read, shown
from pkg.fly.metrics.work import opened
from pkg.fly.objections import objection
from pkg.fly.order import Order, Replication, present_manifest
from pkg.fly.plan import Plan, Target, choose_image, make, notes, only_leased
from pkg.fly.recorder import attempt, note, who
from pkg.fly.refusals import ON_THE_WAY_BACK, refusals
from pkg.fly.rollback import manifest_for, pinned_by, proof_of, release_of
from pkg.fly.trial import Trial, Wish
from pkg.fly.unfinished import is_ended, unfinished
from pkg.fly.verdict import Outcome
from pkg.fly.waiting import Pace
from pkg.shell.errors import BadInput, Failure
from pkg.shell.workspace import Workspace


class Request(msgspec.Struct, frozen=True):
    """What the user asks for.

    Attributes:
        manifest: what shall be deployed.
        app: the app's name.
        image: the image, empty for what was published last.
        source: who gave the image.
        forced: the refusals that are overridden, each with its reason.
        yes: whether questions are answered with yes.
        roll_back: whether a bad release is undone.
        builder: `remote` or `local`, empty leaves it to flyctl.
        wait_timeout: seconds to wait for the machines.
        passthrough: further options for flyctl.
        trial: whether, and how, the minutes after the release are judged.
        again: what asks for the same again, as it would be typed; empty for no more than the app.
    """

    manifest: Manifest
    app: str
    image: str = ""
    source: str = "--image"
    forced: dict[str, str] = {}
    yes: bool = False
    roll_back: bool = True
    builder: str = ""
    wait_timeout: int = 300
    passthrough: tuple[str, ...] = ()
    trial: Wish | None = None
    again: str = ""


def deploy(
    ws: Workspace,
    flyctl: Flyctl,
    request: Request,
    show: Callable[[Plan], None],
    *,
    replication: Replication | None = None,
) -> Outcome | None:
    """Release an image and see to it that it is well, or that the one before is back.

    Args:
        ws: the repo and its state.
        flyctl: does it.
        request: what is asked for.
        show: shows the plan.
        replication: proves the replica of an app with volumes.

    Returns:
        The verdict, which is in the journal by then; None in a dry run.

    Raises:
        Refused: a check failed; nothing was changed.
        Failure: what is needed to decide could not be read, or the journal not be written.
    """
    check_passthrough(request.passthrough)
    if ws.dry:
        _tell_unfinished(ws, request.app)
        plan = _plan(ws, flyctl, request)
        show(plan)
        plan.require()
        with _trial(ws, flyctl, request, plan.facts):  # asks how it is now, which a guard must know
            ws.runner.stream(_command(ws, request, plan), changes=True)
        if request.trial:
            ws.console.say(f"then {request.trial}")
        return None
    with contextlib.ExitStack() as held:
        with attempt(ws, "fly.deploy", request.app) as tried:
            record = read_record(ws.root, ws.state, simulated=ws.sandbox)
            target = choose_image(request.manifest, record, request.image)
            tried.image = str(target.image)
            held.enter_context(_locked(ws, request.app, "fly.deploy", target.image.short))
            plan = _plan(ws, flyctl, request)
            show(plan)
            if only_leased(plan.standing) and _may_be_ours(ws, plan.facts):
                _wait(ws, flyctl, plan.facts)
                plan = _plan(ws, flyctl, request)
            plan.require()
            if plan.destroys:
                ws.confirm(f"Deploy, and lose what is marked with `!`, on {request.app}?", yes=request.yes)
            trial = held.enter_context(_trial(ws, flyctl, request, plan.facts))
        order = Order(
            task="fly.deploy",
            image=plan.target.image,
            command=_command(ws, request, plan),
            manifest=present_manifest(ws, request.manifest),
            pace=Pace.of(tick(ws), request.wait_timeout),
            roll_back=request.roll_back,
            again=request.again,
            forced=plan.overridden,
        )
        return Deployment(ws, flyctl, plan.facts, order, replication=replication, trial=trial).run()


def revert(
    ws: Workspace,
    flyctl: Flyctl,
    request: Request,
    version: str,
    show: Callable[[Plan], None],
    *,
    replication: Replication | None = None,
) -> Outcome | None:
    """Bring the image of an earlier release back, with the manifest that it ran with, and verify it.

    Args:
        ws: the repo and its state.
        flyctl: does it.
        request: what is asked for; its image is that of the release.
        version: the release, as in `v12`.
        show: shows the plan.
        replication: proves the replica of an app with volumes.

    Returns:
        The verdict, which is in the journal by then; None in a dry run.

    Raises:
        BadInput: there is no such release.
        Refused: a check failed, or nobody said yes; nothing was changed.
        Failure: what is needed to decide could not be read, or the journal not be written.
    """
    task = "fly.releases.revert"
    if ws.dry:
        _tell_unfinished(ws, request.app)
        plan, order = _revert_plan(ws, flyctl, request, version, task)
        show(plan)
        plan.require()
        ws.runner.stream(order.command, changes=True)
        return None
    with contextlib.ExitStack() as held:
        with attempt(ws, task, request.app) as tried:
            held.enter_context(_locked(ws, request.app, task, f"release {version}"))
            plan, order = _revert_plan(ws, flyctl, request, version, task)
            if only_leased(plan.standing) and _may_be_ours(ws, plan.facts):
                _wait(ws, flyctl, plan.facts)
                plan, order = _revert_plan(ws, flyctl, request, version, task)
            tried.image = str(plan.target.image)
            show(plan)
            plan.require()
            ws.confirm(f"Bring {plan.target.image.short} back on {request.app}?", yes=request.yes)
        return Deployment(ws, flyctl, plan.facts, order, replication=replication).run()


def smoke_test(ws: Workspace, request: Request) -> None:
    """Let flyctl build, or find, the image and release nothing.

    `--build-only` is also the last word, so that nothing takes it back.

    Raises:
        BadInput: what followed `--` is about something else.
        Failure: it failed; flyctl has said why.
    """
    words, _ = passthrough.read(request.passthrough)
    manifest = request.manifest
    record = None if manifest.build.is_own else read_record(ws.root, ws.state, simulated=ws.sandbox)
    image = request.image or manifest.build.image or (str(record.image) if record else "")
    last = [*words, f"--{passthrough.BUILD_ONLY}"]
    config = shown(manifest.path, ws.root)
    command = argv.build_only(request.app, config, image, builder=request.builder, passthrough=last)
    began = ws.clock.monotonic()
    result = ws.runner.stream(command, changes=not image, to_stderr=True)
    if result.skipped:
        return
    took = round(ws.clock.monotonic() - began, 1)
    said = ws.runner.redacted(command)
    note(ws, Entry(task="fly.deploy", app=request.app, argv=said, code=result.code, seconds=took))
    what = f"the smoke test of {request.app}"
    if result.code:
        raise failure_shown(result, f"{what} failed", meaning="nothing was released")
    expect_no_help(result, what)
    ws.console.say(f"the image is there and the manifest is valid; nothing was released on {request.app}")


def check_passthrough(words: Sequence[str]) -> None:
    """Refuse what must not go past the plan of a deploy.

    Raises:
        BadInput: a word that is no option, an option that the task has itself, or a smoke test.
    """
    if passthrough.read(words)[1]:
        raise BadInput("--build-only after `--` releases nothing", fix="leave it out to deploy")


def _plan(ws: Workspace, flyctl: Flyctl, request: Request) -> Plan:
    return make(
        ws,
        flyctl,
        request.manifest,
        app=request.app,
        image=request.image,
        source=request.source,
        forced=request.forced,
    )


def _command(ws: Workspace, request: Request, plan: Plan) -> list[str]:
    return argv.deploy(
        request.app,
        shown(request.manifest.path, ws.root),
        str(plan.target.image),
        wait_timeout=request.wait_timeout,
        builder=request.builder,
        passthrough=request.passthrough,
    )


def _revert_plan(
    ws: Workspace, flyctl: Flyctl, request: Request, version: str, task: str
) -> tuple[Plan, Order]:
    release = release_of(flyctl.releases(request.app), version)
    record = read_record(ws.root, ws.state, simulated=ws.sandbox)
    journal = entries(ws)
    running = [machine.image for machine in judge_deployed(flyctl.machine_list(request.app))]
    image = pinned_by(journal, running, parse(release.image))
    facts = gather(ws, flyctl, request.manifest, app=request.app, image=image, record=record)
    old = manifest_for(ws, facts, image)
    changed = changes(read(ws.root / old.path), facts.status.machines, facts.health, image)
    proof = proof_of(journal, request.app, image)
    said = f"it was healthy on {proof.at}" if proof else "nobody has verified it from here"
    against = objection(journal, request.app, image)
    plan = Plan(
        facts=facts,
        target=Target(
            image, f"release v{release.version} ({release.status}); {against.what if against else said}"
        ),
        changes=changed,
        refusals=refusals(facts, changed, ws.clock.now(), ON_THE_WAY_BACK),
        forced=request.forced,
        notes=[
            f"manifest {old.path}: {old.why}",
            "secrets and database schemas do not go back",
            *notes(facts, ws.clock.now()),
        ],
    )
    order = Order(
        task=task,
        image=image,
        command=argv.rollback(request.app, old.path, str(image), wait_timeout=request.wait_timeout),
        manifest=old,
        pace=Pace.of(tick(ws), request.wait_timeout),
        roll_back=request.roll_back,
        again=request.again,
        forced=plan.overridden,
    )
    return plan, order


@contextlib.contextmanager
def _trial(ws: Workspace, flyctl: Flyctl, request: Request, facts: Facts) -> Iterator[Trial | None]:
    """Have the trial that is asked for, which knows how it was before; None for none.

    Raises:
        Failure: there is no way to ask for metrics, or nothing to compare with; nothing was changed.
    """
    if request.trial is None:
        yield None
        return
    with contextlib.ExitStack() as stack:
        try:
            asked = opened(ws, flyctl, request.app, facts.status.organization.slug)
            trial = Trial(ws, stack.enter_context(asked).server, request.app, request.trial)
            trial.begin(facts)
        except Failure as failure:
            failure.meaning = "; ".join(filter(None, ("nothing was deployed", failure.meaning)))
            failure.fix = f"{failure.fix}; without --watch and --guard it is deployed all the same"
            raise
        yield trial


@contextlib.contextmanager
def _locked(ws: Workspace, app: str, task: str, what: str) -> Iterator[None]:
    """Hold the app's lock, and say who held it last without giving it back."""
    since = ws.clock.now().isoformat(timespec="seconds")
    me = lock.Holder(who=who(ws), since=since, pid=os.getpid(), task=task, image=what)
    with lock.held(ws.state / lock.FOLDER, app, me) as stale:
        if not _tell_unfinished(ws, app) and stale:
            ws.console.say(f"note: the lock was left behind by {stale}, whose process is gone")
        yield


def _tell_unfinished(ws: Workspace, app: str) -> bool:
    """Tell of a deploy that has no end, and return whether there is one."""
    before = unfinished(ws, app)
    if before:
        ws.console.say(f"note: {before}")
    return before is not None


def _may_be_ours(ws: Workspace, facts: Facts) -> bool:
    """Return whether a deploy from here may have left the leases: it has no end, or ended just now."""
    story = facts.story
    if story is None or not is_ended(story) or story.verdict is None:
        return story is not None
    ended = datetime.fromisoformat(story.verdict.at)
    return (ws.clock.now() - ended).total_seconds() < END


def _wait(ws: Workspace, flyctl: Flyctl, facts: Facts) -> None:
    """Wait for the leases that a killed deploy has left behind."""
    ids = [machine.id for machine in facts.status.machines]
    wait_until_free(flyctl, facts.app, ids, clock=ws.clock, tick=tick(ws), say=ws.console.say)
