"""Lithium as a set of nodes: what belongs together, what hangs on the anode, where its surface cuts edges."""

import numpy as np

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.simplices import connected, edges_of


def pieces_of(cells: Ints, lithium: Bools) -> Ints:
    """A number for each node, the same where nodes of lithium are connected along edges of the mesh."""
    edges = edges_of(cells).reshape(-1, 2)
    return connected(edges[lithium[edges].all(axis=1)], len(lithium))


def on_anode(points: Floats) -> Bools:
    """The nodes of the anode, the lowest row or plane of `points` (N, d)."""
    height = points[:, -1]
    lowest: Bools = height <= height.min() + 1e-6 * np.ptp(height)
    return lowest


def attached_nodes(points: Floats, labels: Ints, lithium: Bools) -> Bools:
    """True for nodes of the lithium, in pieces as `pieces_of` says, that are connected to the anode."""
    attached: Bools = lithium & np.isin(labels, labels[on_anode(points) & lithium])
    return attached
