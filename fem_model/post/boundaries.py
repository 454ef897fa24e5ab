"""The boundaries of the grains: where they are, and what lies near them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import KDTree

from fem_model.post.load import Array, Integers, Run

FINENESS = 20
"""Points on a boundary per distance asked for; the distance is then exact within 1/3200 of it."""


@dataclass(frozen=True)
class Boundaries:
    """All boundaries between grains, as edges of the mesh. Lengths in µm."""

    points: Array
    """Nodes of the mesh (N, 2)."""
    edges: Integers
    """Nodes (n, 2) of each edge."""
    pair: Integers
    """What each edge lies between, as its place in `pairs`."""
    pairs: tuple[str, ...]
    """Electrolytes on both sides, "A|B", names in alphabetical order; "A|A" between two grains of A."""

    @cached_property
    def lines(self) -> Array:
        """The ends (n, 2, 2) of each edge."""
        return self.points[self.edges]

    def near(self, points: Array, distance: float) -> Integers:
        """Pair of the nearest boundary of each point (m, 2); -1 where it is farther than `distance`."""
        if not len(self.edges) or not len(points):
            return np.full(len(points), -1)
        samples, edge = divide(self.lines[:, 0], self.lines[:, 1], distance / FINENESS)
        found = KDTree(samples).query(points, distance_upper_bound=distance)[1]
        return np.append(self.pair[edge], -1)[found]


def find_boundaries(run: Run) -> Boundaries:
    """The boundaries of a run's mesh: edges between cells of different grains."""
    edges = np.sort(run.cells[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    order = np.lexsort(edges.T)
    same = (edges[order[:-1]] == edges[order[1:]]).all(axis=1)
    beside = np.stack([order[:-1][same], order[1:][same]], axis=1) // 3
    apart = run.grain[beside[:, 0]] != run.grain[beside[:, 1]]
    names = np.sort(np.array(run.names)[run.material[beside[apart]]], axis=1)
    pairs, pair = np.unique([f"{a}|{b}" for a, b in names.tolist()], return_inverse=True)
    seams = edges[order[:-1][same][apart]]
    return Boundaries(run.points, seams, pair.astype(np.int64), tuple(pairs.tolist()))


def divide(start: Array, end: Array, largest: float) -> tuple[Array, Integers]:
    """The middles (m, 2) of equal parts of lines, none longer than `largest`, and the line of each part."""
    length = np.hypot(*(end - start).T)
    count = np.maximum(np.ceil(length / largest), 1).astype(np.int64)
    line = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    share = ((place + 0.5) / count[line])[:, None]
    return (1 - share) * start[line] + share * end[line], line
