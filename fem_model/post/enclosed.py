"""Electrolyte that lithium encloses: no longer connected to the counter electrode, it carries no current."""

from typing import NamedTuple

import numpy as np

from fem_model.post.grains import HALF, Grains, cell_sizes, share_above_half
from fem_model.post.lithium import Bools, pieces_of
from fem_model.post.load import Run


class Enclosed(NamedTuple):
    """What lithium encloses at an output."""

    size: float
    """Area, in 3D volume, of the electrolyte, µm² (µm³)."""
    grains: int
    """Grains with more than half of their size in it."""


def find_enclosed(run: Run, output: int, grains: Grains) -> Enclosed:
    """Electrolyte, ξ < ½, that is not connected to the counter electrode along edges of the mesh."""
    xi = run.field("xi", output)[run.cells]
    inside = _shut_off(run, output)[run.cells].any(axis=1)
    parts = np.where(inside, cell_sizes(run) * (1 - share_above_half(xi)), 0.0)
    by_grain = np.bincount(grains.of_cell, parts, len(grains.number))
    return Enclosed(float(parts.sum()), int((by_grain > HALF * grains.size).sum()))


def _shut_off(run: Run, output: int) -> Bools:
    """The nodes of the electrolyte that are not connected to the counter electrode."""
    electrolyte = run.field("xi", output) < 0.5
    labels = pieces_of(run.cells, electrolyte)
    height = run.points[:, -1]
    top = height >= height.max() - 1e-6 * np.ptp(height)
    shut_off: Bools = electrolyte & ~np.isin(labels, labels[top & electrolyte])
    return shut_off
