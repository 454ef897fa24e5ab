"""A figure of the two-point probabilities of the materials."""

import fem_model._matplotlib_first  # noqa: F401

# isort: split
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_model.mesh.descriptors import UNIT, Descriptors
from fem_model.microstructure.correlation import DEBYE
from fem_model.plot.palette import material_colours
from fem_model.plot.saving import save_picture

DPI = 150


def plot_correlation(found: Descriptors, png: Path) -> None:
    """Draw S₂(r) with φ², and the covariance with the slope that the interfaces of the mesh give."""
    figure = Figure(figsize=(10.0, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    widths = np.linspace(4.0, 1.5, len(found.correlation))  # of two materials the covariances are the same
    colours = material_colours(found.correlation)
    for name, width in zip(found.correlation, widths, strict=True):
        _draw(left, right, found, name, colours[name], width)
    left.plot([], [], color="0.4", linestyle=":", label="φ²")
    right.plot([], [], color="0.4", linestyle="--", label="slope by the interfaces of the mesh")
    right.axhline(0.0, color="0.4", linewidth=0.8)
    left.set(ylabel="Both ends in the material, S₂", ylim=(0.0, None))
    right.set(ylabel="Covariance / φ(1 − φ)", ylim=(None, 1.0))
    for axes in (left, right):
        axes.set(xlabel="Distance r (µm)", xlim=(0.0, None))
        axes.legend(frameon=False)
    save_picture(figure, png, dpi=DPI)


def _draw(left: Axes, right: Axes, found: Descriptors, name: str, colour: str, width: float) -> None:
    two = found.correlation[name]
    r, variance = two.r / UNIT, two.fraction * (1.0 - two.fraction)
    left.plot(r, two.both, color=colour, label=name)
    left.axhline(two.fraction**2, color=colour, linestyle=":", linewidth=1.0)
    if variance > 0.0:
        slope = found.statistics.interface_area(name) / DEBYE[found.dim] / variance
        start = np.linspace(0.0, min(1.0 / slope, r[-1]), 2)
        right.plot(r, 1.0 - two.unlike / variance, color=colour, linewidth=width, label=name)
        right.plot(start, 1.0 - slope * start, color=colour, linestyle="--", linewidth=1.0)
