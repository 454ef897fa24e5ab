"""The figures of a run: where the front went, the voltage, and the tips by electrolyte."""

import os
import textwrap
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_model.case.sections import Potentiostatic
from fem_model.materials import column_name
from fem_model.post.caption import caption
from fem_model.post.front_picture import FrontPicture
from fem_model.post.load import Array, Run, load_run
from fem_model.post.style import CAPTION_SIZE, GREY, LITHIUM, STYLE, TITLE_SIZE, colour, plain, time_unit

FORMATS = ("png", "pdf")
CURVES = (3.8, 2.4)
"""Width and height of the axes of a curve, inches."""
LEFT, BELOW, RIGHT = 0.65, 0.5, 0.15
"""Margins of a curve, inches."""
LINE = 0.13
"""Height of a line of the caption, inches."""


def draw_figures(folder: str | Path) -> list[Path]:
    """Draw all figures of a run into its folder `figures`, each as PNG and PDF, and return their paths.

    A figure replaces the one before it as a whole. Raises InputError as `load_run` does.
    """
    run = load_run(folder)
    target = run.folder / "figures"
    target.mkdir(exist_ok=True)
    return [path for name, draw in FIGURES.items() for path in _save(draw(run), target / name)]


@rc_context(STYLE)
def draw_front(run: Run) -> Figure:
    """The contours ξ = ½ at the output times, coloured by time, over the electrolytes.

    Where lithium is not connected to the anode its contour is dotted; the lithium of the start is filled.
    """
    picture = FrontPicture(run)
    figure, foot = _page(run, *picture.size)
    picture.draw(figure, foot)
    return figure


@rc_context(STYLE)
def draw_voltage(run: Run) -> Figure:
    """Voltage over time; where the voltage is given, also the current density over time."""
    panels = [("Voltage (mV)", 1e3 * run.series["voltage_V"])]
    if isinstance(run.case.drive, Potentiostatic):
        panels.append(("Current density (mA/cm²)", 0.1 * run.series["current_density_A_m2"]))
    unit, t = _time(run)
    for axes, (label, values) in zip(column := _panels(run, len(panels)), panels, strict=True):
        axes.plot(t, values, color="black")
        axes.set(ylabel=label, xlabel=f"Time ({unit})", xlim=(0, t[-1] or 1))
    return _figure_of(column[0])


@rc_context(STYLE)
def draw_tips(run: Run) -> Figure:
    """Height over time of the highest point of the front connected to the anode, overall and by electrolyte.

    An electrolyte has no line while no such front stands in it.
    """
    (axes,) = _panels(run, 1)
    unit, t = _time(run)
    axes.plot(t, 1e6 * run.series["tip_m"], color=LITHIUM, linewidth=4, label="overall")
    for k, name in enumerate(run.names):
        tip = run.series.get(f"tip_{column_name(name)}_m")
        if tip is not None:
            axes.plot(t, np.where(tip > 0, 1e6 * tip, np.nan), color=colour(k), label=f"in {plain(name)}")
    axes.set(xlabel=f"Time ({unit})", ylabel="Height of the tip (µm)", xlim=(0, t[-1] or 1), ylim=(0, None))
    axes.legend(loc="best")
    return _figure_of(axes)


FIGURES: Mapping[str, Callable[[Run], Figure]] = {
    "front": draw_front,
    "voltage": draw_voltage,
    "tips": draw_tips,
}
"""What `draw_figures` draws, by file name."""


def _page(run: Run, width: float, height: float) -> tuple[Figure, float]:
    """A figure with room of this size (inches) between caption and title, and where that room begins."""
    text = caption(run, int(width * 72 / (0.54 * CAPTION_SIZE)))
    title = textwrap.fill(plain(run.case.title), int(width * 72 / (0.56 * TITLE_SIZE)))
    foot = 0.12 + LINE * (text.count("\n") + 1)
    head = 0.1 + (0.17 * (title.count("\n") + 1) if title else 0.0)
    total = foot + height + head
    figure = Figure(figsize=(width, total))
    figure.text(0.1 / width, 0.08 / total, text, fontsize=CAPTION_SIZE, color=GREY, va="bottom")
    figure.text(0.1 / width, 1 - 0.08 / total, title, fontsize=TITLE_SIZE, va="top")
    return figure, foot


def _panels(run: Run, count: int) -> list[Axes]:
    """Axes for curves, one below the other, on a page of their own."""
    width, height = CURVES
    figure, foot = _page(run, LEFT + width + RIGHT, count * (BELOW + height))
    page_width, page_height = figure.get_size_inches()
    bottoms = [foot + BELOW + k * (BELOW + height) for k in reversed(range(count))]
    boxes = [(LEFT / page_width, y / page_height, width / page_width, height / page_height) for y in bottoms]
    return [figure.add_axes(box) for box in boxes]


def _figure_of(axes: Axes) -> Figure:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure


def _time(run: Run) -> tuple[str, Array]:
    """Unit and values of the times of the series."""
    t = run.series["t_s"]
    unit, seconds = time_unit(float(t[-1]))
    return unit, t / seconds


def _save(figure: Figure, stem: Path) -> list[Path]:
    """Write the figure in all formats, each aside and then renamed."""
    paths = [stem.with_name(f"{stem.name}.{suffix}") for suffix in FORMATS]
    for path, suffix in zip(paths, FORMATS, strict=True):
        data = BytesIO()
        with rc_context(STYLE):
            figure.savefig(data, format=suffix)
        aside = path.with_name(f".{path.name}.part")
        aside.write_bytes(data.getvalue())
        os.replace(aside, path)
    return paths
