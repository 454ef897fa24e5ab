"""What is measured on the front connected to the anode: length, heights, roughness. Lengths in µm."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from fem_model.post.boundaries import Boundaries, divide
from fem_model.post.contour import FrontLine
from fem_model.post.load import Array, Integers

COLUMNS = 1000
"""Places along the anode at which the height of the front is taken."""
PARTS = 50
"""Parts per distance into which the front is cut to find what of it is near a boundary."""


@dataclass(frozen=True)
class Pieces:
    """Straight pieces of front, each within one cell."""

    start: Array
    end: Array
    cell: Integers

    @property
    def length(self) -> Array:
        """Length of each piece."""
        lengths: Array = np.hypot(*(self.end - self.start).T)
        return lengths


def pieces(front: Iterable[FrontLine], attached: bool = True) -> Pieces:
    """The pieces of the lines that are (or are not) connected to the anode."""
    lines = [line for line in front if line.attached is attached]
    nothing = np.empty((0, 2))
    return Pieces(
        np.concatenate([nothing, *(line.points[:-1] for line in lines)]),
        np.concatenate([nothing, *(line.points[1:] for line in lines)]),
        np.concatenate([np.empty(0, dtype=np.int64), *(line.cells for line in lines)]),
    )


def lengths(front: Pieces, material: Integers, count: int) -> Array:
    """Length of the front within each of `count` electrolytes; `material` is that of each cell."""
    return np.bincount(material[front.cell], front.length, count).astype(float)


def highest(front: Pieces, material: Integers, count: int) -> Array:
    """Highest point of the front within each electrolyte; 0 where there is none."""
    top = np.zeros(count)
    np.maximum.at(top, material[front.cell], np.maximum(front.start[:, 1], front.end[:, 1]))
    return top


def lengths_near(front: Pieces, boundaries: Boundaries, distance: float) -> Mapping[str, float]:
    """Length of the front within a distance of a boundary, by what the nearest boundary lies between."""
    middles, piece = divide(front.start, front.end, distance / PARTS)
    part = (front.length / np.bincount(piece, minlength=len(front.cell)))[piece]
    pair = boundaries.near(middles, distance)
    sums = np.bincount(pair[pair >= 0], part[pair >= 0], len(boundaries.pairs))
    return dict(zip(boundaries.pairs, sums.tolist(), strict=True))


def height_profile(front: Pieces, left: float, right: float, columns: int = COLUMNS) -> Array:
    """Height of the highest point of the front over the middles of equal columns; 0 where there is none."""
    heights = np.zeros(columns)
    if len(front.cell):
        place = [(end[:, 0] - left) / (right - left) * columns - 0.5 for end in (front.start, front.end)]
        first, last = (np.ceil(np.minimum(*place)), np.floor(np.maximum(*place)))
        count = np.clip(last - first + 1, 0, None).astype(np.int64)
        piece = np.repeat(np.arange(len(count)), count)
        column = first[piece].astype(np.int64) + np.arange(len(piece)) - (np.cumsum(count) - count)[piece]
        rise = place[1] - place[0]
        share = (column - place[0][piece]) / np.where(rise == 0, 1.0, rise)[piece]
        y = (1 - share) * front.start[piece, 1] + share * front.end[piece, 1]
        np.maximum.at(heights, column, y)
    return heights
