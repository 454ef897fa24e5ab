"""Straight bands of different electrolytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fem_model.microstructure.polygons import Microstructure, Region

if TYPE_CHECKING:
    from fem_model.case.layouts import Layers


def layers(section: Layers, shares: Sequence[float]) -> Microstructure:
    """Bands side by side along x (vertical) or stacked from the anode up (horizontal), each a grain."""
    ends = np.concatenate([[0.0], np.cumsum(shares) / np.sum(shares)])
    ends[-1] = 1.0
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
