"""The materials of a mesh at the points of a regular lattice. Numpy only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fem_model.base.arrays import Floats, Ints
from fem_model.mesh.msh import NamedMesh

POINTS = {2: 2**20, 3: 2**21}
"""Points of a lattice, about, by dimension."""
CHUNK = 2_000_000  # pairs of point and cell treated at once
TOLERANCE = 1e-9  # of barycentric coordinates: points on a facet are in one of its cells


@dataclass(frozen=True, eq=False)
class Lattice:
    """Indices of materials in the middles of equal boxes that fill the extent of a mesh; -1 outside it."""

    label: Ints  # (n₁, …)
    spacing: Floats  # (d,), in the mesh's unit of length


def sample_lattice(mesh: NamedMesh, points: int | None = None) -> Lattice:
    """The materials at about `points` points, with steps that are as equal as they can be.

    A point is in a cell where none of its barycentric coordinates is negative; each cell looks at the points
    within its bounding box.
    """
    extent = np.ptp(mesh.points, axis=0)
    step = (np.prod(extent) / (points or POINTS[mesh.dim])) ** (1.0 / mesh.dim)
    shape = np.maximum(np.rint(extent / step), 1).astype(np.int64)
    spacing = extent / shape
    corners = ((mesh.points - mesh.points.min(axis=0)) / spacing - 0.5)[mesh.cells]  # points are at integers
    label = np.full(shape, -1)
    inverse = np.linalg.inv(corners[:, 1:] - corners[:, :1])
    for cell, place in _candidates(corners):
        weight = np.einsum("ni,nij->nj", place - corners[cell, 0], inverse[cell])
        inside = (weight >= -TOLERANCE).all(axis=1) & (weight.sum(axis=1) <= 1.0 + TOLERANCE)
        label[tuple(place[inside].T)] = mesh.material[cell[inside]]
    return Lattice(label, spacing)


def _candidates(corners: Floats) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of a cell and a lattice point (n, d) in its bounding box, in parts."""
    first = np.ceil(corners.min(axis=1) - TOLERANCE).astype(np.int64)
    last = np.floor(corners.max(axis=1) + TOLERANCE).astype(np.int64)
    sides = last - first + 1
    count = sides.prod(axis=1)
    end = np.cumsum(count)
    for some in np.split(np.arange(len(corners)), np.searchsorted(end, np.arange(CHUNK, end[-1], CHUNK))):
        cell = np.repeat(some, count[some])
        rest = np.arange(len(cell)) - np.repeat(np.cumsum(count[some]) - count[some], count[some])
        place = np.empty((len(cell), corners.shape[2]), dtype=np.int64)
        for axis in reversed(range(corners.shape[2])):
            rest, place[:, axis] = np.divmod(rest, sides[cell, axis])
        yield cell, place + first[cell]
