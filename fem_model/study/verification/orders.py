"""Errors over a size that is refined: their order, and the figure that shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE
from fem_model.study.verification.entry import Entry, absolute

MARKERS = "os^Dv<>p"
PANEL = (3.5, 3.6)
"""Width and height of a panel with its legend, inches."""
BELOW = (0.5, -0.18)
"""Place of the legend, in units of the axes."""


@dataclass(frozen=True)
class Curve:
    """Errors over sizes (cell size, time step), coarsest first, and the order they should have."""

    label: str
    sizes: Sequence[float]
    errors: Sequence[float]
    theory: float

    @property
    def order(self) -> float:
        """The p of error ∝ sizeᵖ, by least squares of the logarithms."""
        return float(np.polyfit(np.log(self.sizes), np.log(self.errors), 1)[0])

    def entry(self, name: str, what: str, tolerance: float) -> Entry:
        """The order of what converges held against the one it should have."""
        return absolute(name, f"order of the {what}", self.theory, self.order, tolerance)


@dataclass(frozen=True)
class Panel:
    """Curves that share their axes."""

    title: str
    xlabel: str
    ylabel: str
    curves: Sequence[Curve]


@rc_context(STYLE)
def draw_orders(panels: Sequence[Panel]) -> Figure:
    """Curves on logarithmic axes, each with a dotted line of the order it should have, panel beside panel."""
    figure = Figure(figsize=(PANEL[0] * len(panels), PANEL[1]), layout="constrained")
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        draw_panel(axes, panel)
    return figure


def draw_panel(axes: Axes, panel: Panel) -> None:
    """One panel of `draw_orders`."""
    for k, curve in enumerate(panel.curves):
        label = f"{curve.label}: {curve.order:.2f} ({curve.theory:.3g})"
        look = {"marker": MARKERS[k % len(MARKERS)], "ms": 3.5, "color": colour(k)}
        axes.loglog(curve.sizes, curve.errors, label=label, **look)
        sizes = np.array(curve.sizes)
        axes.loglog(
            sizes, 0.7 * curve.errors[-1] * (sizes / sizes[-1]) ** curve.theory, ":", color=GREY, lw=1
        )
    _label(axes, panel)


def _label(axes: Axes, panel: Panel) -> None:
    axes.set(xlabel=panel.xlabel, ylabel=panel.ylabel)
    axes.set_title(panel.title, fontsize=TITLE_SIZE)
    sizes = sorted({size for curve in panel.curves for size in curve.sizes})
    axes.set_xticks(sizes, [f"{size:.3g}" for size in sizes])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.legend(
        fontsize=7, title="order (theory)", title_fontsize=7, loc="upper center", bbox_to_anchor=BELOW
    )
