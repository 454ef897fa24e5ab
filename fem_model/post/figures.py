"""The figures of a run: where the front went, the voltage, the tips, the potential, the lithium in 3D."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from fem_model.base.atomic import make_own_folder
from fem_model.case.drives import Potentiostatic
from fem_model.plot.palette import colour
from fem_model.plot.saving import save_figure
from fem_model.plot.style import LITHIUM, STYLE, plain, time_unit
from fem_model.post.analysis import Analysis
from fem_model.post.caption import at_last_output
from fem_model.post.contact_picture import contact_figure
from fem_model.post.conversion_picture import ConversionPicture
from fem_model.post.front_picture import FrontPicture
from fem_model.post.load import Run, load_run
from fem_model.post.page import figure_of, new_page, panels
from fem_model.post.potential_picture import PotentialPicture
from fem_model.post.solid_picture import lithium_figure, skeleton_figure
from fem_model.post.toughness_picture import ToughnessPicture
from fem_model.record.observables.time import TIME
from fem_model.record.observables.tips import TIP, TIP_IN
from fem_model.record.observables.voltage import CURRENT, PARTS, VOLTAGE

DASHES: Final[Sequence[Any]] = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (5, 1.2, 1.2, 1.2)))
"""Lines of the parts of the voltage, which may lie on one another."""
LEGEND_LINE: Final = 0.17
"""Height of a line of the legend above a curve, inches."""
Drawing = Callable[[Analysis], Figure]


@rc_context(STYLE)
def draw_front(analysis: Analysis) -> Figure:
    """The contours ξ = ½ at the output times, coloured by time, over the electrolytes and their grains.

    Where lithium is not connected to the anode its contour is dotted; the lithium of the start is filled.
    In 3D those of the section.
    """
    picture = FrontPicture(analysis.flat)
    figure, foot = new_page(analysis.run, *picture.page.size, *analysis.cut)
    picture.draw(figure, foot)
    return figure


@rc_context(STYLE)
def draw_potential(analysis: Analysis) -> Figure:
    """Potential of the electrolyte at the last output, with equipotentials, front and paths of the current.

    The paths start at the counter electrode such that equal current flows between any two neighbours.
    """
    picture = PotentialPicture(analysis)
    figure, foot = new_page(analysis.run, *picture.page.size, *picture.notes)
    picture.draw(figure, foot)
    return figure


@rc_context(STYLE)
def draw_voltage(analysis: Analysis) -> Figure:
    """Voltage over time; where the voltage is given, also the current density over time."""
    run = analysis.run
    curves = (VOLTAGE, CURRENT) if isinstance(run.case.drive, Potentiostatic) else (VOLTAGE,)
    unit, seconds = time_unit(run.end)
    t = run.series[TIME.name] / seconds
    for axes, column in zip(above := panels(run, len(curves)), curves, strict=True):
        axes.plot(t, run.on_paper(column), color="black")
        axes.set(ylabel=column.axis, xlabel=f"Time ({unit})", xlim=(0, t[-1] or 1))
    return figure_of(above[0])


@rc_context(STYLE)
def draw_voltage_split(analysis: Analysis) -> Figure:
    """The voltage over time and the parts that sum up to it, as far as the series holds them."""
    run = analysis.run
    parts = [column for column in PARTS if column.name in run.series]
    (axes,) = panels(run, 1, above=LEGEND_LINE * (len(parts) + 1))
    unit, seconds = time_unit(run.end)
    t = run.series[TIME.name] / seconds
    axes.plot(t, run.on_paper(VOLTAGE), color="black", label=VOLTAGE.label)
    for k, part in enumerate(parts):
        axes.plot(t, run.on_paper(part), color=colour(k), linestyle=DASHES[k], label=part.label)
    axes.axhline(0, color=LITHIUM, linewidth=0.8, zorder=0)
    axes.set(xlabel=f"Time ({unit})", ylabel=VOLTAGE.axis, xlim=(0, t[-1] or 1))
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), borderaxespad=0.2)
    return figure_of(axes)


@rc_context(STYLE)
def draw_tips(analysis: Analysis) -> Figure:
    """Height over time of the highest point of the front connected to the anode, overall and by electrolyte.

    An electrolyte has no line while no such front stands in it; its line falls where a tip leaves its grains.
    """
    run = analysis.run
    (axes,) = panels(run, 1)
    unit, seconds = time_unit(run.end)
    t = run.series[TIME.name] / seconds
    axes.plot(t, run.on_paper(TIP), color=LITHIUM, linewidth=4, label="overall")
    for name in run.names:
        own = TIP_IN.of(name)
        if own.name in run.series:
            tip = run.on_paper(own)
            axes.plot(t, np.where(tip > 0, tip, np.nan), color=run.colours[name], label=plain(own.label))
    axes.set(xlabel=f"Time ({unit})", ylabel=TIP.axis, xlim=(0, t[-1] or 1), ylim=(0, None))
    axes.legend(loc="best")
    return figure_of(axes)


@rc_context(STYLE)
def draw_lithium(analysis: Analysis) -> Figure:
    """Draw in 3D the lithium at the last output among the grains, which are cut open."""
    return lithium_figure(analysis)


@rc_context(STYLE)
def draw_skeleton(analysis: Analysis) -> Figure:
    """Draw in 3D the centre lines of the lithium from the anode to its tips."""
    return skeleton_figure(analysis)


@rc_context(STYLE)
def draw_conversion(analysis: Analysis) -> Figure:
    """Draw the conversion at the last output; in 3D in the section."""
    picture = ConversionPicture(analysis.flat)
    figure, foot = new_page(analysis.run, *picture.page.size, at_last_output(analysis.run), *analysis.cut)
    picture.draw(figure, foot)
    return figure


@rc_context(STYLE)
def draw_toughness(analysis: Analysis) -> Figure:
    """The boundaries between grains by their fracture toughness, with the fronts; in 3D those of the section.

    Flaws have no toughness of their own here: they show as the lithium of the start.
    """
    picture = ToughnessPicture(analysis.flat)
    figure, foot = new_page(analysis.run, *picture.page.size, *analysis.cut)
    picture.draw(figure, foot)
    return figure


@rc_context(STYLE)
def draw_contact(analysis: Analysis) -> Figure:
    """Draw the share of each electrode's face in contact, and the current focusing there, over time."""
    return contact_figure(analysis.run)


AT_THE_END: Mapping[str, Drawing] = {
    "front": draw_front,
    "voltage": draw_voltage,
    "tips": draw_tips,
    "potential": draw_potential,
    "lithium": draw_lithium,
    "conversion": draw_conversion,
    "contact": draw_contact,
}
"""Figures drawn when a run ends, by file name, if they apply to it."""

ALL: Mapping[str, Drawing] = {
    **AT_THE_END,
    "voltage_split": draw_voltage_split,
    "skeleton": draw_skeleton,
    "toughness": draw_toughness,
}
"""Figures that `fem-model post` draws."""

ONLY_IN = {2: {"potential"}, 3: {"lithium", "skeleton"}}
"""Figures that make sense in 2D, and in 3D."""


def applicable(run: Run, drawings: Mapping[str, Drawing] = ALL) -> dict[str, Drawing]:
    """Drawings that make sense for a run: by its dimension, and by what is in it."""
    left_out = ONLY_IN[5 - run.dim] | (set() if run.case.reactions else {"conversion"})
    left_out |= set() if run.case.intrusion else {"toughness"}
    left_out |= set() if run.case.voids else {"contact"}
    return {name: draw for name, draw in drawings.items() if name not in left_out}


def comparable(runs: Sequence[Run]) -> bool:
    """True if runs can be drawn side by side: several, all in 2D."""
    return len(runs) > 1 and all(run.dim == 2 for run in runs)


def draw_figures(folder: str | Path) -> list[Path]:
    """Draw the figures that belong to the end of a run, as `save_figures` does.

    Raises InputError as `load_run` does, or if the figures cannot be written.
    """
    return save_figures(Analysis(load_run(folder)), AT_THE_END)


def save_figures(analysis: Analysis, drawings: Mapping[str, Drawing], *, pdf: bool = False) -> list[Path]:
    """Draw the figures that apply into the folder `figures` of a run, and return their paths.

    A figure replaces the one before it as a whole.
    """
    target = analysis.run.folder / "figures"
    make_own_folder(target)
    chosen = applicable(analysis.run, drawings).items()
    return [path for name, draw in chosen for path in save_figure(draw(analysis), target / name, pdf=pdf)]
