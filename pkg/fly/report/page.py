"""The page: one HTML file, without a script and without anything to load."""

from datetime import datetime
from pathlib import Path

from pkg.fly.report import sections
from pkg.fly.report.gather import AppReport, Report
from pkg.fly.report.markup import Markup, element, joined
from pkg.fly.report.tables import Cell, table
from pkg.fly.report.words import BAD, badge, said, tone

STYLE = Path(__file__).with_name("style.css")
# Nothing may be loaded or run, whatever a name or a log line holds.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


# By this a page is known again.
MADE = element("meta", name="generator", content="inv fly.report")


def page(report: Report) -> str:
    """Return the page as the text of a file."""
    title = f"Report: {', '.join(one.app for one in report.apps)}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        MADE,
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", title),
        element("link", rel="icon", href="data:,"),
        element("style", Markup(STYLE.read_text(encoding="utf-8"))),
    )
    body = element(
        "body",
        element("a", "To the apps", href="#apps", class_="skip"),
        _header(report),
        element("main", _overview(report), *(_app(report, one) for one in report.apps), id="apps"),
        _footer(report),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def moment(when: datetime) -> Markup:
    """Return a moment, for people and for programs."""
    return element("time", f"{when:%Y-%m-%d %H:%M} UTC", datetime=f"{when:%Y-%m-%dT%H:%M:%SZ}")


def _header(report: Report) -> Markup:
    simulated = badge("simulated: nothing here is real", "care") if report.simulated else None
    return element(
        "header",
        element("h1", "What runs on Fly.io"),
        element("p", "As of ", moment(report.at), ". All times are in UTC.", class_="quiet"),
        element("p", simulated) if simulated else None,
    )


def _footer(report: Report) -> Markup:
    return element(
        "footer",
        element("p", "Made by ", element("code", "inv fly.report"), f" with flyctl {report.flyctl}."),
        element("p", "What is shown was asked at once; it may have changed since."),
    )


def _overview(report: Report) -> Markup:
    rows: list[list[Cell]] = [
        [
            element("a", one.app, href=f"#{_anchor(one)}"),
            _health(one),
            str(len(one.health)) if one.machines.value else "-",
            sections.image_of(one),
            sections.places(one),
            sections.worries(one, report.at),
        ]
        for one in report.apps
    ]
    caption = "Every app, and what to look at first"
    lost = " and ".join(one.app for one in report.apps if one.machines.error)
    unknown = f"The machines of {lost} could not be read: how they are is not known."
    return element(
        "section",
        element("h2", "Apps", id="overview"),
        said(unknown, BAD) if lost else None,
        table(caption, ("App", "Health", "Machines", "Image", "Regions", "To look at"), rows),
        aria_labelledby="overview",
    )


def _app(report: Report, one: AppReport) -> Markup:
    name = _anchor(one)
    parts = (
        ("Machines by region", sections.machines(one)),
        ("Checks", sections.checks(one)),
        ("Metrics", sections.metrics(one)),
        ("Releases and verdicts", sections.timeline(one, report.journal)),
        ("Certificates", sections.certificates(one, report.at)),
        ("Volumes", sections.volumes(one)),
        ("Tokens", sections.tokens(one, report.at)),
    )
    return element(
        "section",
        element("div", element("h2", one.app, id=name), _health(one), class_="head"),
        *(joined(element("h3", title), shown) for title, shown in parts),
        class_="app",
        aria_labelledby=name,
    )


def _health(one: AppReport) -> Markup:
    return badge(str(one.condition) if one.condition else "unknown", tone(one.condition))


def _anchor(one: AppReport) -> str:
    return f"app-{one.app}"
