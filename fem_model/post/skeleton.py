"""The skeleton of the lithium: the centre lines from its tips and ends down to the anode, and their lengths.

Among the nodes of lithium, along edges of the mesh, the way from the anode to each tip is the shortest
(Dijkstra) when an edge counts its length over the square of its depth below the front: ways keep to the
middle of filaments. So do the ways to ends that are no tips, as they point aside or down, unless another way
comes nearer to them than the 10–90 % width of the front. All ways together are a tree, whose zigzag along the
edges is smoothed out: every node but the ends moves to the mean of itself and its neighbours on the tree, as
often as it takes to average over half that width. A straight line stays as it is.

Each end is that of an arm, whichever way it points. A tip, a highest point, may be the end of an arm, or the
flank of one that lies down.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.spatial import KDTree

from fem_model.base.arrays import Floats, Ints
from fem_model.base.simplices import sizes_between, sizes_of
from fem_model.case.rules import WIDTH_10_90
from fem_model.post.ends import Links, links_of
from fem_model.post.load import Run
from fem_model.post.tips import Tip, node_below

SHALLOW = 0.1
"""Depth over λ below which an edge counts as being at this depth."""


class Arm(NamedTuple):
    """An arm of the lithium, whichever way it points."""

    end: int
    """The node of the mesh that is farthest from the anode along the lithium."""
    head: Ints
    """The nodes of the mesh that are less than a width of the front nearer, with the end."""
    node: int
    """The node of the skeleton at its end: a tip that is in its head, or its own."""


@dataclass(frozen=True)
class Skeleton:
    """A forest: each node but those on the anode hangs on one before it. Lengths in µm."""

    points: Floats
    """(n, d)."""
    parent: Ints
    """(n,), the node next on the way to the anode, which has a smaller number; -1 on the anode."""
    tips: Ints
    """The nodes at the tips, in the order of the tips."""
    arms: Sequence["Arm"]
    """Farthest first."""
    shortest: float
    """Length from which what leaves a way is an arm."""

    @cached_property
    def edges(self) -> Ints:
        """(m, 2), each node with its parent."""
        child = np.flatnonzero(self.parent >= 0)
        return np.stack([self.parent[child], child], axis=1)

    @cached_property
    def lengths(self) -> Floats:
        """Length of each edge."""
        return sizes_of(self.points, self.edges)

    @cached_property
    def way(self) -> Floats:
        """(n,), length of the way from the anode to each node."""
        way = np.zeros(len(self.points))
        for (parent, child), length in zip(self.edges.tolist(), self.lengths.tolist(), strict=True):
            way[child] = way[parent] + length
        return way

    def pieces_of_way(self, node: int) -> tuple[Floats, Floats]:
        """Middles (m, d) and lengths (m,) of the pieces of the way to a node."""
        chain = _chain(self.parent, node)
        ends = np.stack([self.points[chain[:-1]], self.points[chain[1:]]], axis=1)
        return ends.mean(axis=1), sizes_between(ends)

    @property
    def branchings(self) -> int:
        """Nodes from which two arms or more lead on."""
        beyond = np.zeros(len(self.points))  # the longest way on from each node
        for edge in reversed(range(len(self.edges))):
            parent, child = self.edges[edge]
            beyond[parent] = max(beyond[parent], beyond[child] + self.lengths[edge])
        arm = self.lengths + beyond[self.edges[:, 1]] >= self.shortest
        return int((np.bincount(self.edges[arm, 0], minlength=1) > 1).sum())

    def tortuosities(self) -> Floats:
        """Length of the way from the anode over the height, for each tip."""
        height = self.points[self.tips, -1]
        return np.asarray(self.way[self.tips] / np.where(height > 0, height, 1.0))


def find_skeleton(run: Run, output: int, tips: Sequence[Tip]) -> Skeleton:
    """The skeleton of the lithium of a run at an output, for its tips at that output."""
    lam = 1e6 * run.case.phase_field.lam
    width = WIDTH_10_90 * lam
    if not tips:
        none = np.empty(0, dtype=np.int64)
        return Skeleton(np.empty((0, run.dim)), none, none, (), width)
    links = links_of(run, output)
    before = _ways(links, run, output, lam)
    chains = [_chain(before, node_below(run, output, tip)) for tip in tips]
    ends = _ends(links, chains, width)
    chains += [_chain(before, end) for end, tip in ends.items() if tip is None]
    nodes = dict.fromkeys(node for chain in chains for node in chain)
    place = {node: k for k, node in enumerate(nodes)}
    parent = [place.get(int(before[node]), -1) for node in nodes]
    parent += [place[chain[-1]] for chain in chains[: len(tips)]]
    points = np.concatenate([run.mesh_at(output).points[list(nodes)], [tip.point for tip in tips]])
    arms = [
        Arm(end, np.flatnonzero(links.around(end, width)), place[end] if tip is None else len(nodes) + tip)
        for end, tip in ends.items()
    ]
    raw = Skeleton(points, np.array(parent), len(nodes) + np.arange(len(tips)), arms, width)
    return replace(raw, points=_smoothed(raw, width / 2))


def _ends(links: Links, ways: Sequence[Sequence[int]], width: float) -> dict[int, int | None]:
    """The ends of arms, farthest first, and the place of the tip in the head of each; None if there is none.

    `ways` lead to the tips. Where one passes through a head but no tip is in it, there is no arm.
    """
    below, passed = [way[-1] for way in ways], sorted({node for way in ways for node in way})
    ends: dict[int, int | None] = {}
    for end in links.ends(width):
        near = links.around(end, width)
        if near[below].any():
            ends[end] = int(near[below].argmax())
        elif not near[passed].any():
            ends[end] = None
    return ends


def _ways(links: Links, run: Run, output: int, lam: float) -> Ints:
    """Node before each node of lithium on the way from the anode, negative for none."""
    places = run.mesh_at(output).points
    depth = np.maximum(KDTree(run.front_points(output)).query(places)[0], SHALLOW * lam)
    return links.before(links.lengths / depth[links.edges].mean(axis=1) ** 2)


def _chain(before: Ints, node: int) -> list[int]:
    """The nodes from the anode to a node."""
    chain = [node]
    while before[chain[-1]] >= 0:
        chain.append(int(before[chain[-1]]))
    return chain[::-1]


def _smoothed(tree: Skeleton, width: float) -> Floats:
    """The points, averaged along the tree over about `width` (standard deviation), with its ends held."""
    count = len(tree.points)
    both = np.concatenate([tree.edges, tree.edges[:, ::-1]])
    links = coo_array((np.ones(len(both)), both.T), shape=(count, count)).tocsr()
    degree = np.maximum(links.sum(axis=1), 1)[:, None]
    free = (np.bincount(both[:, 0], minlength=count) > 1) & (tree.parent >= 0)
    points = tree.points.copy()
    times = 2 * (width / tree.lengths.mean()) ** 2 if free.any() else 0
    for _ in range(int(np.ceil(times))):
        points[free] = (0.5 * points + 0.5 * (links @ points) / degree)[free]
    return points
