"""The hands of a deploy: running flyctl, watching the machines, restarting and starting them."""

from collections.abc import Callable, Sequence

import msgspec

from pkg.fly import argv
from pkg.fly.aim import Aim, Progress, Stage, stage
from pkg.fly.answers import error_shown, is_help
from pkg.fly.client import Flyctl
from pkg.fly.facts import Facts
from pkg.fly.health import AT_REST, Condition, MachineHealth
from pkg.fly.leases import wait_until_free
from pkg.fly.recorder import Recorder
from pkg.fly.waiting import Pace, Watched, Watcher, newest_events
from pkg.shell.errors import Failure, Interrupted
from pkg.shell.workspace import Workspace

# Seconds between two looks while flyctl works: more often would only take the processor from it.
GLANCE = 1.0
HELP = "it printed its help and did nothing"


class Ran(msgspec.Struct, frozen=True):
    """How flyctl ended, and what was seen afterwards.

    Attributes:
        code: flyctl's exit code.
        said: its own error, in one line and without secrets; empty for none.
        watched: the machines.
    """

    code: int
    said: str
    watched: Watched

    @property
    def notes(self) -> list[str]:
        """What it said of itself, as a note."""
        return [f"flyctl said: {self.said}"] if self.said else []


class Rollout:
    """Does what a deploy decides.

    Args:
        ws: the repo and its state.
        flyctl: does it.
        facts: what was known beforehand.
        pace: how often, and for how long, to look.
        record: writes each step into the journal.

    Attributes:
        crashes: how a machine's process ended by itself during the deploy, the last time.
    """

    def __init__(self, ws: Workspace, flyctl: Flyctl, facts: Facts, pace: Pace, record: Recorder) -> None:
        self._ws = ws
        self._flyctl = flyctl
        self._app = facts.app
        self._pace = pace
        self._record = record
        self._since = newest_events(facts.status.machines)
        self.crashes: dict[str, str] = {}
        self._rests = facts.manifest.rests
        # Stopped on purpose beforehand: not for a deploy to start.
        self._at_rest = {each.id for each in facts.health if each.condition is Condition.STOPPED}

    def run(self, step: str, command: Sequence[str], aim: Aim) -> Ran:
        """Run flyctl in front of the user, then watch, then start what was up before.

        Args:
            step: its name in the journal.
            command: flyctl's argv.
            aim: what it shall lead to.
        """
        watcher = self._watcher()
        self._record.begin(step, self._ws.runner.redacted(command))
        with watcher.alongside(max(self._pace.tick, GLANCE)):
            result = self._ws.runner.stream(command, changes=True, to_stderr=True)
        self._record.done(result.code)
        watched = self._watch(f"watch the {step}", aim, watcher, flyctl_failed=bool(result.code))
        said = HELP if is_help(result.shown) else error_shown(result)
        return Ran(result.code, said, self._lift(watched, aim))

    def restart(self, machines: list[MachineHealth], aim: Aim) -> Watched | None:
        """Restart, once, what runs the image and is not well; None when nothing is so."""
        bad = Progress.of(machines, aim).bad
        if not bad:
            return None
        stopped = [machine.id for machine in bad if machine.state in AT_REST]
        running = [machine.id for machine in bad if machine.id not in stopped]
        app = self._app
        why = "restarting once what is not well"
        if running:
            command = argv.machine_restart(app, running)
            self._change("restart", command, lambda: self._flyctl.machine_restart(app, running), why, running)
        if stopped:
            self._start(stopped, why)
        return self._watch("watch the restart", aim, self._watcher(), flyctl_failed=True)

    def look(self, aim: Aim) -> Watched:
        """Look at the machines again, some time after they were well."""
        return self._watch("look again", aim, self._watcher(), flyctl_failed=True)

    def wait_for_leases(self, machines: Sequence[MachineHealth]) -> None:
        """Wait for the leases of a flyctl that was killed: nobody can change the machines before."""
        wait_until_free(
            self._flyctl,
            self._app,
            [machine.id for machine in machines],
            clock=self._ws.clock,
            tick=self._pace.tick,
            say=self._ws.console.say,
        )

    def _lift(self, watched: Watched, aim: Aim) -> Watched:
        """Start what was up beforehand and is stopped now, and watch that; else return what was seen.

        flyctl gives the image to a machine that is not started, and leaves it stopped (recorded): also to
        one that the bad release has brought down, and that the rollback is to bring back.
        """
        fallen = self._fallen(watched.machines or [])
        if watched.stage is not Stage.REACHED or not fallen:
            return watched
        self.wait_for_leases(watched.machines or [])
        self._start(fallen, "starting what was up before")
        again = self._watch("watch the start", aim, self._watcher(), flyctl_failed=True)
        return again if again.machines is not None else watched

    def down(self, machines: Sequence[MachineHealth]) -> list[str]:
        """Return the machines that were up beforehand and are stopped now.

        Args:
            machines: as they were seen at the end; where Fly stops them for want of traffic, none is down.
        """
        return [] if self._rests else self._fallen(machines)

    def _fallen(self, machines: Sequence[MachineHealth]) -> list[str]:
        return [
            machine.id
            for machine in machines
            if machine.condition is Condition.STOPPED and machine.id not in self._at_rest
        ]

    def _start(self, machines: Sequence[str], why: str) -> None:
        app = self._app
        command = argv.machine_start(app, machines)
        self._change("start", command, lambda: self._flyctl.machine_start(app, machines), why, machines)

    def _change(
        self, step: str, command: Sequence[str], do: Callable[[], None], why: str, machines: Sequence[str]
    ) -> None:
        """Change machines; when that fails it is told, and what is seen afterwards decides."""
        self._record.begin(step, self._ws.runner.redacted(command))
        self._ws.console.say(f"{why}: {', '.join(machines)}")
        try:
            do()
        except Interrupted:
            raise
        except Failure as failure:
            self._ws.console.say(failure.what)
            self._record.done(1)
        else:
            self._record.done()

    def _watcher(self) -> Watcher:
        ws = self._ws
        return Watcher(self._flyctl, self._app, clock=ws.clock, say=ws.console.say, since=self._since)

    def _watch(self, step: str, aim: Aim, watcher: Watcher, *, flyctl_failed: bool) -> Watched:
        """Watch the machines; when flyctl has given up, only as long as something may get well by itself."""
        self._record.begin(step)
        pace = self._pace
        if flyctl_failed:
            pace = msgspec.structs.replace(pace, deadline=pace.doubt)
        with self._ws.console.progress(f"{self._app}: {aim.image.short}") as progress:
            watched = watcher.watch(
                lambda machines: stage(Progress.of(machines, aim), flyctl_failed=flyctl_failed),
                pace,
                lambda machines: progress.update(str(Progress.of(machines, aim))),
            )
        self._since = newest_events(watcher.latest) or self._since
        self.crashes.update(watcher.crashes)
        arrived = Progress.of(watched.machines or [], aim).arrived
        bad = [self.how_bad(each) for each in arrived if not each.settled]
        self._record.done(0 if watched.stage is Stage.REACHED else 1, bad)
        return watched

    def how_bad(self, machine: MachineHealth) -> str:
        """Say what is wrong with a machine: of one that crashes and is started again, only events tell it."""
        crash = self.crashes.get(machine.id, "")
        also = f"; it has crashed: {crash}" if crash and crash not in machine.why else ""
        return f"machine {machine.id} ({machine.group}) is {machine.condition}: {machine.why}{also}"
