"""Measures of the front connected to the anode: its size, heights, roughness. Lengths in µm."""

from collections.abc import Mapping

import numpy as np

from fem_model.base.arrays import Floats, Ints
from fem_model.post.boundaries import Boundaries
from fem_model.post.division import divide_lines
from fem_model.post.pieces import Pieces

COLUMNS = 1000
"""Places along the anode at which the height of the front is taken."""
PARTS = 50
"""Parts per distance into which the front is cut to find what of it is near a boundary."""


def sizes(front: Pieces, material: Ints, count: int) -> Floats:
    """Size of the front within each of `count` electrolytes; `material` is that of each cell."""
    return np.bincount(material[front.cell], front.size, count).astype(float)


def highest(front: Pieces, material: Ints, count: int) -> Floats:
    """Highest point of the front within each electrolyte; 0 where there is none."""
    top = np.zeros(count)
    np.maximum.at(top, material[front.cell], front.corners[:, :, -1].max(axis=1, initial=0.0))
    return top


def lengths_near(front: Pieces, boundaries: Boundaries, distance: float) -> Mapping[str, float]:
    """Length, in 2D, of the front within a distance of a boundary, by what the nearest one lies between."""
    middles, piece = divide_lines(front.corners, distance / PARTS)
    part = (front.size / np.bincount(piece, minlength=len(front.cell)))[piece]
    pair = boundaries.near(middles, distance)
    sums = np.bincount(pair[pair >= 0], part[pair >= 0], len(boundaries.pairs))
    return dict(zip(boundaries.pairs, sums.tolist(), strict=True))


def height_profile(front: Pieces, left: float, right: float, columns: int = COLUMNS) -> Floats:
    """Height, in 2D, of the highest point of the front over the middles of equal columns; 0 where none is."""
    heights = np.zeros(columns)
    if len(front.cell):
        start, end = front.corners.transpose(1, 0, 2)
        place = [(x - left) / (right - left) * columns - 0.5 for x in (start[:, 0], end[:, 0])]
        first, last = (np.ceil(np.minimum(*place)), np.floor(np.maximum(*place)))
        count = np.clip(last - first + 1, 0, None).astype(np.int64)
        piece = np.repeat(np.arange(len(count)), count)
        column = first[piece].astype(np.int64) + np.arange(len(piece)) - (np.cumsum(count) - count)[piece]
        rise = place[1] - place[0]
        share = (column - place[0][piece]) / np.where(rise == 0, 1.0, rise)[piece]
        y = (1 - share) * start[piece, 1] + share * end[piece, 1]
        np.maximum.at(heights, column, y)
    return heights
