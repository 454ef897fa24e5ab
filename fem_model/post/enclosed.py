"""Electrolyte that lithium encloses: no longer connected to the counter electrode, it carries no current."""

from typing import NamedTuple

import numpy as np

from fem_model.base.arrays import Bools
from fem_model.post.grains import HALF, share_above_half
from fem_model.post.lithium import pieces_of
from fem_model.post.load import Run
from fem_model.post.mesh import Mesh


class Enclosed(NamedTuple):
    """Electrolyte that lithium encloses at an output."""

    size: float
    """Area, in 3D volume, of the electrolyte, µm² (µm³)."""
    grains: int
    """Grains with more than half of their size in it."""


def find_enclosed(run: Run, output: int) -> Enclosed:
    """Electrolyte, ξ < ½, that is not connected to the counter electrode along edges of the mesh."""
    mesh, xi = run.mesh_at(output), run.field("xi", output)
    inside = _shut_off(mesh, xi < 0.5)[mesh.cells].any(axis=1)
    parts = np.where(inside, mesh.sizes * (1 - share_above_half(xi[mesh.cells])), 0.0)
    by_grain = np.bincount(mesh.grains.of_cell, parts, len(mesh.grains.number))
    return Enclosed(float(parts.sum()), int((by_grain > HALF * mesh.grains.size).sum()))


def _shut_off(mesh: Mesh, electrolyte: Bools) -> Bools:
    """The nodes of the electrolyte that are not connected to the counter electrode."""
    labels = pieces_of(mesh.cells, electrolyte)
    height = mesh.points[:, -1]
    top = height >= height.max() - 1e-6 * np.ptp(height)
    shut_off: Bools = electrolyte & ~np.isin(labels, labels[top & electrolyte])
    return shut_off
