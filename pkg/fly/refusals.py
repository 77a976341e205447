"""Why a deploy should not begin: one check a function, each with a name that `--force NAME=REASON` takes."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from pkg.fly.changes import Change
from pkg.fly.facts import Facts
from pkg.fly.image import same
from pkg.fly.leases import held
from pkg.fly.models import LeaseData
from pkg.fly.objections import objection
from pkg.shell.errors import BadInput, Failure, Refused


class Refusal(msgspec.Struct, frozen=True):
    """A reason not to begin.

    Attributes:
        name: what `--force` calls it.
        what: what is wrong.
        why: what would happen otherwise.
        fix: the one next thing to do.
        hopeless: whether nothing could be deployed if it were overridden.
    """

    name: str
    what: str
    why: str
    fix: str
    hopeless: bool = False


class Unfit(Refused):
    """There is reason not to begin.

    Args:
        reasons: all of them, at least one.
    """

    def __init__(self, reasons: Sequence[Refusal]) -> None:
        first, *rest = self.reasons = list(reasons)
        hopeless = any(each.hopeless for each in self.reasons)
        alike = itertools.groupby(rest, lambda each: (each.name, each.why, each.fix))
        more = "\n".join(
            "\n".join([*(f"[{name}] {each.what}" for each in found), f"  why: {why}", f"  fix: {fix}"])
            for (name, why, fix), found in alike
        )
        super().__init__(
            f"refused [{first.name}]: {first.what}",
            meaning=f"nothing was changed; otherwise: {first.why}"
            + (f"\nalso refused:\n{more}" if more else ""),
            fix=first.fix + ("" if hopeless else f"\nto go on anyway: --force {first.name}=REASON"),
        )


def reasons(failure: Failure) -> list[str]:
    """Return why something was not begun, each reason in a line; what a check has refused with its name."""
    found = failure.reasons if isinstance(failure, Unfit) else []
    return [f"[{each.name}] {each.what}" for each in found] or [failure.what]


Check = Callable[[Facts, Sequence[Change], datetime], Iterator[Refusal]]


def refusals(
    facts: Facts, changes: Sequence[Change], now: datetime, checks: Mapping[str, Check]
) -> list[Refusal]:
    """Return every reason not to begin.

    Args:
        facts: what is known.
        changes: what would change.
        now: the present moment.
        checks: those to make: `CHECKS`, or those `ON_THE_WAY_BACK`.
    """
    return [refusal for check in checks.values() for refusal in check(facts, changes, now)]


def forced(options: Sequence[str]) -> dict[str, str]:
    """Return which refusals are overridden, each with its reason.

    Args:
        options: as typed, `NAME=REASON` each.

    Raises:
        BadInput: there is no such check, or no reason.
    """
    found: dict[str, str] = {}
    for option in options:
        name, _, reason = option.partition("=")
        if name not in ALL or not reason.strip():
            raise BadInput(
                f"--force {option!r}: it takes CHECK=REASON",
                meaning=f"the checks are {', '.join(ALL)}; the reason is kept in the journal",
                fix="for instance --force published='going back to the image of Monday'",
            )
        found[name] = reason.strip()
    return found


def _flyctl(facts: Facts, _changes: Sequence[Change], _now: datetime) -> Iterator[Refusal]:
    if facts.version != facts.pin:
        yield Refusal(
            "flyctl",
            f"flyctl is {facts.version}, this repo is made for {facts.pin}",
            "another version may do something else",
            "./dev inv tools.install-flyctl",
        )


def _token(facts: Facts, _changes: Sequence[Change], _now: datetime) -> Iterator[Refusal]:
    if facts.ci and facts.token == "personal":  # noqa: S105  the kind, not a token
        yield Refusal(
            "token",
            "CI works with a person's own token",
            "it reaches everything that the person does, and ends when they leave",
            "make a deploy token for this app: `inv fly.tokens.create-deploy`",
        )


def _manifest(facts: Facts, _changes: Sequence[Change], _now: datetime) -> Iterator[Refusal]:
    if facts.manifest_problem:
        yield Refusal(
            "manifest",
            facts.manifest_problem.what,
            "flyctl would refuse it too",
            "correct it, then run `inv fly.manifests.check`",
        )
    for finding in facts.findings:
        if finding.grave and finding.rule != "checks":
            yield Refusal("manifest", str(finding), "the deploy would fail, or do harm", "correct that line")


def _checks(facts: Facts, _changes: Sequence[Change], _now: datetime) -> Iterator[Refusal]:
    if not facts.manifest.has_checks:
        yield Refusal(
            "checks",
            f"{facts.manifest.path.name} of {facts.app} has no health check",
            "flyctl would call any release a success (recorded: deploys.json)",
            "add [[http_service.checks]] for /status and /ready",
        )


def _image(facts: Facts, _changes: Sequence[Change], _now: datetime) -> Iterator[Refusal]:
    if facts.image_problem:
        yield Refusal(
            "image",
            f"the image {facts.image} does not exist",
            "there is nothing to deploy",
            "check the reference, or publish it: `inv core.publish`",
            hopeless=True,
        )


def _published(facts: Facts, _changes: Sequence[Change], _now: datetime) -> Iterator[Refusal]:
    if facts.manifest.build.is_own or str(facts.image) == facts.manifest.build.image:
        return
    if facts.record is None:
        yield Refusal(
            "published",
            "nothing is recorded as published",
            "nobody knows where this image comes from",
            "publish it: `inv core.publish`",
        )
    elif not same(facts.image, facts.record.image):
        yield Refusal(
            "published",
            f"{facts.image.short} is not what ko published last, which is {facts.record.image}",
            "an older or a foreign image would go out",
            "leave --image out; to go back to an earlier release use `inv fly.releases.revert`",
        )


def _volumes(facts: Facts, _changes: Sequence[Change], _now: datetime) -> Iterator[Refusal]:
    manifest = facts.manifest
    volumes = [volume for volume in facts.volumes or [] if volume.state != "destroyed"]
    for mount in manifest.all_mounts:
        named = [volume for volume in volumes if volume.name == mount.source]
        if away := [volume for volume in named if volume.region != manifest.primary_region]:
            yield Refusal(
                "volumes",
                f"volume {away[0].id} ({mount.source}) is in {away[0].region}, "
                f"the manifest's primary_region is {manifest.primary_region}",
                "a machine cannot mount a volume of another region",
                f"copy it: `flyctl volumes fork {away[0].id} -r {manifest.primary_region} -a {facts.app}`",
            )
        groups = mount.processes or manifest.groups
        machines = [machine for machine in facts.status.machines if machine.group in groups]
        without = [
            machine
            for machine in machines
            if mount.source not in {mounted.name for mounted in machine.settings.mounts}
        ]
        free = [volume for volume in named if not volume.attached_machine_id]
        if len(without) > len(free):
            yield Refusal(
                "volumes",
                f"{len(without)} machines need a volume {mount.source}, {len(free)} are free",
                "flyctl would stop (recorded: deploys.json, `mount.toml`)",
                f"`flyctl volumes create {mount.source} --region {manifest.primary_region} "
                f"--count {len(without) - len(free)} -a {facts.app}`",
            )


def _secrets(facts: Facts, _changes: Sequence[Change], _now: datetime) -> Iterator[Refusal]:
    known = {secret.name for secret in facts.secrets or []}
    missing = [name for name in facts.manifest.secret_names if name not in known]
    if missing:
        yield Refusal(
            "secrets",
            f"the manifest names secrets that the app does not have: {', '.join(missing)}",
            "machines would start without them",
            f"`inv fly.secrets.set {missing[0]} -a {facts.app}`",
        )


def _running(facts: Facts, _changes: Sequence[Change], now: datetime) -> Iterator[Refusal]:
    if facts.holder and facts.holder[1]:
        yield Refusal(
            "running",
            f"it is being worked on from here: {facts.holder[0]}",
            "two deploys at once leave machines on different images",
            "wait for it",
        )
    for machine, lease in sorted(held(facts.leases or {}, now.timestamp()).items()):
        if lease.data:
            yield Refusal(
                "running",
                f"machine {machine} is being changed by {_owner(lease.data)}",
                "another deploy runs, or a flyctl that was killed has left its lease",
                f"wait two minutes; if it stays: `flyctl machine leases view {machine} -a {facts.app}`",
            )


def _destroys(_facts: Facts, changes: Sequence[Change], _now: datetime) -> Iterator[Refusal]:
    for change in changes:
        if change.destroys:
            yield Refusal(
                "destroys",
                change.what,
                "flyctl would do it without a question, and exit 0",
                "put it back into the manifest; if it is meant, --force destroys=REASON",
            )


def _bad(facts: Facts, _changes: Sequence[Change], _now: datetime) -> Iterator[Refusal]:
    if against := objection(facts.journal, facts.app, facts.image):
        yield Refusal(
            "bad",
            f"{facts.image.short} is known from here: {against.what}",
            "what was bad about it would be back",
            f"choose another one: `inv fly.releases -a {facts.app}` says which were verified",
        )


def _owner(lease: LeaseData) -> str:
    until = datetime.fromtimestamp(lease.expires_at, UTC)
    return f"{lease.owner or 'somebody'} until {until:%H:%M:%S} UTC"


CHECKS: dict[str, Check] = {
    "flyctl": _flyctl,
    "token": _token,
    "manifest": _manifest,
    "checks": _checks,
    "image": _image,
    "published": _published,
    "volumes": _volumes,
    "secrets": _secrets,
    "running": _running,
    "destroys": _destroys,
}
# Fewer things stand in the way of going back than of going on, for it is the way out of trouble; but nobody
# goes back to what was bad. To deploy that again is a new try, and watched as the first was.
ON_THE_WAY_BACK: dict[str, Check] = {
    **{name: CHECKS[name] for name in ("flyctl", "token", "image", "volumes", "running", "destroys")},
    "bad": _bad,
}
ALL = CHECKS | ON_THE_WAY_BACK
