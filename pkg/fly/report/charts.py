"""Metrics as inline SVG: only lines are drawn, what is to be read is text that keeps its size."""

from collections.abc import Sequence

from pkg.fly.durations import shown
from pkg.fly.metrics import panels
from pkg.fly.metrics.axis import clock
from pkg.fly.metrics.chart import rounded_up, runs
from pkg.fly.metrics.measures import Mark, Measured, Points
from pkg.fly.metrics.panels import Panel, Scene, number
from pkg.fly.metrics.prometheus import Span
from pkg.fly.report.markup import Markup, element, joined
from pkg.fly.report.tables import Cell, table

# The drawing's own units; it is stretched to its place.
WIDTH, HEIGHT = 1000.0, 100.0
# Labels of releases that are nearer than so many percent of the width would overlap.
NEAR = 9.0


def charts(measured: Measured) -> Markup:
    """Return a figure for each quantity, and the table that sums them up."""
    scene = panels.scene(measured)
    over = shown(measured.span.end - measured.span.start)
    caption = f"Means of the last {over}, by machine"
    rows: list[list[Cell]] = [list(row) for row in panels.rows(measured)]
    return joined(
        element("div", *(_figure(scene, panel) for panel in scene.panels), class_="charts"),
        element("p", _statuses(measured), class_="quiet"),
        table(
            caption,
            ("Machine", "Region", "CPU", "Memory", "In", "Out", "Requests", "5xx", "p50", "p95"),
            rows,
        ),
    )


def _statuses(measured: Measured) -> str:
    shares = [f"{status}: {number(share)}%" for status, share in panels.statuses(measured).items()]
    return f"HTTP answers by status: {', '.join(shares)}" if shares else "No HTTP answers were counted."


def _figure(scene: Scene, panel: Panel) -> Markup:
    ceiling = rounded_up(1.05 * panel.top)
    hidden = f" (and {panel.hidden} lower)" if panel.hidden else ""
    return element(
        "figure",
        element("figcaption", f"{panel.title}, {panel.unit}{hidden}"),
        element(
            "div",
            _drawing(scene, panel, ceiling),
            element("span", f"{number(ceiling)} {panel.unit}", class_="top", aria_hidden="true"),
            element("span", number(ceiling / 2), class_="half", aria_hidden="true"),
            *_releases(scene.marks, scene.span),
            class_="plot",
        ),
        element(
            "div",
            element("span", clock(scene.span.start, scene.span)),
            element("span", clock((scene.span.start + scene.span.end) / 2, scene.span)),
            element("span", f"{clock(scene.span.end, scene.span)} UTC"),
            class_="times",
            aria_hidden="true",
        ),
        element("ul", *(_key(at, machine) for at, machine in enumerate(panel.lines)), class_="lines"),
    )


def _drawing(scene: Scene, panel: Panel, ceiling: float) -> Markup:
    grid = [_path(f"M0 {y:g}H{WIDTH:g}", "grid") for y in (0.0, HEIGHT / 2)]
    marks = [_path(f"M{_across(mark.at, scene.span):.1f} 0V{HEIGHT:g}", "mark") for mark in scene.marks]
    lines = [
        _path(_course(points, scene.span, ceiling), f"line-{at % panels.SHOWN}")
        for at, points in enumerate(panel.lines.values())
    ]
    return element(
        "svg",
        element("title", _words(scene, panel)),
        *grid,
        *marks,
        *lines,
        viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}",
        preserveAspectRatio="none",
        role="img",
        aria_label=_words(scene, panel),
    )


def _words(scene: Scene, panel: Panel) -> str:
    """Return a chart in words, for who does not see it."""
    lines = []
    for machine, points in panel.lines.items():
        values = [value for _, value in points]
        lines.append(
            f"{machine} between {number(min(values))} and {number(max(values))}, last {number(values[-1])}"
        )
    over = shown(scene.span.end - scene.span.start)
    return f"{panel.title} of {scene.title} in {panel.unit}, the last {over}: {'; '.join(lines)}."


def _course(points: Points, span: Span, ceiling: float) -> str:
    """Return the way of a line: with a gap where a machine did not run, a dot where it was seen once."""
    parts = []
    for run in runs(points, span.step):
        places = [f"{_across(when, span):.1f} {HEIGHT * (1 - value / ceiling):.2f}" for when, value in run]
        parts.append("M" + "L".join(places) + ("h0.1" if len(run) == 1 else ""))
    return "".join(parts)


def _across(when: float, span: Span) -> float:
    return WIDTH * (when - span.start) / (span.end - span.start)


def _releases(marks: Sequence[Mark], span: Span) -> list[Markup]:
    """Return the labels of the releases, without those that would cover another one."""
    found: list[Markup] = []
    last = 0.0
    for mark in reversed(marks):
        at = 100 * _across(mark.at, span) / WIDTH
        if found and last - at < NEAR:
            continue
        last = at
        found.append(element("span", mark.text, class_="release", style=f"left: {min(at, 97):.1f}%"))
    return found


def _key(at: int, machine: str) -> Markup:
    sample = element(
        "svg", _path("M0 5H26", f"line-{at % panels.SHOWN}"), viewBox="0 0 26 10", aria_hidden="true"
    )
    return element("li", sample, element("code", machine))


def _path(way: str, class_: str) -> Markup:
    return element("path", d=way, class_=class_)
