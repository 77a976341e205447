"""Where to go back to when a release is bad: a verified image, with the manifest that it ran with."""

import hashlib
from collections.abc import Iterator, Sequence

import msgspec

from pkg.fly.facts import Facts
from pkg.fly.health import AppHealth, app_health, one_image
from pkg.fly.image import RECORD, Reference, parse, same
from pkg.fly.journal import STARTED, VERDICT, Entry
from pkg.fly.manifest import shown
from pkg.fly.models import Release
from pkg.fly.moments import minute
from pkg.fly.objections import objection
from pkg.shell.errors import BadInput
from pkg.shell.workspace import Workspace

# What flyctl wrote of a release that it took for done; older apps say `succeeded`.
DONE = frozenset({"complete", "succeeded"})


class Back(msgspec.Struct, frozen=True):
    """An image to go back to.

    Attributes:
        image: the image.
        verified: whether it was proven healthy, and not only released.
        why: how this is known.
        passed: what was passed over for it, or is known against it; empty for nothing.
    """

    image: Reference
    verified: bool
    why: str
    passed: str = ""


class OldManifest(msgspec.Struct, frozen=True):
    """The manifest that an image ran with.

    Attributes:
        path: where flyctl finds it, relative to the repo's root where it is below it.
        exact: whether it is the very one.
        why: how this is known.
        sha: of its text.
        commit: the commit that it is of; empty for the checkout as it is.
    """

    path: str
    exact: bool
    why: str
    sha: str
    commit: str = ""


def target(facts: Facts, bad: Reference) -> Back | None:
    """Return what to go back to; None when there is nothing.

    First what ran healthy when the deploy began, then what the journal knows, then what Fly calls complete.
    The second-newest release would be wrong after a failed deploy, and after `secrets set`, which repeats
    an image (recorded). What answered worse is passed over as long as something else was verified.

    Args:
        facts: what was known when the deploy began.
        bad: the image that is to be left.
    """
    image = one_image(facts.health) if app_health(facts.health) is AppHealth.HEALTHY else None
    if image and same(image, bad):
        if _ran_with(facts.journal, facts.app, image, other_than=sha_of(facts.manifest.text)):
            return Back(image, verified=True, why="it ran healthy before, with the manifest of then")
        return None
    known = [Back(image, verified=True, why="it ran healthy when this deploy began")] if image else []
    return _best(facts, [*known, *_of_journal(facts, bad)]) or _of_releases(facts, bad)


def manifest_for(ws: Workspace, facts: Facts, image: Reference) -> OldManifest:
    """Return the manifest that an image ran with.

    The journal knows its checksum and commit. A checkout without a journal, as in CI, knows when the image
    was recorded as published. Where neither helps, the manifest is taken as it is now, and that is said.

    Args:
        ws: the repo; an older manifest is written into its state folder.
        facts: what is known.
        image: the image.
    """
    now = sha_of(facts.manifest.text)
    entry = _ran_with(facts.journal, facts.app, image)
    path = shown(facts.manifest.path, ws.root)
    if entry and entry.manifest_sha == now:
        return OldManifest(path, exact=True, why="it has not changed since", sha=now, commit=entry.commit)
    commit = entry.commit if entry else _recorded_at(ws, image)
    text = _git(ws, ["show", "--end-of-options", f"{commit}:./{path}"]) if commit else ""
    if not text:
        return OldManifest(
            path, exact=False, why="the one that it ran with is not known: as it is now", sha=now
        )
    sha = sha_of(text)
    exact = entry is None or entry.manifest_sha == sha
    why = f"as of commit {commit[:12]}" + ("" if exact else ", without what was not committed then")
    if sha == now:
        return OldManifest(path, exact, why, sha, commit)
    old = ws.state / "manifests" / facts.app / f"{sha[:12]}.toml"
    try:
        old.parent.mkdir(parents=True, exist_ok=True)
        old.write_text(text)
    except OSError as error:
        why = f"as it is now: {old} cannot be written ({error.strerror})"
        return OldManifest(path, exact=False, why=why, sha=now)
    return OldManifest(shown(old, ws.root), exact, why, sha, commit)


def release_of(releases: Sequence[Release], version: str) -> Release:
    """Return a release by its version.

    Args:
        releases: the last ones, as flyctl gives them.
        version: as in `v12` or `12`.

    Raises:
        BadInput: it is no version, or flyctl does not tell of it.
    """
    number = version.strip().removeprefix("v")
    found = [release for release in releases if str(release.version) == number]
    if not found:
        known = ", ".join(f"v{release.version}" for release in releases) or "none"
        raise BadInput(
            f"there is no release {version!r}",
            meaning=f"flyctl tells of the last {len(releases)}: {known}",
            fix="`inv fly.releases` lists what can be gone back to",
        )
    return found[0]


def version_of(releases: Sequence[Release], image: Reference) -> int:
    """Return the newest release of an image; 0 when there is none.

    Args:
        releases: the last ones, newest first, as flyctl gives them.
        image: the image.
    """
    found = (each.version for each in releases if each.image and same(parse(each.image), image))
    return next(found, 0)


def pinned_by(entries: Sequence[Entry], running: Sequence[Reference], image: Reference) -> Reference:
    """Return a tag with the digest that it had when it ran here; the tag itself when that is not known.

    Args:
        entries: the journal's.
        running: what runs now.
        image: what a release names.
    """
    if image.pinned:
        return image
    told = [text for entry in reversed(entries) for text in (entry.verified, entry.previous) if text]
    for known in (*running, *map(parse, told)):
        if known.pinned and (known.name, known.tag) == (image.name, image.tag):
            return known
    return image


def proof_of(entries: Sequence[Entry], app: str, image: Reference) -> Entry | None:
    """Return the newest entry that says an image was healthy."""
    for entry in reversed(entries):
        told = _told(entry) if entry.app == app else ""
        if told and same(parse(told), image):
            return entry
    return None


def sha_of(text: str) -> str:
    """Return the sha256 of a manifest's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _told(entry: Entry) -> str:
    """Return the image that an entry says was healthy."""
    return entry.verified or (entry.previous if entry.kind == STARTED else "")


def _best(facts: Facts, known: Sequence[Back]) -> Back | None:
    """Return the first that nothing speaks against; where something does against each, the first."""
    first = ""
    for back in known:
        against = objection(facts.journal, facts.app, back.image)
        if against is None:
            passed = f"{known[0].image.short} is passed over: {first}" if first else ""
            return msgspec.structs.replace(back, passed=passed)
        first = first or against.what
    return msgspec.structs.replace(known[0], passed=f"there is none better: {first}") if known else None


def _of_journal(facts: Facts, bad: Reference) -> Iterator[Back]:
    """Yield each image that was verified, the newest first."""
    newest: dict[str, str] = {}
    for entry in reversed(facts.journal):
        if entry.app == facts.app and (text := _told(entry)):
            newest.setdefault(text, entry.at)
    for text, at in newest.items():
        if not same(parse(text), bad):
            yield Back(parse(text), verified=True, why=f"it was healthy on {minute(at)}")


def _of_releases(facts: Facts, bad: Reference) -> Back | None:
    for release in facts.releases or []:
        if release.status not in DONE or not release.image:
            continue
        image = parse(release.image)
        if not same(image, bad) and objection(facts.journal, facts.app, image) is None:
            why = f"release v{release.version} is {release.status}; nobody has verified it"
            return Back(image, verified=False, why=why)
    return None


def _ran_with(entries: Sequence[Entry], app: str, image: Reference, other_than: str = "") -> Entry | None:
    """Return the newest verdict that proved an image healthy, and so knows the manifest it ran with."""
    for entry in reversed(entries):
        known = entry.kind == VERDICT and entry.app == app and entry.verified and entry.manifest_sha
        if known and entry.manifest_sha != other_than and same(parse(entry.verified), image):
            return entry
    return None


def _recorded_at(ws: Workspace, image: Reference) -> str:
    """Return the commit that recorded an image as published; empty when none did."""
    if not image.digest:
        return ""
    commits = _git(ws, ["log", "--format=%H", f"-S{image.digest}", "--", str(RECORD)]).split()
    return commits[-1] if commits else ""


def _git(ws: Workspace, arguments: Sequence[str]) -> str:
    """Return what git answers; empty when it has no answer, as outside of a repository."""
    if ws.runner.which("git") is None:
        return ""
    result = ws.runner.capture(["git", *arguments], timeout=30)
    return result.stdout if result.code == 0 else ""


def head(ws: Workspace) -> str:
    """Return the commit that the checkout is at; empty when there is none."""
    return _git(ws, ["rev-parse", "HEAD"]).strip()
