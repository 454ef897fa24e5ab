"""The boundaries of the grains: where they are, and what lies near them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import KDTree

from fem_model.base.arrays import Floats, Ints
from fem_model.base.simplices import sides
from fem_model.post.division import divide

if TYPE_CHECKING:
    from fem_model.post.mesh import Mesh

FINENESS = {2: 20, 3: 5}
"""Points on a boundary per distance asked for, by dimension: it is then exact within 1/3200, in 3D 1 %."""


@dataclass(frozen=True)
class Boundaries:
    """All boundaries between grains, as edges of the mesh, in 3D as its triangles. Lengths in µm."""

    points: Floats
    """Nodes of the mesh (N, d)."""
    facets: Ints
    """Nodes (n, d) of each edge or triangle."""
    pair: Ints
    """Pair of materials that each lies between, as its place in `pairs`."""
    grains: Ints
    """Numbers (n, 2) of the grains on both sides, the smaller first."""
    pairs: tuple[str, ...]
    """Electrolytes on both sides, "A|B", names in alphabetical order; "A|A" between two grains of A."""

    @cached_property
    def corners(self) -> Floats:
        """The corners (n, d, d) of each edge or triangle."""
        return self.points[self.facets]

    def near(self, points: Floats, distance: float) -> Ints:
        """Pair of the nearest boundary of each point (m, d); -1 if it is farther than `distance`."""
        return np.append(self.pair, -1)[self.nearest(points, distance)]

    def nearest(self, points: Floats, distance: float) -> Ints:
        """The nearest edge (triangle) of each point (m, d); -1 if it is farther than `distance`."""
        samples, facet = self.samples(points, distance, distance)
        if not len(samples):
            return np.full(len(points), -1)
        nearest: Ints = np.append(facet, -1)[KDTree(samples).query(points, distance_upper_bound=distance)[1]]
        return nearest

    def samples(self, points: Floats, distance: float, reach: float) -> tuple[Floats, Ints]:
        """Points on boundaries that may be within `reach` of some of `points` (m, d), and the facet of each.

        They stand so densely that a `distance` is found exactly enough.
        """
        if not len(points) or not len(self.facets):
            return np.empty((0, self.points.shape[1])), np.empty(0, dtype=np.int64)
        middle = self.corners.mean(axis=1)
        radius = np.linalg.norm(self.corners - middle[:, None], axis=2).max(axis=1)
        farthest = reach + float(radius.max())
        near = KDTree(points).query(middle, distance_upper_bound=farthest)[0] <= reach + radius
        samples, whose = divide(self.corners[near], distance / FINENESS[self.points.shape[1]])
        return samples, np.flatnonzero(near)[whose]


def find_boundaries(mesh: Mesh) -> Boundaries:
    """The boundaries in a mesh: edges (triangles) between cells of different grains."""
    found = sides(mesh.cells)
    inner = found.times == 2
    beside = found.cells[inner]
    grains = np.sort(mesh.grain[beside], axis=1)
    apart = grains[:, 0] != grains[:, 1]
    names = np.sort(np.array(mesh.names)[mesh.material[beside[apart]]], axis=1)
    pairs, pair = np.unique([f"{a}|{b}" for a, b in names.tolist()], return_inverse=True)
    seams = found.facets[inner][apart]
    return Boundaries(mesh.points, seams, pair.astype(np.int64), grains[apart], tuple(pairs.tolist()))
