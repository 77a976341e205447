"""Panels as text: charts for a terminal, drawn by plotext."""

from collections.abc import Sequence

import msgspec

from pkg.fly.metrics.axis import ticks
from pkg.fly.metrics.measures import Points
from pkg.fly.metrics.panels import Panel, Scene, number

HEIGHT = 12
NARROWEST, WIDEST = 60, 110
# From so many columns on, two panels stand beside each other.
TWO = 2 * NARROWEST + 2
# Lines are told apart by colour; where there is none, by what they are made of.
COLOURS = (14, 11, 10, 13, 12, 9)  # of the 256 that terminals have
SIGNS = ("·", "x", "o", "+", "*", "#")


class Look(msgspec.Struct, frozen=True):
    """What is drawn on: its width in characters, and whether it shows colours."""

    width: int = 80
    colour: bool = False


def drawn(scene: Scene, look: Look) -> str:
    """Return all charts, two beside each other where there is room."""
    beside = 2 if look.width >= TWO else 1
    width = min(max((look.width - 2 * (beside - 1)) // beside, NARROWEST), WIDEST)
    narrow = msgspec.structs.replace(look, width=width)
    pictures = [_picture(scene, panel, narrow) for panel in scene.panels]
    rows = [pictures[at : at + beside] for at in range(0, len(pictures), beside)]
    return "\n\n".join(
        "\n".join("  ".join(line).rstrip() for line in zip(*_level(row, width), strict=True)) for row in rows
    )


def _level(row: Sequence[list[str]], width: int) -> list[list[str]]:
    """Return pictures of one height."""
    height = max(map(len, row))
    return [picture + [" " * width] * (height - len(picture)) for picture in row]


def _picture(scene: Scene, panel: Panel, look: Look) -> list[str]:
    title = f"{panel.title}, {panel.unit}"
    hidden = f" (and {panel.hidden} lower)" if panel.hidden else ""
    return [
        f"{title}{hidden}".ljust(look.width),
        *_legend(list(panel.lines), look),
        *_plot(scene, panel, look),
    ]


def _legend(machines: Sequence[str], look: Look) -> list[str]:
    """Return which line is which, as many on a line as fit."""
    rows: list[list[tuple[str, int]]] = [[]]
    for number_, machine in enumerate(machines):
        sign = SIGNS[number_ % len(SIGNS)]
        plain = f"{sign} {machine}  "
        colour = f"\x1b[38;5;{COLOURS[number_ % len(COLOURS)]}m━\x1b[0m"
        text = colour + plain[1:] if look.colour else plain
        if rows[-1] and sum(length for _, length in rows[-1]) + len(plain) > look.width:
            rows.append([])
        rows[-1].append((text, len(plain)))
    return [
        "".join(text for text, _ in row) + " " * (look.width - sum(length for _, length in row))
        for row in rows
    ]


def _plot(scene: Scene, panel: Panel, look: Look) -> list[str]:
    import plotext

    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.canvas("default")
    figure.plot_size(look.width, HEIGHT)
    for at, points in enumerate(panel.lines.values()):
        for run in runs(points, scene.span.step):
            marker = SIGNS[at % len(SIGNS)]
            if look.colour:
                marker = plotext.marker("braille", pixel=COLOURS[at % len(COLOURS)])
            signal = figure.signal([when for when, _ in run], [value for _, value in run], marker=marker)
            signal.lines(active=len(run) > 1)
            figure.draw(signal)
    for mark in scene.marks:
        figure.line(mark.at, "vertical", style="dotted")
    ceiling = rounded_up(1.05 * panel.top)
    figure.ruler("y").lim(0, ceiling)
    steps = [ceiling * part / 2 for part in range(3)]
    figure.ruler("y").ticks(steps, [number(value).rjust(6) for value in steps])
    figure.ruler("x").lim(scene.span.start, scene.span.end)
    places = ticks(scene.span, scene.marks, look.width - 9)
    figure.ruler("x").ticks([when for when, _ in places], [text for _, text in places])
    text: str = figure.build().string(colorless=not look.colour)
    return text.splitlines()


def runs(points: Points, step: float) -> list[Points]:
    """Return points in runs without a gap: where a machine did not run, no line is drawn."""
    found: list[Points] = []
    for point in points:
        if not found or point[0] - found[-1][-1][0] > 1.5 * step:
            found.append([])
        found[-1].append(point)
    return found


def rounded_up(value: float) -> float:
    """Return the next number above that reads well on an axis: 1, 2, 2.5 or 5 times a power of ten."""
    if value < 1e-6:
        return 1.0
    power = 1.0
    while power * 10 <= value:
        power *= 10
    while power > value:
        power /= 10
    return next((power * times for times in (1, 2, 2.5, 5, 10) if power * times >= value), value)
