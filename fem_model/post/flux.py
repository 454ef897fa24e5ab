"""The picture of steady conduction: where the current goes, and how unevenly."""

import numpy as np
import numpy.typing as npt
from matplotlib import rc_context
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from fem_model.post.style import STYLE

Array = npt.NDArray[np.float64]
BINS = 120
SHOWN = 99.5
"""Percentile of the flux at which the colours end."""


@rc_context(STYLE)
def draw_flux(triangles: Array, flux: Array, volumes: Array, title: str) -> Figure:
    """Map and histogram of |j| over its mean; `triangles` (cells, 3, 2) in µm."""
    figure = Figure(figsize=(6.8, 3.2), layout="constrained")
    figure.suptitle(title, fontsize=9)
    field, histogram = figure.subplots(1, 2, width_ratios=(1.15, 1))
    top = float(np.percentile(flux, SHOWN))
    cells = PolyCollection(list(triangles), array=flux, cmap="cividis", clim=(0.0, top), rasterized=True)
    cells.set(edgecolor="face", linewidth=0.1)
    field.add_collection(cells)
    field.set(xlabel="x (µm)", ylabel="y (µm)", aspect="equal")
    field.autoscale_view()
    figure.colorbar(cells, ax=field, label="|j| / mean current density", extend="max")
    histogram.hist(flux, bins=BINS, range=(0.0, top), weights=volumes / volumes.sum(), color="#0072b2")
    histogram.set(xlabel="|j| / mean current density", ylabel="Share of the volume", yscale="log")
    return figure
