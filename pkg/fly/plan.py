"""What a deploy would do, and every reason not to: gathered, judged and told before anything is changed."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from pkg.fly import own_image
from pkg.fly.changes import Change, changes
from pkg.fly.client import Flyctl
from pkg.fly.facts import Facts, gather
from pkg.fly.image import RECORD, Record, Reference, parse, read_record, record_file, same
from pkg.fly.manifest import Manifest, by_app, shown
from pkg.fly.objections import objection
from pkg.fly.refusals import CHECKS, Refusal, Unfit, refusals
from pkg.shell.errors import BadInput
from pkg.shell.workspace import Workspace

RUNNING = "running"


class Target(msgspec.Struct, frozen=True):
    """The image to deploy, and who says so.

    Attributes:
        image: the image.
        source: who says so.
        to_build: whether it is not there yet, and a deploy builds it first.
    """

    image: Reference
    source: str
    to_build: bool = False


class Plan(msgspec.Struct, frozen=True):
    """What a deploy would do.

    Attributes:
        facts: what is known.
        target: the image to deploy.
        changes: what would change.
        refusals: why not to begin.
        forced: the refusals that the user would override, each with its reason.
        notes: what else is worth knowing.
    """

    facts: Facts
    target: Target
    changes: list[Change]
    refusals: list[Refusal]
    forced: dict[str, str]
    notes: list[str]

    @property
    def standing(self) -> list[Refusal]:
        """The refusals that nobody has overridden."""
        return [refusal for refusal in self.refusals if refusal.name not in self.forced]

    @property
    def overridden(self) -> dict[str, str]:
        """The refusals that there are and that the user overrides, each with its reason."""
        refused = {refusal.name for refusal in self.refusals}
        return {name: reason for name, reason in self.forced.items() if name in refused}

    @property
    def destroys(self) -> list[Change]:
        """What would be lost."""
        return [change for change in self.changes if change.destroys]

    def require(self) -> None:
        """Refuse to begin when there is a reason to.

        Raises:
            Unfit: with all reasons, and what to do about each.
        """
        if self.standing:
            raise Unfit(self.standing)


def choose_image(
    manifest: Manifest,
    record: Record | None,
    given: str = "",
    *,
    source: str = "--image",
    recorded: str = RECORD.as_posix(),
) -> Target:
    """Return the image to deploy, pinned by its digest where that is known.

    Only the record of the last publish resolves a tag: an old digest of a tag that has moved since would be
    worse than none.

    Args:
        manifest: may name an image itself.
        record: what ko published last.
        given: the image, empty for none.
        source: who gave it.
        recorded: the file that the record is from.

    Raises:
        BadInput: the reference is none, or nobody says which image.
    """
    if given or manifest.build.image:
        image = parse(given or manifest.build.image)
        said = source if given else f"[build] image of {manifest.path.name}"
        if record and not image.pinned and same(image, record.image):
            return Target(record.image, f"{said}, digest of {recorded}")
        return Target(image, said)
    if manifest.build.is_own:
        built = f"registry.fly.io/{manifest.app}:LABEL"
        raise BadInput(
            f"the image of {manifest.app} is built by flyctl, and which one to deploy was not said",
            meaning="what is deployed must be known before it is, or its verdict would mean nothing",
            fix=f"`inv fly.deploy` builds it, then deploys it; a built one is named by `--image {built}`",
        )
    if record:
        return Target(record.image, f"{recorded}: what ko published last")
    raise BadInput(
        "there is no image to deploy",
        meaning="nothing was published from here, and none was given",
        fix="publish one with `inv core.publish`, or give --image",
    )


def make(
    ws: Workspace,
    flyctl: Flyctl,
    manifest: Manifest,
    *,
    app: str,
    image: str = "",
    source: str = "--image",
    forced: dict[str, str],
) -> Plan:
    """Gather what is known and judge it; nothing is changed.

    Args:
        ws: where the repo and the state are.
        flyctl: asks Fly.
        manifest: what shall be deployed.
        app: the app's name.
        image: the image; empty for what was published last, or for what a deploy would build.
        source: who gave the image.
        forced: the refusals that the user overrides, each with its reason.

    Raises:
        BadInput: nobody says which image.
        Failure: something without which no decision is possible could not be read.
    """
    record = read_record(ws.root, ws.state, simulated=ws.sandbox)
    if manifest.build.is_own and not image:
        built = f"{shown(manifest.path, ws.root)}: a deploy builds it first, and its label says when"
        target = Target(own_image.reference(ws, manifest, app), built, to_build=True)
    else:
        recorded = shown(record_file(ws.root, ws.state), ws.root)
        target = choose_image(manifest, record, image, source=source, recorded=recorded)
    facts = gather(ws, flyctl, manifest, app=app, image=target.image, record=record)
    if target.to_build:
        facts = msgspec.structs.replace(facts, image_problem=None)
    changed = changes(manifest, facts.status.machines, facts.health, target.image)
    return Plan(
        facts=facts,
        target=target,
        changes=changed,
        refusals=refusals(facts, changed, ws.clock.now(), CHECKS),
        forced=forced,
        notes=[*_of_image(ws, facts), *notes(facts, ws.clock.now())],
    )


def _of_image(ws: Workspace, facts: Facts) -> list[str]:
    """Return what is worth knowing of the image: what it was like before, and where it comes from."""
    found = []
    image, record = facts.image, facts.record
    if against := objection(facts.journal, facts.app, image):
        found.append(f"{image.short} is known from here: {against.what}; to deploy it is a new try")
    if record and same(image, record.image) and not _is_ours(ws, image, facts.app):
        found.append(f"{image.name} is the repository of no app of this repo, and was recorded all the same")
    return found


def _is_ours(ws: Workspace, image: Reference, app: str) -> bool:
    """Return whether an image is in the repository of an app of this repo, for all that is known."""
    registry, _, name = image.name.partition("/")
    try:
        return registry == own_image.REGISTRY and (name == app or by_app(ws.root, name) is not None)
    except BadInput:  # of a broken manifest something else tells
        return True


def notes(facts: Facts, now: datetime) -> list[str]:
    """Return what is worth knowing and no reason to stop."""
    found = []
    if not facts.image.pinned:
        found.append(
            f"{facts.image} is a tag, and its digest is not known here: machines are told apart by the tag "
            "and by their release"
        )
    if facts.record and facts.record.dirty and same(facts.image, facts.record.image):
        found.append(f"{facts.image.short} was built from uncommitted changes on {facts.record.commit[:12]}")
    if facts.manifest.deploy.release_command:
        found.append(f"the release command runs first: {facts.manifest.deploy.release_command}")
    if facts.holder and not facts.holder[1]:
        found.append(f"an earlier one did not end: {facts.holder[0]}; its process is gone")
    newest = facts.releases[0] if facts.releases else None
    if newest and newest.status == RUNNING:
        found.append(
            f"release v{newest.version} says it is running, {_age(newest.created_at, now)} after it began: "
            "flyctl leaves that behind when it is interrupted late, or killed"
        )
    found += _certificates(facts)
    found += [str(finding) for finding in facts.findings if not finding.grave]
    found += [f"not known ({name}): {why}" for name, why in sorted(facts.unread.items())]
    return found


def _certificates(facts: Facts) -> list[str]:
    waiting = [certificate.hostname for certificate in facts.certificates or [] if not certificate.configured]
    return [f"certificates that are not in place: {', '.join(waiting)}"] if waiting else []


def _age(since: str, now: datetime) -> str:
    try:
        seconds = (now - datetime.fromisoformat(since)).total_seconds()
    except ValueError:
        return "a time"
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{max(seconds, 0):.0f} s"


def only_leased(standing: Sequence[Refusal]) -> bool:
    """Return whether all that stands in the way is that machines are being changed."""
    return bool(standing) and all(refusal.name == "running" for refusal in standing)
