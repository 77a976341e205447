"""The sections of an app: each a table, a time line or charts, or a sentence on why there is none."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from pkg.fly.health import MachineHealth, one_image
from pkg.fly.image import parse
from pkg.fly.journal import Entry, Story, stories
from pkg.fly.metrics.panels import errors_now, number
from pkg.fly.models import Release
from pkg.fly.moments import moment
from pkg.fly.objections import objection
from pkg.fly.report.charts import charts
from pkg.fly.report.gather import AppReport, Part
from pkg.fly.report.markup import Markup, element, joined
from pkg.fly.report.tables import Cell, table
from pkg.fly.report.words import BAD, CARE, GOOD, badge, said, tone
from pkg.fly.tokens import state as token_state

T = TypeVar("T")
# So many releases and deploys are shown.
SHOWN = 12
# A certificate that has so few days left should be looked at.
SOON = 14
# Percent of answers that are 5xx, from which on somebody should look.
MANY = 1.0


def machines(one: AppReport) -> Markup:
    """Return the machines, those of a region together."""
    every = sorted(
        [*one.health, *one.by_hand], key=lambda machine: (machine.region, machine.group, machine.id)
    )
    rows: list[list[Cell]] = [
        [
            element("code", machine.id),
            machine.region,
            machine.group or "(by hand)",
            machine.state,
            _image(machine),
            machine.checks,
            _condition(machine),
        ]
        for machine in every
    ]
    heads = ("Machine", "Region", "Group", "State", "Image", "Checks", "Health")
    caption = f"{counted(len(every), 'machine')}: {', '.join(_by_region(every))}"
    return _shown(one.machines, bool(rows), "It has no machines.", lambda: table(caption, heads, rows))


def checks(one: AppReport) -> Markup:
    """Return what each check of each machine says, those that fail first."""
    found = [(machine, check) for machine in one.found for check in machine.checks or []]
    found.sort(key=lambda pair: (pair[1].status == "passing", pair[0].region, pair[0].id, pair[1].name))
    rows: list[list[Cell]] = [
        [
            element("code", machine.id),
            check.name,
            badge(check.status, tone(check.status)),
            (check.output or "").strip() or "-",
        ]
        for machine, check in found
    ]
    failing = sum(check.status != "passing" for _, check in found)
    caption = f"{counted(len(found), 'check')}, {failing} not passing"
    heads = ("Machine", "Check", "Status", "It says")
    return _shown(
        one.machines, bool(rows), "Nothing checks its machines.", lambda: table(caption, heads, rows)
    )


def timeline(one: AppReport, journal: Sequence[Entry]) -> Markup:
    """Return the releases as Fly tells them, and the deploys as this checkout judged them, newest first."""
    events = [
        (moment(release.created_at), _release(release, _against(one.app, release, journal)))
        for release in one.releases.value or []
    ]
    events += [(moment(story.started.at), _story(story)) for story in stories(journal, one.app)]
    events.sort(key=lambda event: event[0], reverse=True)
    shown = element("ol", *(item for _, item in events[:SHOWN]), class_="timeline")
    more = f"{len(events) - SHOWN} older ones are not shown." if len(events) > SHOWN else None
    return joined(
        _unread(one.releases),
        shown if events else element("p", "Nothing was released yet.", class_="quiet"),
        element("p", more, class_="quiet") if more else None,
    )


def metrics(one: AppReport) -> Markup:
    """Return the charts."""
    measured = one.metrics.value
    return _shown(
        one.metrics,
        measured is not None and not measured.empty,
        "Nothing was measured in this time.",
        lambda: charts(measured) if measured else joined(),
    )


def certificates(one: AppReport, now: datetime) -> Markup:
    """Return the certificates with the days that each has left, the shortest first."""
    found = sorted(one.certificates.value or [], key=lambda each: (each.ok, each.expires or now, each.host))
    rows: list[list[Cell]] = [
        [
            each.host,
            badge(each.status, GOOD if each.ok else BAD),
            each.issuer or "-",
            _day(each.expires),
            _days(each.expires, now),
            each.problem or "-",
        ]
        for each in found
    ]
    heads = ("Host", "Status", "Issuer", "Ends", "Days left", "Problem")
    caption = counted(len(rows), "certificate")
    return _shown(
        one.certificates, bool(rows), "It has no certificates.", lambda: table(caption, heads, rows)
    )


def volumes(one: AppReport) -> Markup:
    """Return the volumes."""
    rows: list[list[Cell]] = [
        [
            element("code", volume.id),
            volume.name,
            f"{volume.size_gb} GB",
            volume.region,
            volume.state,
            element("code", volume.attached_machine_id) if volume.attached_machine_id else "attached to none",
            "encrypted" if volume.encrypted else "not encrypted",
        ]
        for volume in one.volumes.value or []
    ]
    heads = ("Volume", "Name", "Size", "Region", "State", "Machine", "Encryption")
    caption = counted(len(rows), "volume")
    return _shown(one.volumes, bool(rows), "It has no volumes.", lambda: table(caption, heads, rows))


def tokens(one: AppReport, now: datetime) -> Markup:
    """Return the tokens with their ends; their values are shown nowhere."""
    found = sorted(one.tokens.value or [], key=lambda each: (each.revoked, each.expires or now))
    rows: list[list[Cell]] = [
        [
            each.name,
            each.by,
            _day(each.expires),
            _days(each.expires, now),
            badge(token_state(each, now), tone(token_state(each, now))),
        ]
        for each in found
    ]
    heads = ("Token", "Made by", "Ends", "Days left", "State")
    caption = counted(len(rows), "token")
    return _shown(one.tokens, bool(rows), "It has no tokens of its own.", lambda: table(caption, heads, rows))


def counted(count: int, thing: str) -> str:
    """Return how many things there are."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def image_of(one: AppReport) -> str:
    """Return the image that all machines run."""
    image = one_image(one.health)
    return image.short if image else "several" if one.health else "-"


def places(one: AppReport) -> str:
    """Return the regions."""
    return ", ".join(sorted({machine.region for machine in one.health})) or "-"


def worries(one: AppReport, now: datetime) -> Cell:
    """Return what of an app should be looked at first."""
    found = [f"{machine.id} is {machine.condition}" for machine in one.health if machine.bad]
    if one.metrics.value and (errors := errors_now(one.metrics.value)) > MANY:
        found.append(f"{number(errors)}% of its answers are 5xx")
    found += [f"{each.host}: {each.problem}" for each in one.certificates.value or [] if each.problem]
    ending = [each for each in one.tokens.value or [] if token_state(each, now) == "ends soon"]
    found += [f"the token {each.name} ends soon" for each in ending]
    found += [f"{name} could not be read" for name in one.unread]
    return element("ul", *(element("li", each) for each in found), class_="plain") if found else "nothing"


def _shown(part: Part[T], there: bool, nothing: str, show: Callable[[], Markup]) -> Markup:  # noqa: FBT001  one of three
    """Return what a part shows: why it could not be read, that there is nothing, or what there is."""
    if part.error:
        return joined(_unread(part))
    return show() if there else element("p", nothing, class_="quiet")


def _unread(part: Part[T]) -> Markup | None:
    return said(f"This could not be read: {part.error}", BAD) if part.error else None


def _by_region(machines: Iterable[MachineHealth]) -> list[str]:
    counts: dict[str, int] = {}
    for machine in machines:
        counts[machine.region] = counts.get(machine.region, 0) + 1
    return [f"{count} in {region}" for region, count in sorted(counts.items())]


def _image(machine: MachineHealth) -> Markup:
    digest = machine.image.digest
    return joined(element("code", machine.image.short), f" {digest[7:15]}" if digest else None)


def _condition(machine: MachineHealth) -> Markup:
    why = f" {machine.why}" if machine.why else None
    return joined(badge(str(machine.condition), tone(machine.condition)), why)


def _against(app: str, release: Release, journal: Sequence[Entry]) -> str:
    """Return what speaks against a release's image, in a word; empty for nothing."""
    found = objection(journal, app, parse(release.image)) if release.image else None
    return found.word if found else ""


def _release(release: Release, against: str) -> Markup:
    by = f" by {release.user.email}" if release.user and release.user.email else ""
    how = tone(release.status)
    return element(
        "li",
        element("strong", f"v{release.version} "),
        badge(release.status, how),
        joined(" ", badge(against, BAD)) if against else None,
        f" {_when(release.created_at)}, released{by}",
        element("br"),
        element("code", parse(release.image).short if release.image else "no image"),
        class_=f"is-{BAD if against else how}",
    )


def _story(story: Story) -> Markup:
    """Return a deploy or a rollback from this checkout: its verdict, and what led to it."""
    verdict = story.verdict
    ended = verdict.verdict if verdict else "no end"
    how = tone(ended) if verdict else BAD
    notes = verdict.notes if verdict else [f"the last that is known of it: {story.stopped_at}"]
    took = f", {verdict.seconds:.0f} s" if verdict else ""
    return element(
        "li",
        element("strong", f"{story.started.task} "),
        badge(ended, how),
        joined(" ", badge("answered worse", CARE)) if verdict and verdict.worse else None,
        f" {_when(story.started.at)}, by {story.started.who}{took}",
        element("br"),
        element("code", parse(story.started.image).short if story.started.image else "no image"),
        element("ul", *(element("li", note) for note in notes)) if notes else None,
        class_=f"is-{how}",
    )


def _when(text: str) -> str:
    return f"{moment(text):%Y-%m-%d %H:%M}"


def _day(when: datetime | None) -> Cell:
    return element("time", f"{when:%Y-%m-%d}", datetime=f"{when:%Y-%m-%dT%H:%M:%SZ}") if when else "-"


def _days(when: datetime | None, now: datetime) -> Markup:
    """Return how many days are left until a moment."""
    if when is None:
        return joined("-")
    left = (when - now).days
    how = BAD if left < 0 else CARE if left < SOON else GOOD
    return badge("over" if left < 0 else str(left), how)
