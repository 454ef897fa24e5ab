"""The front cut into its straight pieces, in 2D and 3D alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fem_model.base.arrays import Floats, Ints
from fem_model.base.simplices import sizes_between
from fem_model.post.contour import FrontLine


@dataclass(frozen=True)
class Pieces:
    """Straight pieces of front, each within one cell: lines in 2D, triangles in 3D."""

    corners: Floats
    """(n, d, d)."""
    cell: Ints

    @cached_property
    def size(self) -> Floats:
        """Length of each line, area (µm²) of each triangle."""
        return sizes_between(self.corners)


def pieces(front: Iterable[FrontLine], attached: bool = True) -> Pieces:
    """The pieces of the lines that are (or are not) connected to the anode."""
    lines = [line for line in front if line.attached is attached]
    ends = [np.stack([line.points[:-1], line.points[1:]], axis=1) for line in lines]
    return Pieces(
        np.concatenate([np.empty((0, 2, 2)), *ends]),
        np.concatenate([np.empty(0, dtype=np.int64), *(line.cells for line in lines)]),
    )
