"""A deploy from its first change to its verdict: flyctl, the machines, a restart, and the way back."""

import os
from collections.abc import Sequence

import msgspec

from pkg.fly import argv
from pkg.fly.aim import Aim, Progress, Stage
from pkg.fly.answers import next_step
from pkg.fly.client import Flyctl
from pkg.fly.facts import Facts
from pkg.fly.health import AppHealth, MachineHealth, app_health, one_image
from pkg.fly.image import Reference, same
from pkg.fly.journal import Entry, Journal
from pkg.fly.manifest import shown
from pkg.fly.order import Order, Replication
from pkg.fly.recorder import Recorder, who
from pkg.fly.rollback import Back, OldManifest, manifest_for, target, version_of
from pkg.fly.rollout import Ran, Rollout
from pkg.fly.trial import Trial
from pkg.fly.unfinished import advice
from pkg.fly.verdict import BAD, HALF_WAY, Outcome, Verdict
from pkg.fly.waiting import Watched
from pkg.shell.errors import Failure, Interrupted
from pkg.shell.workspace import Workspace


class Deployment:
    """One release, watched to its end.

    Args:
        ws: the repo and its state.
        flyctl: does it.
        facts: what was known beforehand.
        order: what shall be done.
        replication: proves the replica of an app with volumes; None for no proof.
        trial: compares the answers after the release with those before; None for no such trial.
    """

    def __init__(
        self,
        ws: Workspace,
        flyctl: Flyctl,
        facts: Facts,
        order: Order,
        *,
        replication: Replication | None = None,
        trial: Trial | None = None,
    ) -> None:
        self._ws = ws
        self._facts = facts
        self._order = order
        self._replication = replication
        self._trial = trial
        now = ws.clock.now()
        identifier = f"{now:%Y%m%dT%H%M%S}-{os.getpid()}"
        base = Entry(task=order.task, app=facts.app, id=identifier, who=who(ws), pid=os.getpid())
        self._record = Recorder(Journal.of(ws), ws.clock, ws.console, base)
        self._proven = Entry()
        self._worse: list[str] | None = None
        self._blameless = False
        self._rollout = Rollout(ws, flyctl, facts, order.pace, self._record)

    def run(self) -> Outcome:
        """Do it and return the verdict, which is in the journal by then.

        Raises:
            Failure: the journal cannot be written; nothing was begun.
        """
        order, facts = self._order, self._facts
        previous = one_image(facts.health) if app_health(facts.health) is AppHealth.HEALTHY else None
        back = target(facts, order.image)
        manifest = self._manifest_entry(order.manifest)
        self._record.started(
            msgspec.structs.replace(
                manifest,
                image=str(order.image),
                previous=str(previous or ""),
                version=version_of(facts.releases or [], back.image) if back else 0,
                again=order.again,
                forced=order.forced,
            )
        )
        try:
            outcome = self._release()
        except (Interrupted, KeyboardInterrupt):
            outcome = self._outcome(
                Verdict.INTERRUPTED,
                notes=[f"it stopped during: {self._record.story.stopped_at}", *self._record.story.bad],
                next_=f"`inv fly.status -a {facts.app}` shows what runs, {advice(self._record.story)}",
            )
        except Failure as failure:
            outcome = self._outcome(Verdict.FAILED, notes=[str(failure)], next_=failure.fix)
        outcome = msgspec.structs.replace(outcome, seconds=self._record.seconds, id=self._record.id)
        self._record.verdict(outcome, self._proven)
        return outcome

    def _release(self) -> Outcome:
        aim = Aim.of(self._order.image, self._facts.health)
        ran = self._rollout.run("deploy", self._order.command, aim)
        tries: list[str] = []
        if self._is_half_way(ran, aim):
            tries = [f"flyctl failed half way (exit {ran.code}), and was run once more", *ran.notes]
            ran = self._once_more(ran, aim)
            self._blameless = self._is_half_way(ran, aim)
        code, watched = ran.code, ran.watched
        if watched.machines is None:
            return self._unseen(ran)
        touched = any(aim.touched(machine) for machine in watched.machines)
        told = [f"flyctl failed (exit {code}), and the machines are fine", *ran.notes] if code else []
        told += tries
        if _is_reached(watched, aim, code) and (touched or not code):
            return self._reached(watched.machines, aim, told)
        if not touched:
            return self._untouched(watched.machines, ran)
        self._rollout.wait_for_leases(watched.machines)
        again = self._rollout.restart(watched.machines, aim)
        if again and again.machines and _is_reached(again, aim, code):
            note = f"it became healthy only after a restart: look at `inv fly.logs -a {self._facts.app}`"
            return self._reached(again.machines, aim, [note, *told])
        return self._bad((again.machines if again else None) or watched.machines, aim, ran)

    def _is_half_way(self, ran: Ran, aim: Aim) -> bool:
        """Return whether flyctl failed on its way, and nothing is wrong with what it changed."""
        machines = ran.watched.machines or []
        changed = [each for each in machines if aim.touched(each)]
        well = all(each.settled for each in changed) and not self._rollout.crashes
        return bool(ran.code and changed) and well and not _is_reached(ran.watched, aim, ran.code)

    def _once_more(self, ran: Ran, aim: Aim) -> Ran:
        """Give flyctl a second try: it may have been killed, or refused by an API that was away."""
        self._ws.console.say("flyctl failed half way, and no check of the image failed: trying once more")
        self._rollout.wait_for_leases(ran.watched.machines or [])
        return self._rollout.run("deploy again", argv.once_more(self._order.command), aim)

    def _reached(self, machines: list[MachineHealth], aim: Aim, notes: list[str]) -> Outcome:
        """Every machine runs the image and nothing is wrong: healthy, if anything was checked at all."""
        progress = Progress.of(machines, aim)
        stopped = progress.stopped
        notes = [*notes, *_unasked(stopped)]
        down = self._rollout.down(machines)
        if not progress.proven and not down:
            return self._unproven(machines, notes, stopped)
        tried = self._tried(machines, aim)
        if isinstance(tried, Outcome):
            return tried
        if progress.proven:
            self._prove(one_image(machines) or self._order.image, self._order.manifest)
        if down:
            self._blameless = True
            return self._down(down, machines, [*notes, *tried], "the image is in place")
        problem = self._replica_problem()
        verdict = Verdict.UNREPLICATED if problem else Verdict.HEALTHY
        next_ = f"`inv fly.litestream -a {self._facts.app}` shows the replica" if problem else ""
        told = f"every machine has the image: {progress.checked}" if progress.checked else ""
        return self._outcome(
            verdict,
            machines,
            notes=[*problem, *notes, *tried],
            sentence="" if problem else told,
            next_=next_ or self._up_as_well(stopped),
        )

    def _down(
        self, down: list[str], machines: list[MachineHealth], notes: list[str], what: str, previous: str = ""
    ) -> Outcome:
        """All is in place, and what was up before is stopped: fewer machines answer than did."""
        are = "a machine that was up before is" if len(down) == 1 else "machines that were up before are"
        return self._outcome(
            Verdict.DEGRADED,
            machines,
            previous=previous,
            notes=[f"down: {', '.join(down)}, up before and stopped now", *notes],
            down=down,
            sentence=f"{what}, but {are} down: act now",
            next_=self._start_of(down),
        )

    def _start_of(self, machines: Sequence[str]) -> str:
        return f"`inv fly.machines.start {','.join(machines)} -a {self._facts.app}`"

    def _up_as_well(self, stopped: Sequence[str]) -> str:
        """Return how to start what somebody had stopped; nothing where nothing is."""
        them = "it" if len(stopped) == 1 else "they"
        return f"{self._start_of(stopped)}, if {them} shall be up as well" if stopped else ""

    def _tried(self, machines: list[MachineHealth], aim: Aim) -> Outcome | list[str]:
        """Return how it ends when the minutes after the release decide that, else what they were like."""
        if self._trial is None:
            return []
        self._record.begin("watch the metrics")
        tried = self._trial.run()
        self._worse = tried.worse
        self._record.done(1 if tried.worse or tried.blind else 0)
        watched = self._rollout.look(aim)
        if watched.machines is not None and watched.stage is not Stage.REACHED:
            return self._bad(watched.machines, aim)
        if self._trial.guard and tried.blind:
            next_ = f"`inv fly.metrics -a {self._facts.app}` as soon as it can be asked; nothing was undone"
            return self._outcome(Verdict.UNVERIFIED, machines, notes=tried.told, next_=next_)
        if self._trial.guard and tried.worse:
            return self._undo(machines, tried.told)
        return tried.told

    def _unproven(
        self, machines: list[MachineHealth], notes: list[str], stopped: list[str], previous: str = ""
    ) -> Outcome:
        if stopped:
            next_ = f"start one and look: {self._start_of(stopped[:1])}"
        else:
            notes = ["the machines have no checks", *notes]
            next_ = "add [[http_service.checks]] to the manifest, then deploy again"
        return self._outcome(Verdict.UNVERIFIED, machines, previous=previous, notes=notes, next_=next_)

    def _unseen(self, ran: Ran) -> Outcome:
        """Nothing could be seen since flyctl ended: Fly's API is away."""
        return self._outcome(
            Verdict.UNVERIFIED,
            notes=[
                f"the machines could not be seen: {ran.watched.error}",
                f"flyctl ended with exit {ran.code}",
                *ran.notes,
            ],
            next_=f"`inv fly.status -a {self._facts.app}` as soon as Fly's API answers: https://status.flyio.net",
        )

    def _untouched(self, machines: list[MachineHealth], ran: Ran) -> Outcome:
        """No machine was changed: nothing was released, as when its release command fails."""
        if ran.code:
            what = f"flyctl failed (exit {ran.code}) before it changed a machine"
        else:
            what = "flyctl said that it was done, and no machine was changed"
        well = app_health(machines) is AppHealth.HEALTHY
        return self._outcome(
            Verdict.FAILED,
            machines,
            notes=[
                f"{what}; what ran still runs, and {'is healthy' if well else 'was not healthy before'}",
                *ran.notes,
            ],
            next_=next_step(ran.said, self._facts.app)
            or "read what flyctl says above, correct it, and deploy again",
        )

    def _bad(self, machines: list[MachineHealth], aim: Aim, ran: Ran | None = None) -> Outcome:
        """The release is bad: say of which machines, and go back."""
        progress = Progress.of(machines, aim)
        code = ran.code if ran else 0
        notes = [self._rollout.how_bad(each) for each in progress.bad]
        notes += [
            f"machine {each.id} ({each.group}) still runs {each.image.short}" for each in progress.elsewhere
        ]
        left = aim.left(progress.arrived) if code else []
        notes += [
            f"machine {each.id} ({each.group}) has the same image, but its release is the old one"
            for each in left
        ]
        notes += [f"flyctl failed (exit {code})", *ran.notes] if ran and code else []
        if left and not progress.bad:
            again = f"read what flyctl says above, correct it, then `inv fly.deploy -a {self._facts.app}`"
            return self._undo(machines, notes, again)
        return self._undo(machines, notes)

    def _undo(self, machines: list[MachineHealth], notes: list[str], else_: str = "") -> Outcome:
        """Go back, if that is allowed and there is a way."""
        app = self._facts.app
        back = target(self._facts, self._order.image)
        if self._order.roll_back and back:
            return self._roll_back(back, machines, notes)
        images = len({machine.image for machine in machines}) > 1
        if back is None:
            why = "there is no other good image to go back to"
            build = self._facts.manifest.build
            publish = "" if build.is_own or build.image else "`inv core.publish`, then "
            again = f"correct it, then {publish}`inv fly.deploy -a {app}`"
            next_ = else_ or f"`inv fly.logs -a {app}` shows why; {again}"
        else:
            why = "no rollback was allowed"
            version = self._record.story.started.version
            known = f"v{version}" if version else "VERSION"
            next_ = f"`inv fly.releases -a {app}`, then `inv fly.releases.revert {known} -a {app}`"
        verdict = Verdict.MIXED if images and not self._order.roll_back else Verdict.DEGRADED
        return self._outcome(verdict, machines, notes=[why, *notes], next_=next_)

    def _roll_back(self, back: Back, machines: list[MachineHealth], notes: list[str]) -> Outcome:
        """Bring an earlier image back, once, and watch that as well."""
        ws, app = self._ws, self._facts.app
        self._record.going_back(str(back.image), version_of(self._facts.releases or [], back.image))
        old = manifest_for(ws, self._facts, back.image)
        wait = round(self._order.pace.deadline)
        command = argv.rollback(app, old.path, str(back.image), wait_timeout=wait)
        ws.console.say(f"rolling back to {back.image}: {back.why}; manifest {old.path}: {old.why}")
        notes = [*notes, *([back.passed] if back.passed else [])]
        ws.console.say("secrets and database schemas do not go back")
        self._rollout.wait_for_leases(machines)
        aim = Aim.of(back.image, machines)
        ran = self._rollout.run("rollback", command, aim)
        same_image = same(back.image, self._order.image)
        now = ran.watched.machines
        if now is not None and _is_reached(ran.watched, aim, ran.code if same_image else 0):
            return self._gone_back(back, old, ran, aim, notes)
        return self._outcome(
            Verdict.DEGRADED,
            now or machines,
            previous=str(back.image),
            notes=[*_not_gone_back(ran, aim), *notes],
            next_=f"bring {back.image.short} back by hand:\n{ws.runner.redacted(command)}",
        )

    def _gone_back(self, back: Back, old: OldManifest, ran: Ran, aim: Aim, notes: list[str]) -> Outcome:
        """Every machine runs the earlier image: well, unless one is down, or nothing was checked."""
        now = ran.watched.machines or []
        notes = [*notes, *([] if old.exact else [f"manifest: {old.why}"])]
        if ran.code:
            notes += [f"flyctl failed to roll back (exit {ran.code}), and the machines are fine", *ran.notes]
        previous = str(back.image)
        progress = Progress.of(now, aim)
        notes += _unasked(progress.stopped)
        if progress.proven:
            self._prove(one_image(now) or back.image, old)
        if down := self._rollout.down(now):
            went = "flyctl failed half way, and it" if self._blameless else "the release was bad, and"
            return self._down(down, now, notes, f"{went} is undone", previous)
        if not progress.proven:
            return self._unproven(now, ["rolled back", *notes], progress.stopped, previous)
        notes += self._replica_problem()
        why = HALF_WAY if self._blameless else BAD
        told = f"{why}; the previous verified image runs: {progress.checked}" if progress.checked else ""
        return self._outcome(
            Verdict.ROLLED_BACK,
            now,
            previous=previous,
            notes=notes,
            sentence=told,
            next_=self._new_try() or self._up_as_well(progress.stopped),
        )

    def _new_try(self) -> str:
        """Return how to deploy again what was undone though nothing is known against it."""
        if not self._blameless or self._order.task != "fly.deploy":
            return ""
        return f"`inv fly.deploy --image {self._order.image} -a {self._facts.app}` tries it again"

    def _replica_problem(self) -> list[str]:
        """Return what is wrong with the replica of an app with volumes; nothing where there is none."""
        if self._replication is None or not self._facts.manifest.all_mounts:
            return []
        self._record.begin("check replication")
        try:
            problem = self._replication(self._ws, self._facts.app, self._facts.manifest)
        except Interrupted:
            raise
        except Failure as failure:
            problem = str(failure)
        self._record.done(1 if problem else 0)
        return [problem] if problem else []

    def _prove(self, image: Reference, manifest: OldManifest) -> None:
        self._proven = msgspec.structs.replace(self._manifest_entry(manifest), verified=str(image))

    def _manifest_entry(self, manifest: OldManifest) -> Entry:
        path = shown(self._facts.manifest.path, self._ws.root)
        return Entry(manifest=path, manifest_sha=manifest.sha, commit=manifest.commit)

    def _outcome(
        self,
        verdict: Verdict,
        machines: list[MachineHealth] | None = None,
        *,
        previous: str = "",
        notes: Sequence[str] = (),
        down: Sequence[str] = (),
        sentence: str = "",
        next_: str = "",
    ) -> Outcome:
        return Outcome(
            verdict=verdict,
            app=self._facts.app,
            image=str(self._order.image),
            previous=previous,
            machines=machines,
            notes=list(notes),
            worse=self._worse,
            blameless=self._blameless,
            down=list(down),
            sentence=sentence,
            next=next_,
        )


def _unasked(stopped: Sequence[str]) -> list[str]:
    """Say which machines were not checked, since they are stopped."""
    return [f"stopped, so not checked: {', '.join(stopped)}"] if stopped else []


def _is_reached(watched: Watched, aim: Aim, code: int) -> bool:
    """Return whether all is well: after a flyctl that failed, only if the release changed every machine."""
    return watched.stage is Stage.REACHED and not (code and aim.left(watched.machines or []))


def _not_gone_back(ran: Ran, aim: Aim) -> list[str]:
    """Return what is wrong after a rollback."""
    seen = Progress.of(ran.watched.machines, aim).bad if ran.watched.machines else []
    failed = [f"after the rollback, machine {each.id} is {each.condition}: {each.why}" for each in seen]
    failed += [f"flyctl failed to roll back (exit {ran.code})", *ran.notes] if ran.code else []
    return failed + ([f"the machines could not be seen: {ran.watched.error}"] if ran.watched.error else [])
