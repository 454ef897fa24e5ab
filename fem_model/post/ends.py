"""The ends of lithium, in whatever direction they point: from where the way to the anode is longest."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.simplices import connected, distinct_edges, sizes_of
from fem_model.post.lithium import on_anode
from fem_model.post.load import Run
from fem_model.post.peaks import prominences


@dataclass(frozen=True)
class Links:
    """The edges of the mesh between nodes of lithium, and what leads from the anode along them."""

    edges: Ints
    """(m, 2)."""
    lengths: Floats
    """(m,), µm."""
    starts: Ints
    """The nodes of lithium on the anode."""
    count: int
    """All nodes of the mesh."""

    @cached_property
    def way(self) -> Floats:
        """(count,), length of the shortest way from the anode to each node, µm; infinite where none leads."""
        return np.asarray(dijkstra(self.graph(self.lengths), indices=self.starts, min_only=True))

    def before(self, cost: Floats) -> Ints:
        """The node before each on its cheapest way from the anode, negative for none; `cost` by edge."""
        found = dijkstra(self.graph(cost), indices=self.starts, return_predecessors=True, min_only=True)
        before: Ints = found[1].astype(np.int64)
        return before

    def graph(self, weights: Floats) -> csr_array:
        """The edges with weights (m,), in both directions."""
        both = np.concatenate([self.edges, self.edges[:, ::-1]])
        shape = (self.count, self.count)
        return coo_array((np.concatenate([weights, weights]), both.T), shape=shape).tocsr()

    @cached_property
    def reached(self) -> Ints:
        """(k, 2), the edges to which a way leads from the anode."""
        return self.edges[np.isfinite(self.way)[self.edges].all(axis=1)]

    def ends(self, least: float) -> list[int]:
        """The ends, farthest first: nodes from which one must go back by `least` (µm) to come farther.

        The farthest of all always counts. Where two arms have met, the way is longest as well: such a place
        is no end, as from it two arms lead back.
        """
        way = np.where(np.isfinite(self.way), self.way, 0.0)
        peaks = sorted(prominences(self.reached, way), key=lambda peak: -way[peak[0]])
        far = [peak for k, peak in enumerate(peaks) if k == 0 or peak[1] >= least]
        return [node for node, drop in far if self._arms(self.around(node, min(drop, 2 * least))) <= 1]

    def around(self, node: int, depth: float) -> Bools:
        """The nodes (count,) to which one comes from this one without going back by `depth`, µm."""
        beyond = self.way > self.way[node] - depth
        piece = connected(self.reached[beyond[self.reached].all(axis=1)], self.count)
        return np.asarray(beyond & (piece == piece[node]))

    def _arms(self, part: Bools) -> int:
        """Number of arms that lead to a part of the nodes."""
        rim = np.unique(self.reached[part[self.reached].any(axis=1)])
        rim = rim[~part[rim]]
        along = np.isin(self.reached, rim).all(axis=1)
        return len(np.unique(connected(self.reached[along], self.count)[rim]))


def links_of(run: Run, output: int) -> Links:
    """The links within the lithium of a run at an output."""
    mesh, lithium = run.mesh_at(output), run.field("xi", output) >= 0.5
    edges = distinct_edges(mesh.cells)[0]
    edges = edges[lithium[edges].all(axis=1)]
    mouths = np.flatnonzero(on_anode(mesh.points) & lithium)
    return Links(edges, sizes_of(mesh.points, edges), mouths, len(lithium))
