"""The skeleton of the lithium: the centre lines from its tips down to the anode, and how long they are.

Among the nodes of lithium, along edges of the mesh, the way from the anode to each tip is the shortest
(Dijkstra) when an edge counts its length over the square of its depth below the front: ways keep to the
middle of filaments. All ways together are a tree, whose zigzag along the edges is smoothed out: every node
but the ends moves to the mean of itself and its neighbours on the tree, as often as it takes to average over
half the 10–90 % width of the front. A straight line stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from fem_model.case.case import WIDTH_10_90
from fem_model.post.lithium import Array, Integers, on_anode
from fem_model.post.load import Run
from fem_model.post.tips import Tip
from fem_model.simplices import distinct_rows, edges_of

SHALLOW = 0.1
"""Depth over λ below which an edge counts as being at this depth."""


@dataclass(frozen=True)
class Skeleton:
    """A forest: each node but those on the anode hangs on one before it. Lengths in µm."""

    points: Array
    """(n, 3)."""
    parent: Integers
    """(n,), the node next on the way to the anode, which has a smaller number; -1 on the anode."""
    tips: Integers
    """The nodes at the tips, in the order of the tips."""

    @cached_property
    def edges(self) -> Integers:
        """(m, 2), each node with its parent."""
        child = np.flatnonzero(self.parent >= 0)
        return np.stack([self.parent[child], child], axis=1)

    @cached_property
    def lengths(self) -> Array:
        """Length of each edge."""
        return np.asarray(np.linalg.norm(np.diff(self.points[self.edges], axis=1)[:, 0], axis=1))

    @cached_property
    def way(self) -> Array:
        """(n,), length of the way from the anode to each node."""
        way = np.zeros(len(self.points))
        for (parent, child), length in zip(self.edges.tolist(), self.lengths.tolist(), strict=True):
            way[child] = way[parent] + length
        return way

    @property
    def branchings(self) -> int:
        """Nodes at which ways from tips meet."""
        return int((np.bincount(self.edges[:, 0], minlength=1) > 1).sum())

    def tortuosities(self) -> Array:
        """Length of the way from the anode over the height, for each tip."""
        height = self.points[self.tips, 2]
        return np.asarray(self.way[self.tips] / np.where(height > 0, height, 1.0))


def find_skeleton(run: Run, output: int, tips: Sequence[Tip]) -> Skeleton:
    """The skeleton of the lithium of a 3D run at an output, for its tips at that output."""
    xi, lam = run.field("xi", output), 1e6 * run.case.phase_field.lam
    if not tips:
        return Skeleton(np.empty((0, 3)), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
    before = _ways(run, output, xi >= 0.5, lam)
    chains = [_chain(before, _below(run, xi, tip)) for tip in tips]
    nodes = list(dict.fromkeys(node for chain in chains for node in chain))
    place = {node: k for k, node in enumerate(nodes)}
    parent = [place.get(int(before[node]), -1) for node in nodes]
    parent += [place[chain[-1]] for chain in chains]
    points = np.concatenate([run.points[nodes], [tip.point for tip in tips]])
    raw = Skeleton(points, np.array(parent), len(nodes) + np.arange(len(tips)))
    return Skeleton(_smoothed(raw, WIDTH_10_90 * lam / 2), raw.parent, raw.tips)


def _ways(run: Run, output: int, lithium: np.ndarray, lam: float) -> Integers:
    """For each node of lithium the node before it on the way from the anode, negative for none."""
    pairs = edges_of(run.cells)
    pairs = distinct_rows(pairs[lithium[pairs].all(axis=1)])[0]
    depth = np.maximum(KDTree(run.surfaces[output].points).query(run.points)[0], SHALLOW * lam)
    length = np.linalg.norm(np.diff(run.points[pairs], axis=1)[:, 0], axis=1)
    cost = length / depth[pairs].mean(axis=1) ** 2
    graph = coo_array((cost, pairs.T), shape=(len(lithium), len(lithium))).tocsr()
    starts = np.flatnonzero(on_anode(run.points) & lithium)
    found = dijkstra(graph, directed=False, indices=starts, return_predecessors=True, min_only=True)
    before: Integers = found[1].astype(np.int64)
    return before


def _below(run: Run, xi: Array, tip: Tip) -> int:
    """The node of lithium nearest to a tip in its cell."""
    corners = run.cells[tip.cell]
    corners = corners[xi[corners] >= 0.5]
    return int(corners[np.linalg.norm(run.points[corners] - tip.point, axis=1).argmin()])


def _chain(before: Integers, node: int) -> list[int]:
    """The nodes from the anode to a node."""
    chain = [node]
    while before[chain[-1]] >= 0:
        chain.append(int(before[chain[-1]]))
    return chain[::-1]


def _smoothed(tree: Skeleton, width: float) -> Array:
    """The points, averaged along the tree over about `width` (standard deviation), with its ends held."""
    count = len(tree.points)
    both = np.concatenate([tree.edges, tree.edges[:, ::-1]])
    links = coo_array((np.ones(len(both)), both.T), shape=(count, count)).tocsr()
    degree = np.maximum(links.sum(axis=1), 1)[:, None]
    free = (np.bincount(both[:, 0], minlength=count) > 1) & (tree.parent >= 0)
    points = tree.points.copy()
    times = 2 * (width / tree.lengths.mean()) ** 2 if len(tree.edges) else 0
    for _ in range(int(np.ceil(times))):
        points[free] = (0.5 * points + 0.5 * (links @ points) / degree)[free]
    return points
