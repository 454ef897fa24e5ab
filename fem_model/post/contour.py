"""The front: the contour ξ = ½ of a field that is linear on triangles, as lines."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fem_model.base.arrays import Floats, Ints
from fem_model.base.level_sets import crossings, level_lines
from fem_model.base.simplices import signed_sizes
from fem_model.post.lithium import attached_nodes, pieces_of


@dataclass(frozen=True)
class FrontLine:
    """One piece of the front: a loop (its last point is its first), or a line between edges of the domain."""

    points: Floats
    """(n, 2), in the unit of the mesh; the lithium is on the left."""
    cells: Ints
    """(n - 1,), the triangle in which each piece between two points lies."""
    attached: bool
    """True if the lithium behind it is connected to the anode."""


def find_front(points: Floats, cells: Ints, xi: Floats) -> tuple[FrontLine, ...]:
    """The contour ξ = ½ on `points` (N, 2), `cells` (M, 3) with nodal values `xi` (N,).

    Nodes with ξ ≥ ½ are lithium, and two of them are connected along edges of the mesh; the anode is the
    lowest row of nodes. The tips of series.csv are defined alike. A node at exactly ½ is a point of the
    front; where lithium is such a point alone, there is no line.
    """
    lithium = xi >= 0.5
    behind = attached_nodes(points, pieces_of(cells, lithium), lithium)
    edges, segments, cut = level_lines(cells, lithium)
    at_one_corner = lithium[cells[cut]].sum(axis=1) == 1
    backward = (signed_sizes(points, cells[cut]) < 0) == at_one_corner
    segments[backward] = segments[backward, ::-1]
    places = crossings(points, xi, edges)
    owner = np.where(lithium[edges[:, 0]], edges[:, 0], edges[:, 1])
    cell_after = np.full(len(edges), -1)
    cell_after[segments[:, 0]] = cut
    lines = []
    for chain in _chains(segments):
        moves = (np.diff(places[chain], axis=0) != 0).any(axis=1)
        if moves.any():
            line = places[chain][np.append(True, moves)]
            lines.append(FrontLine(line, cell_after[chain[:-1]][moves], bool(behind[owner[chain[0]]])))
    return tuple(lines)


def _chains(segments: Ints) -> Iterator[list[int]]:
    """Numbers of the crossings along each line; each is left and reached by at most one of `segments`."""
    following = dict(segments.tolist())
    reached = set(following.values())
    for head in [*(start for start in following if start not in reached), *list(following)]:
        chain = [head]
        while chain[-1] in following:
            chain.append(following.pop(chain[-1]))
        if len(chain) > 1:
            yield chain
