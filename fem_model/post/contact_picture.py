"""Contact of the lithium electrodes over time, and how uneven the current is on them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_model.base.arrays import Bools, Floats
from fem_model.plot.palette import colour
from fem_model.plot.style import ELECTRODE, time_unit
from fem_model.post.load import Run
from fem_model.post.page import figure_of, panels
from fem_model.record.observables.contact import FACES
from fem_model.record.observables.time import TIME
from fem_model.record.observables.voltage import CURRENT

LEGEND = 0.55
"""Height of the legend above the curves, inches."""
EVEN = (0.99, 1.02)
"""Least range of the axis of current focusing, in which an even current is a flat line."""


def contact_figure(run: Run) -> Figure:
    """Share of each electrode's face in contact, below it the current focusing; stripping is grey."""
    contact, focusing = panels(run, 2, above=LEGEND)
    unit, seconds = time_unit(run.end)
    t = run.series[TIME.name] / seconds
    for axes in (contact, focusing):
        _shade(axes, t, run.series[CURRENT.name] < 0)
        axes.set(xlabel=f"Time ({unit})", xlim=(0, t[-1] or 1))
    there = [columns for columns in FACES.values() if columns["share"].name in run.series]
    for k, columns in enumerate(there):
        contact.plot(t, run.on_paper(columns["share"]), color=colour(k), label=columns["share"].label)
        values = run.on_paper(columns["focusing"])
        focusing.plot(t, np.where(values > 0, values, np.nan), color=colour(k))
    contact.set(ylabel="Share of the face in contact", ylim=(0, 1.05))
    low, high = focusing.get_ylim()
    focusing.set(ylabel="Largest over mean current", ylim=(min(low, EVEN[0]), max(high, EVEN[1])))
    contact.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), borderaxespad=0.2)
    return figure_of(contact)


def _shade(axes: Axes, t: Floats, stripped: Bools) -> None:
    """Grey where the anode is stripped."""
    over_all = axes.get_xaxis_transform()
    label = "anode stripped" if stripped.any() else None
    axes.fill_between(t, 0, 1, where=stripped, color=ELECTRODE, lw=0, transform=over_all, label=label)
