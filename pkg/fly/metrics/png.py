"""Panels as a picture, drawn by matplotlib, which is installed only by who wants pictures."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pkg.fly.metrics.axis import ticks
from pkg.fly.metrics.chart import runs
from pkg.fly.metrics.panels import Scene
from pkg.shell.errors import BadInput, Failure

if TYPE_CHECKING:
    from matplotlib.figure import Figure  # type: ignore[import-not-found,unused-ignore]  # only in `charts`

INCHES = (9.0, 2.1)  # of one panel
DOTS = 120  # an inch
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")


def require(path: Path) -> None:
    """Refuse a picture that could not be drawn, before anything is asked.

    Raises:
        BadInput: the file does not end in .png.
        Failure: matplotlib is not installed.
    """
    if path.suffix.lower() != ".png":
        raise BadInput(f"--png {path} does not end in .png", fix="--png metrics.png")
    if find_spec("matplotlib") is None:
        raise Failure(
            "pictures need matplotlib, which is not installed here",
            meaning="charts in the terminal need nothing more: leave --png out",
            fix="./dev uv pip install --group charts, then run it again",
        )


def save(path: Path, scene: Scene) -> None:
    """Write the charts into a file.

    Args:
        path: ends in .png.
        scene: what is drawn.

    Raises:
        BadInput: the file does not end in .png.
        Failure: matplotlib is not installed, or the file cannot be written.
    """
    require(path)
    from matplotlib.figure import Figure

    figure = Figure(figsize=(INCHES[0], INCHES[1] * len(scene.panels) + 0.5), layout="constrained")
    _draw(figure, scene)
    try:
        figure.savefig(path, dpi=DOTS, format="png")
    except OSError as error:
        raise Failure(
            f"{path} could not be written: {error.strerror}", fix="name another file, or make room"
        ) from error


def _draw(figure: "Figure", scene: Scene) -> None:
    figure.suptitle(scene.title)
    every = figure.subplots(len(scene.panels), 1, sharex=True, squeeze=False)
    for axes, panel in zip(every[:, 0], scene.panels, strict=True):
        axes.set_title(f"{panel.title}, {panel.unit}", loc="left", fontsize=9)
        for at, (machine, points) in enumerate(panel.lines.items()):
            for first, run in enumerate(runs(points, scene.span.step)):
                axes.plot(
                    [when for when, _ in run],
                    [value for _, value in run],
                    color=COLOURS[at % len(COLOURS)],
                    marker="." if len(run) == 1 else None,
                    label=None if first else machine,
                )
        for mark in scene.marks:
            axes.axvline(mark.at, color="0.5", linestyle=":")
        axes.set_ylim(bottom=0)
        axes.set_xlim(scene.span.start, scene.span.end)
        axes.grid(visible=True, color="0.9")
        axes.tick_params(labelsize=8)
        above = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "frameon": False}
        axes.legend(fontsize=7, ncols=len(panel.lines), borderaxespad=0.2, **above)
    places = ticks(scene.span, scene.marks, 100)
    every[-1, 0].set_xticks([when for when, _ in places], [text for _, text in places], fontsize=8)
