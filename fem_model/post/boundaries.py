"""The boundaries of the grains: where they are, and what lies near them."""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from scipy.spatial import KDTree

from fem_model.post.lithium import Array, Integers
from fem_model.post.load import Run

FINENESS = 20
"""Points on a boundary per distance asked for; the distance is then exact within 1/3200 of it."""


@dataclass(frozen=True)
class Boundaries:
    """All boundaries between grains, as edges of the mesh, in 3D as its triangles. Lengths in µm."""

    points: Array
    """Nodes of the mesh (N, d)."""
    facets: Integers
    """Nodes (n, d) of each edge or triangle."""
    pair: Integers
    """What each lies between, as its place in `pairs`."""
    pairs: tuple[str, ...]
    """Electrolytes on both sides, "A|B", names in alphabetical order; "A|A" between two grains of A."""

    @cached_property
    def corners(self) -> Array:
        """The corners (n, d, d) of each edge or triangle."""
        return self.points[self.facets]

    def near(self, points: Array, distance: float) -> Integers:
        """In 2D: pair of the nearest boundary of each point (m, 2); -1 if it is farther than `distance`."""
        if not len(self.facets) or not len(points):
            return np.full(len(points), -1)
        samples, edge = divide(self.corners[:, 0], self.corners[:, 1], distance / FINENESS)
        found = KDTree(samples).query(points, distance_upper_bound=distance)[1]
        return np.append(self.pair[edge], -1)[found]


def find_boundaries(run: Run) -> Boundaries:
    """The boundaries of a run's mesh: edges (triangles) between cells of different grains."""
    count = run.cells.shape[1]
    sides = list(combinations(range(count), count - 1))
    facets = np.sort(run.cells[:, sides].reshape(-1, count - 1), axis=1)
    order = np.lexsort(facets.T)
    same = (facets[order[:-1]] == facets[order[1:]]).all(axis=1)
    beside = np.stack([order[:-1][same], order[1:][same]], axis=1) // count
    apart = run.grain[beside[:, 0]] != run.grain[beside[:, 1]]
    names = np.sort(np.array(run.names)[run.material[beside[apart]]], axis=1)
    pairs, pair = np.unique([f"{a}|{b}" for a, b in names.tolist()], return_inverse=True)
    seams = facets[order[:-1][same][apart]]
    return Boundaries(run.points, seams, pair.astype(np.int64), tuple(pairs.tolist()))


def divide(start: Array, end: Array, largest: float) -> tuple[Array, Integers]:
    """The middles (m, 2) of equal parts of lines, none longer than `largest`, and the line of each part."""
    length = np.hypot(*(end - start).T)
    count = np.maximum(np.ceil(length / largest), 1).astype(np.int64)
    line = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    share = ((place + 0.5) / count[line])[:, None]
    return (1 - share) * start[line] + share * end[line], line
