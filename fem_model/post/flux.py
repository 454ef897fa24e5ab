"""The picture of steady conduction: where the current goes, and how unevenly."""

import numpy as np
from matplotlib import rc_context
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from fem_model.base.arrays import Floats
from fem_model.plot.style import STYLE

BINS = 120
SHOWN = 0.995
"""Share of the volume below the flux at which the colours and the histogram end."""


@rc_context(STYLE)
def draw_flux(triangles: Floats, flux: Floats, volumes: Floats, title: str) -> Figure:
    """Map and histogram of |j| over its mean; `triangles` (cells, 3, 2) in µm.

    The bars sum up to 1: the last one holds all that is higher as well.
    """
    figure = Figure(figsize=(6.8, 3.2), layout="constrained")
    figure.suptitle(title, fontsize=9)
    field, histogram = figure.subplots(1, 2, width_ratios=(1.15, 1))
    share = volumes / volumes.sum()
    top = _quantile(flux, share, SHOWN)
    cells = PolyCollection(list(triangles), array=flux, cmap="cividis", clim=(0.0, top), rasterized=True)
    cells.set(edgecolor="face", linewidth=0.1)
    field.add_collection(cells)
    field.set(xlabel="x (µm)", ylabel="y (µm)", aspect="equal")
    field.autoscale_view()
    figure.colorbar(cells, ax=field, label="|j| / mean current density", extend="max")
    histogram.hist(np.minimum(flux, top), bins=BINS, range=(0.0, top), weights=share, color="#0072b2")
    label = "|j| / mean current density (last bar: and above)"
    histogram.set(xlabel=label, ylabel="Share of the volume", yscale="log")
    return figure


def _quantile(values: Floats, share: Floats, wanted: float) -> float:
    """The smallest value such that values up to it have at least the share `wanted`."""
    order = np.argsort(values)
    place = int(np.searchsorted(np.cumsum(share[order]), wanted))
    return float(values[order][min(place, len(values) - 1)])
