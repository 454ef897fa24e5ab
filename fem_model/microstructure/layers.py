"""Straight bands of different electrolytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fem_model.base.arrays import Floats
from fem_model.microstructure.polygons import Microstructure, Region
from fem_model.microstructure.polyhedra import Polyhedra

if TYPE_CHECKING:
    from fem_model.case.layouts import Layers


def layers(section: Layers, shares: Sequence[float]) -> Microstructure | Polyhedra:
    """Bands side by side along x (vertical) or stacked from the anode up (horizontal), each a grain."""
    ends = np.concatenate([[0.0], np.cumsum(shares) / np.sum(shares)])
    ends[-1] = 1.0
    return _bands(section, ends) if section.dim == 2 else _slabs(section, ends)


def _bands(section: Layers, ends: Floats) -> Microstructure:
    vertical = section.bands == "vertical"
    across = np.array([0.0, 1.0])
    x, y = np.meshgrid(ends, across, indexing="ij") if vertical else np.meshgrid(across, ends)
    points = np.column_stack([x.ravel() * section.width, y.ravel() * section.depth])
    corners = (0, 2, 3, 1) if vertical else (0, 1, 3, 2)  # of the first band, anticlockwise
    regions = tuple(
        Region(layer.material, grain=band + 1, polygon=tuple(2 * band + corner for corner in corners))
        for band, layer in enumerate(section.layers)
    )
    return Microstructure(points, regions)


def _slabs(section: Layers, ends: Floats) -> Polyhedra:
    """Slabs in 3D. Four points lie at each end of a band, anticlockwise when seen from the next end."""
    axis = 0 if section.bands == "vertical" else 2
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    points = np.empty((len(ends), 4, 3))
    points[:, :, axis] = ends[:, None]
    points[:, :, [(axis + 1) % 3, (axis + 2) % 3]] = square
    last = len(section.layers) - 1
    faces, beside = [(3, 2, 1, 0)], [(0, -1)]
    for band in range(last + 1):
        low, high = 4 * band, 4 * (band + 1)
        for k in range(4):
            after = (k + 1) % 4
            faces.append((low + k, low + after, high + after, high + k))
            beside.append((band, -1))
        faces.append((high, high + 1, high + 2, high + 3))
        beside.append((band, band + 1 if band < last else -1))
    names = tuple(layer.material for layer in section.layers)
    return Polyhedra(points.reshape(-1, 3) * section.extent, tuple(faces), np.array(beside), names)
