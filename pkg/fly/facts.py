"""Everything that a deploy should know beforehand, gathered at once and without changing anything."""

from collections.abc import Callable
from typing import Any

import msgspec

from pkg.fly import lock
from pkg.fly.answers import NoAccess, NoSuchApp, NoSuchImage, Passing
from pkg.fly.client import Flyctl
from pkg.fly.connect import token_kind
from pkg.fly.health import MachineHealth, judge_deployed
from pkg.fly.image import Record, Reference
from pkg.fly.journal import Entry, Story, entries, last_story
from pkg.fly.lints import Finding
from pkg.fly.lints import check as lint
from pkg.fly.manifest import Manifest, find, read, shown
from pkg.fly.mirror import CORE, differences
from pkg.fly.models import Certificate, Lease, Release, Secret, Status, Volume
from pkg.fly.pin import pinned
from pkg.shell.errors import CommandFailed, Failure, Interrupted
from pkg.shell.parallel import each
from pkg.shell.workspace import Workspace


class Facts(msgspec.Struct, frozen=True):
    """What is known before a deploy. None: it could not be read, `unread` says why.

    Attributes:
        app: the app's name.
        manifest: what shall be.
        image: the image that would be deployed.
        record: what ko published last.
        status: the app and its machines.
        health: the machines that deploys manage, judged.
        releases: the last ones, newest first.
        volumes: all of the app's.
        secrets: their names.
        certificates: all of the app's.
        leases: who changes which machine.
        findings: what is wrong with the manifest.
        manifest_problem: why flyctl does not accept the manifest.
        image_problem: why flyctl does not find the image.
        version: flyctl's.
        pin: the version that this repo is made for.
        token: its kind, see `connect.token_kind`.
        ci: whether this runs in CI.
        holder: who holds our lock, and whether that process still lives.
        journal: all entries.
        story: the app's last deploy from this checkout.
        unread: what could not be read, and why.
    """

    app: str
    manifest: Manifest
    image: Reference
    record: Record | None
    status: Status
    health: list[MachineHealth]
    releases: list[Release] | None
    volumes: list[Volume] | None
    secrets: list[Secret] | None
    certificates: list[Certificate] | None
    leases: dict[str, Lease] | None
    findings: list[Finding]
    manifest_problem: Failure | None
    image_problem: Failure | None
    version: str
    pin: str
    token: str
    ci: bool
    holder: tuple[lock.Holder, bool] | None
    journal: list[Entry]
    story: Story | None
    unread: dict[str, str]


def gather(
    ws: Workspace, flyctl: Flyctl, manifest: Manifest, *, app: str, image: Reference, record: Record | None
) -> Facts:
    """Ask for everything, side by side; nothing is changed.

    Args:
        ws: where the repo and the state are.
        flyctl: asks Fly.
        manifest: what shall be deployed.
        app: the app's name.
        image: the image that would be deployed.
        record: what ko published last.

    Raises:
        Failure: something without which no decision is possible could not be read.
    """
    config = shown(manifest.path, ws.root)
    answers = _ask(
        ws,
        {
            "status": lambda: _with_leases(flyctl, app),
            "releases": lambda: flyctl.releases(app),
            "volumes": lambda: flyctl.volumes_list(app),
            "secrets": lambda: flyctl.secrets_list(app),
            "certificates": lambda: flyctl.certs_list(app),
            "manifest": lambda: flyctl.config_validate(app, config),
            "image": lambda: flyctl.find_image(app, config, str(image)),
        },
    )
    status, leases = _needed(answers["status"])
    manifest_problem = _problem(answers["manifest"], CommandFailed)
    image_problem = _problem(answers["image"], NoSuchImage, manifest_problem)
    needed = {"volumes": bool(manifest.all_mounts), "secrets": bool(manifest.secret_names)}
    for name in (name for name, wanted in needed.items() if wanted):
        _needed(answers[name])
    known = {name: None if isinstance(found, Failure) else found for name, found in answers.items()}
    unread = {name: found.what for name, found in answers.items() if isinstance(found, Failure)}
    if isinstance(leases, Failure):
        unread["leases"] = leases.what
    journal = entries(ws)
    return Facts(
        app=app,
        manifest=manifest,
        image=image,
        record=record,
        status=status,
        health=judge_deployed(status.machines),
        releases=known["releases"],
        volumes=known["volumes"],
        secrets=known["secrets"],
        certificates=known["certificates"],
        leases=None if isinstance(leases, Failure) else leases,
        findings=findings(ws, manifest),
        manifest_problem=manifest_problem,
        image_problem=image_problem,
        version=flyctl.version_name,
        pin=pinned(ws.root),
        token="simulated" if ws.sandbox else token_kind(ws),
        ci=bool(ws.environment.get("CI")),
        holder=lock.other_holder(ws.state / lock.FOLDER, app),
        journal=journal,
        story=last_story(journal, app),
        unread={name: why for name, why in unread.items() if name not in {"manifest", "image"}},
    )


def findings(ws: Workspace, manifest: Manifest) -> list[Finding]:
    """Return what is wrong with a manifest; the root's and core's must mirror each other as well."""
    found = lint(manifest, ws.root)
    name = manifest.path.name
    if not ((ws.root / name).is_file() and (ws.root / CORE / name).is_file()):
        return found  # nothing to mirror
    root_manifest, core = read(find(ws.root)), read(find(ws.root, CORE))
    if manifest.path in {root_manifest.path, core.path}:
        found += differences(root_manifest, core, ws.root)
    return found


def _ask(ws: Workspace, questions: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """Return each question's answer, or the Failure that came instead."""

    def answer(question: Callable[[], Any]) -> Any:  # noqa: ANN401  each question's own
        try:
            return question()
        except Interrupted:
            raise
        except Failure as failure:
            return failure

    return dict(zip(questions, each(questions.values(), answer, runner=ws.runner), strict=True))


def _with_leases(flyctl: Flyctl, app: str) -> tuple[Status, dict[str, Lease] | Failure]:
    """Return the app, and the leases on its machines: their ids are known only then."""
    status = flyctl.status(app)
    try:
        return status, flyctl.machine_leases(app, [machine.id for machine in status.machines])
    except Failure as failure:
        return status, failure


def _needed(answer: Any) -> Any:  # noqa: ANN401  the answer's own
    if isinstance(answer, Failure):
        raise answer
    return answer


def _problem(answer: Failure | None, kind: type[Failure], known: Failure | None = None) -> Failure | None:
    """Return the failure when it is an answer of its own; one after which nothing is known is raised.

    Args:
        answer: what came back.
        kind: the failures that are answers.
        known: an earlier problem that explains every failure.
    """
    if answer is None or known is not None:
        return None
    if isinstance(answer, kind) and not isinstance(answer, NoAccess | NoSuchApp | Passing):
        return answer
    raise answer
