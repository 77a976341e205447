"""What is wrong with an app, in order of harm, each with the command that mends it."""

import shlex
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from pkg.fly import intent, secrets, secrets_file, tokens
from pkg.fly.certificates import judge as judge_certificate
from pkg.fly.client import Flyctl
from pkg.fly.facts import findings as manifest_findings
from pkg.fly.health import AppHealth, Condition, MachineHealth, app_health, judge_deployed, one_image
from pkg.fly.health import judge as judge_machine
from pkg.fly.lints import Finding
from pkg.fly.manifest import Manifest
from pkg.fly.models import Lease, Machine
from pkg.fly.token_in_use import in_use
from pkg.fly.unfinished import unfinished
from pkg.fly.volume_making import examine
from pkg.shell.errors import Failure, Interrupted
from pkg.shell.parallel import each
from pkg.shell.workspace import Workspace

# Degrees of harm.
DOWN, DANGER, SOON, TIDY = 4, 3, 2, 1
WORDS = {DOWN: "down", DANGER: "danger", SOON: "soon", TIDY: "tidy"}


class Ailment(msgspec.Struct, frozen=True):
    """Something that is wrong.

    Attributes:
        harm: 4 it does not serve, 3 something may be lost or not deployed, 2 that will be so soon, 1 untidy.
        about: what it is about.
        what: what is wrong.
        fix: the command that mends it, or what to decide.
    """

    harm: int
    about: str
    what: str
    fix: str

    @property
    def word(self) -> str:
        """The harm in a word."""
        return WORDS[self.harm]


def examine_app(ws: Workspace, flyctl: Flyctl, app: str, manifest: Manifest | None) -> list[Ailment]:
    """Return what is wrong with an app, worst first. What cannot be looked at is told as such.

    Args:
        ws: where the repo and the state are.
        flyctl: asks.
        app: the app's name.
        manifest: the repo's manifest of it; None when it has none.
    """
    now = ws.clock.now()
    looks: dict[str, Callable[[], list[Ailment]]] = {
        "machines": lambda: _machines(ws, flyctl, app),
        "certificates": lambda: _certificates(flyctl, app, now),
        "volumes": lambda: _volumes(flyctl, app, manifest, now),
        "secrets": lambda: _secrets(ws, flyctl, app, manifest),
        "manifest": lambda: _manifest(ws, app, manifest),
        "token": lambda: _token(ws, flyctl, now),
        "this checkout": lambda: _notes(ws, app),
    }
    found = each(looks, lambda name: _looked(name, looks[name]), runner=ws.runner)
    ailments = [ailment for some in found for ailment in some]
    return sorted(ailments, key=lambda ailment: (-ailment.harm, ailment.about, ailment.what))


def _looked(name: str, look: Callable[[], list[Ailment]]) -> list[Ailment]:
    try:
        return look()
    except Interrupted:
        raise
    except Failure as failure:
        return [_not_known(name, failure)]


def _not_known(name: str, failure: Failure) -> Ailment:
    return Ailment(DANGER, name, f"not known: {failure.what}", failure.fix or "run it again")


def _machines(ws: Workspace, flyctl: Flyctl, app: str) -> list[Ailment]:
    """Return what is wrong with the machines, and what a deploy from here has left of them."""
    try:
        machines = flyctl.machine_list(app)
    except Interrupted:
        raise
    except Failure as failure:
        return [_not_known("machines", failure), *_looked("this checkout", lambda: _cut_short(ws, app, []))]
    deployed = judge_deployed(machines)
    cut_short = _looked("this checkout", lambda: _cut_short(ws, app, deployed))
    found = [*cut_short]
    for machine in deployed:
        if machine.bad:
            harm = DOWN if all(other.bad for other in deployed) else DANGER
            differs, mend = _mend(app, machine, deployed)
            fix = f"`inv fly.logs -a {app} --instance {machine.id} -- --no-tail`, then `{mend}`"
            found.append(Ailment(harm, machine.id, f"{machine.condition}: {machine.why}{differs}", fix))
        elif machine.condition is Condition.STOPPED:
            fix = f"inv fly.machines.start {machine.id} -a {app}"
            found.append(Ailment(SOON, machine.id, "it is stopped: no deploy ever checks it", fix))
        elif machine.condition is Condition.UNCHECKED:
            found.append(
                Ailment(SOON, machine.id, "nothing checks it", "add a check to the manifest and deploy")
            )
    health, deploy = app_health(deployed), f"inv fly.deploy -a {app}"
    if health is AppHealth.EMPTY:
        found.append(Ailment(DOWN, app, "it has no machine", deploy))
    # What a deploy without an end has left is mended by that deploy's own next step.
    if health is AppHealth.MIXED and not any(each.about == app for each in cut_short):
        found.append(Ailment(DANGER, app, "its machines run different images", deploy))
    if len(deployed) > 1 and all(machine.condition is Condition.STOPPED for machine in deployed):
        found.append(
            Ailment(DOWN, app, "all of its machines are stopped", f"inv fly.machines.start all -a {app}")
        )
    return [*found, *_by_hand(app, machines), *_leases(flyctl, app, machines)]


def _mend(app: str, machine: MachineHealth, deployed: Sequence[MachineHealth]) -> tuple[str, str]:
    """Return what sets a bad machine apart from those of its group, and the command that may mend it."""
    others = [other for other in deployed if other.group == machine.group and not other.bad]
    theirs = one_image(others)
    if theirs is None or one_image([machine, *others]):
        return "", f"inv fly.machines.restart {machine.id} -a {app}"
    differs = f"; it runs {machine.image.short}, and the others of its group {theirs.short}"
    return differs, f"inv fly.machines.update {machine.id} --image {theirs} -a {app}"


def _by_hand(app: str, machines: Sequence[Machine]) -> list[Ailment]:
    return [
        Ailment(
            TIDY,
            machine.id,
            f"{machine.name} was made by hand, is {judge_machine(machine).condition}, and no deploy knows it",
            f"when nobody needs it: inv fly.machines.destroy {machine.id} -a {app}",
        )
        for machine in machines
        if not machine.group
    ]


def _leases(flyctl: Flyctl, app: str, machines: Sequence[Machine]) -> list[Ailment]:
    leases: dict[str, Lease] = flyctl.machine_leases(app, [machine.id for machine in machines])
    held = {ident: lease.data for ident, lease in leases.items() if lease.data}
    return [
        Ailment(
            SOON,
            ident,
            f"somebody is changing it: {data.owner or 'no name'} {data.description}".strip(),
            "wait for it; a dead flyctl's lease ends within two minutes",
        )
        for ident, data in held.items()
    ]


def _certificates(flyctl: Flyctl, app: str, now: datetime) -> list[Ailment]:
    hosts = [one.hostname for one in flyctl.certs_list(app)]
    checks = each(hosts, lambda host: flyctl.certs_check(app, host), runner=flyctl.runner)
    judged = [judge_certificate(app, check, now=now) for check in checks]
    return [
        Ailment(
            DANGER if one.expires is None or (one.expires - now).days < 3 else SOON,
            one.host,
            one.problem,
            f"inv fly.certs.show {shlex.quote(one.host)} -a {app}",
        )
        for one in judged
        if one.problem
    ]


def _volumes(flyctl: Flyctl, app: str, manifest: Manifest | None, now: datetime) -> list[Ailment]:
    return [
        Ailment(finding.harm, finding.about, finding.what, finding.fix)
        for finding in examine(flyctl, app, manifest, now=now)
    ]


def _secrets(ws: Workspace, flyctl: Flyctl, app: str, manifest: Manifest | None) -> list[Ailment]:
    here = secrets_file.read(ws.root).get(app, {})
    needed = manifest.secret_names if manifest else ()
    rows = secrets.compare(here, flyctl.secrets_list(app), needed, file=secrets_file.FILE)
    found = []
    for row in rows:
        if not row.problem:
            continue
        if not row.there:
            set_it = f"inv fly.secrets.set {shlex.quote(row.name)} -a {app}"
            fix = f"inv fly.secrets.sync -a {app}" if row.here else set_it
            found.append(Ailment(DANGER if row.needed or row.here else SOON, row.name, row.problem, fix))
        elif row.there != secrets.DEPLOYED:
            found.append(Ailment(SOON, row.name, row.problem, f"inv fly.secrets.deploy -a {app}"))
        elif here:
            found.append(Ailment(TIDY, row.name, row.problem, f"inv fly.secrets.diff -a {app}"))
    return found


def _manifest(ws: Workspace, app: str, manifest: Manifest | None) -> list[Ailment]:
    if manifest is None:
        return [
            Ailment(TIDY, app, "this repo has no manifest of it", "add one, or name the right app with -a")
        ]
    found: list[Finding] = manifest_findings(ws, manifest)
    return [
        Ailment(DANGER if one.grave else TIDY, f"{one.path}:{one.line}", one.what, one.fix) for one in found
    ]


def _token(ws: Workspace, flyctl: Flyctl, now: datetime) -> list[Ailment]:
    if ws.sandbox:
        return []
    policy = tokens.Policy(ci=bool(ws.environment.get("CI")))
    return [
        Ailment(DANGER, "the token", problem, "inv fly.tokens.check")
        for problem in tokens.problems(in_use(ws, flyctl).kind, policy, now=now)
    ]


def _cut_short(ws: Workspace, app: str, deployed: Sequence[MachineHealth]) -> list[Ailment]:
    deploy = unfinished(ws, app, deployed)
    if deploy is None or deploy.over:
        return []
    fix = deploy.next or f"wait for its end: inv fly.status -a {app}"
    harm = DANGER if deploy.begun and not deploy.running else SOON
    return [Ailment(harm, app, deploy.what, fix)]


def _notes(ws: Workspace, app: str) -> list[Ailment]:
    return [_noted(app, note) for note in intent.unfinished(ws.state / intent.FOLDER, app)]


def _noted(app: str, note: intent.Note) -> Ailment:
    """Return what to do about a run that was cut off."""
    remove = f"rm {shlex.quote(str(note.path))}"
    if note.intent is None:
        what = "the note of a run that was cut off cannot be read: it may have made something"
        return Ailment(SOON, note.path.name, what, f"look for what is too much, then: {remove}")
    fix = f"give the same command again: it goes on from there; or, when its work is not wanted: {remove}"
    return Ailment(SOON, app, f"{note.intent} did not come to its end", fix)
