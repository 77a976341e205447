"""`inv fly.machines.stop` and its like: each waits until the machines are where they should be."""

from typing import TYPE_CHECKING

from invoke import Context

from pkg.fly.cli.changing import WAIT_SECONDS, finish, helped, note, require_seconds, working
from pkg.fly.cli.options import the_app
from pkg.shell.cli import end, task, workspace
from pkg.shell.errors import Refused
from pkg.shell.workspace import Workspace

if TYPE_CHECKING:
    from pkg.fly.machines.guards import Loss
    from pkg.fly.machines.work import Work

MACHINES = "ids, names or process groups, with commas between; or `all`"
COMMON = helped("json", "wait_timeout", machines=MACHINES)


@task(help=COMMON)
def start(
    c: Context,
    machines: str,
    *,
    app: str = "",
    config: str = "",
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Start machines, and wait until their checks pass."""
    ws = workspace(c)
    name = the_app(ws, app, config)
    began = ws.clock.monotonic()
    with working(ws, name, "starting", wait_timeout) as work:
        from pkg.fly.machines.goals import running

        outcomes = work.do(
            work.chosen(machines), lambda ident: work.flyctl.machine_start(name, [ident]), running()
        )
    finish(ws, "fly.machines.start", name, outcomes, json=json, began=began)


@task(help=COMMON)
def stop(
    c: Context,
    machines: str,
    *,
    app: str = "",
    config: str = "",
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Stop machines, and wait until they have stopped."""
    ws = workspace(c)
    name = the_app(ws, app, config)
    began = ws.clock.monotonic()
    with working(ws, name, "stopping", wait_timeout) as work:
        from pkg.fly.machines.goals import at_rest

        outcomes = work.do(
            work.chosen(machines), lambda ident: work.flyctl.machine_stop(name, ident), at_rest("stopped")
        )
    finish(ws, "fly.machines.stop", name, outcomes, json=json, began=began)


@task(help=COMMON)
def suspend(
    c: Context,
    machines: str,
    *,
    app: str = "",
    config: str = "",
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Suspend machines, memory kept, and wait until they are."""
    ws = workspace(c)
    name = the_app(ws, app, config)
    began = ws.clock.monotonic()
    with working(ws, name, "suspending", wait_timeout) as work:
        from pkg.fly.machines.goals import at_rest

        outcomes = work.do(
            work.chosen(machines),
            lambda ident: work.flyctl.machine_suspend(name, ident),
            at_rest("suspended"),
        )
    finish(ws, "fly.machines.suspend", name, outcomes, json=json, began=began)


@task(help=COMMON)
def restart(
    c: Context,
    machines: str,
    *,
    app: str = "",
    config: str = "",
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Restart machines, and wait until their checks pass."""
    ws = workspace(c)
    name = the_app(ws, app, config)
    began = ws.clock.monotonic()
    with working(ws, name, "restarting", wait_timeout) as work:
        from pkg.fly.machines.goals import running

        outcomes = work.do(
            work.chosen(machines),
            lambda ident: work.flyctl.machine_restart(name, [ident]),
            running(anew=True),
        )
    finish(ws, "fly.machines.restart", name, outcomes, json=json, began=began)


@task(
    passes_on=True,
    iterable=["metadata"],
    help=helped(
        "json",
        "wait_timeout",
        machines=MACHINES,
        image="the image that they shall run",
        metadata="NAME=VALUE, as often as needed",
    ),
)
def update(
    c: Context,
    machines: str,
    *,
    app: str = "",
    config: str = "",
    image: str = "",
    metadata: list[str] | None = None,
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Change machines, one restart each; what follows `--` goes to flyctl."""
    from pkg.fly.machines.changing import require_change, with_way_back
    from pkg.fly.machines.goals import resting, running
    from pkg.fly.passed import RESTING, UPDATE

    ws = workspace(c)
    rests = bool(UPDATE.check(ws.passthrough) & RESTING)
    name = the_app(ws, app, config)
    pairs = list(metadata or [])
    digest = require_change(image, pairs, ws.passthrough)
    began = ws.clock.monotonic()
    goal = resting(anew=True, image=digest) if rests else running(anew=True, image=digest)
    with working(ws, name, "updating", wait_timeout) as work:
        chosen = work.chosen(machines)
        outcomes = work.do(
            chosen,
            lambda ident: work.flyctl.machine_update(
                name,
                ident,
                wait_timeout=wait_timeout,
                timeout=work.patience,
                image=image,
                metadata=pairs,
                passthrough=ws.passthrough,
            ),
            goal,
        )
        if image:
            outcomes = [with_way_back(outcome, chosen[outcome.id], image, name) for outcome in outcomes]
    finish(ws, "fly.machines.update", name, outcomes, json=json, began=began)


@task(
    help=helped(
        "json",
        "wait_timeout",
        "yes",
        machines=MACHINES,
        last="also the last machine of a process group: its app is down then",
    )
)
def destroy(
    c: Context,
    machines: str,
    *,
    app: str = "",
    config: str = "",
    last: bool = False,
    yes: bool = False,
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Destroy machines, after showing what goes with them."""
    ws = workspace(c)
    name = the_app(ws, app, config)
    began = ws.clock.monotonic()
    with working(ws, name, "destroying", wait_timeout) as work:
        from pkg.fly.answers import is_refusal
        from pkg.fly.intent import FOLDER, intended
        from pkg.fly.machines.goals import gone

        before = work.flyctl.machine_list(name)
        with intended(
            None if ws.dry else ws.state / FOLDER,
            task="fly.machines.destroy",
            app=name,
            what=machines,
            at=f"{ws.clock.now():%Y-%m-%dT%H:%M:%SZ}",
            known=lambda: sorted(work.chosen(machines)),
        ) as pending:
            left = [machine for machine in before if machine.id in pending.intent.known]
            if pending.resumed and not left:
                ws.console.say(f"{machines}: destroyed already, by a run that did not come to its end")
                pending.done()
                return
            chosen = {machine.id: machine for machine in left}
            _warn(ws, work, list(chosen), last=last)
            ws.confirm(f"Destroy {', '.join(chosen)} of {name}?", yes=yes)
            outcomes = work.do(chosen, lambda ident: work.flyctl.machine_destroy(name, ident), gone)
            kept = [outcome.failure for outcome in outcomes if outcome.failure]
            if all(map(is_refusal, kept)):  # done, or refused: nothing goes on
                pending.done()
    finish(ws, "fly.machines.destroy", name, outcomes, json=json, began=began)


@task(help=helped("json", "wait_timeout", machines=MACHINES, state="settled, started, stopped or suspended"))
def wait(
    c: Context,
    machines: str,
    *,
    app: str = "",
    config: str = "",
    state: str = "settled",
    wait_timeout: int = WAIT_SECONDS,
    json: bool = False,
) -> None:
    """Wait until machines are in a state, and their checks pass."""
    from pkg.fly.machines.changing import goal_of

    ws = workspace(c)
    goal = goal_of(state)
    name = the_app(ws, app, config)
    with working(ws, name, f"waiting for {state}", wait_timeout) as work:
        outcomes = work.watch(work.chosen(machines), goal)
    rows = [(outcome.id, "done" if outcome.ok else "failed", outcome.words) for outcome in outcomes]
    if json:
        ws.console.json([outcome.row() for outcome in outcomes])
    else:
        ws.console.table(("MACHINE", "RESULT", "STATE"), rows)
    for outcome in outcomes:
        if outcome.failure:
            ws.console.say(f"error: {outcome.failure}")
    end(0 if all(outcome.ok for outcome in outcomes) else 1)


@task(
    name="exec",
    help=helped(
        "json",
        machine="the machine's id or name",
        command="the command, in one word: quote it",
        timeout="seconds that it may take",
    ),
)
def execute(
    c: Context,
    machine: str,
    command: str,
    *,
    app: str = "",
    config: str = "",
    timeout: int = 60,
    json: bool = False,
) -> None:
    """Run a command in a machine; the exit code is the command's."""
    ws = workspace(c)
    require_seconds("--timeout", timeout)
    name = the_app(ws, app, config)
    with working(ws, name, f"running {command!r}", WAIT_SECONDS) as work:
        from pkg.fly.machines.changing import awake

        ident = awake(work, machine).id
        ended = work.flyctl.machine_exec(name, ident, command, timeout=timeout)
    if ended is None:
        return
    note(ws, "fly.machines.exec", name, [f"{ident}: exit {ended.exit_code}"], code=ended.exit_code)
    if json:
        ws.console.json(ended)
    else:
        if ended.stdout:
            ws.console.out(ended.stdout.removesuffix("\n"))
        if ended.stderr:
            ws.console.say(ended.stderr.removesuffix("\n"))
    end(ended.exit_code)


def _warn(ws: Workspace, work: "Work", doomed: list[str], *, last: bool) -> None:
    """Show what goes with machines.

    Raises:
        Refused: one is the last of its group, and that was not agreed to.
    """
    from pkg.fly.machines.guards import losses

    machines, volumes = work.flyctl.machine_list(work.app), work.flyctl.volumes_list(work.app)
    found: list[Loss] = losses(doomed, machines, volumes)
    for loss in found:
        ws.console.say("\n  ".join(loss.lines))
    ws.console.say(f"a restart is often enough: inv fly.machines.restart {','.join(doomed)} -a {work.app}")
    final = [loss.machine.id for loss in found if loss.last]
    if final and not last:
        are, them = ("are", "them") if len(final) > 1 else ("is", "it")
        raise Refused(
            f"no machine would be left of a group: {', '.join(final)} {are} the last",
            meaning=f"nothing was destroyed; without {them} the app is down",
            fix=f"restart: inv fly.machines.restart {','.join(final)} -a {work.app}; or add --last",
        )


TASKS = (start, stop, suspend, restart, update, destroy, wait, execute)
