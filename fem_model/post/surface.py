"""Level surfaces of fields that are linear on tetrahedra, as triangles; among them the front, ξ = ½."""

from dataclasses import dataclass

import numpy as np

from fem_model.base.simplices import distinct_rows
from fem_model.post.lithium import Array, Bools, Integers, attached_nodes, crossings, pieces_of
from fem_model.post.pieces import Pieces

OTHERS = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])


@dataclass(frozen=True)
class FrontSurface:
    """The front: triangles whose normals point out of the lithium."""

    points: Array
    """(n, 3), in the unit of the mesh."""
    triangles: Integers
    """(m, 3)."""
    cell: Integers
    """(m,), the tetrahedron that each triangle cuts."""
    piece: Integers
    """(m,), the piece of lithium behind it, the same number for what is connected."""
    attached: Bools
    """(m,), whether that piece is connected to the anode."""

    def pieces(self, attached: bool = True) -> Pieces:
        """The triangles of the lithium that is (or is not) connected to the anode."""
        chosen = self.attached == attached
        return Pieces(self.points[self.triangles[chosen]], self.cell[chosen])

    def count(self, attached: bool) -> int:
        """How many pieces of lithium are (or are not) connected to the anode."""
        return len(np.unique(self.piece[self.attached == attached]))


def find_surface(points: Array, cells: Integers, xi: Array) -> FrontSurface:
    """The surface ξ = ½ on `points` (N, 3), tetrahedra `cells` (M, 4) with nodal values `xi` (N,).

    Lithium and its connection to the anode are as in `find_front`. A node at exactly ½ is a point of the
    front; triangles that shrink to a line there are left out.
    """
    lithium = xi >= 0.5
    labels = pieces_of(cells, lithium)
    edges, triangles, cell = level_triangles(cells, lithium)
    places, place = np.unique(crossings(points, xi, edges), axis=0, return_inverse=True)
    triangles = place.reshape(-1)[triangles]
    a, b, c = triangles.T
    whole = (a != b) & (b != c) & (c != a)
    triangles, cell = triangles[whole], cell[whole]
    behind = _first(cells[cell], lithium)
    ahead = points[_first(cells[cell], ~lithium)] - points[behind]
    backward = (area_vectors(places[triangles]) * ahead).sum(axis=1) < 0
    triangles[backward] = triangles[backward][:, ::-1]
    attached = attached_nodes(points, labels, lithium)
    return FrontSurface(places, triangles, cell, labels[behind], attached[behind])


def level_triangles(cells: Integers, above: Bools) -> tuple[Integers, Integers, Integers]:
    """Where tetrahedra `cells` (M, 4) have nodes both above a level and not.

    The n edges (n, 2) that cross it, the triangles (m, 3) between crossings, and the cell (m,) of each.
    """
    count = above[cells].sum(axis=1)
    alone = np.flatnonzero((count == 1) | (count == 3))
    corners = cells[alone]
    odd = np.argmax(above[corners] == (count[alone] == 1)[:, None], axis=1)
    row = np.arange(len(alone))
    ends = corners[row[:, None], OTHERS[odd]]
    first = np.stack([np.broadcast_to(corners[row, odd][:, None], ends.shape), ends], axis=2)
    halved = np.flatnonzero(count == 2)
    corners = cells[halved]
    a, b, c, d = np.take_along_axis(corners, np.argsort(~above[corners], axis=1, kind="stable"), axis=1).T
    square = [np.stack(pair, axis=1) for pair in ((a, c), (a, d), (b, d), (b, c))]
    second = np.concatenate([np.stack([square[k] for k in turn], axis=1) for turn in ((0, 1, 2), (0, 2, 3))])
    cut = np.sort(np.concatenate([first, second]).reshape(-1, 2), axis=1)
    edges, triangles = distinct_rows(cut)
    return edges, triangles.reshape(-1, 3), np.concatenate([alone, halved, halved])


def _first(corners: Integers, chosen: Bools) -> Integers:
    """The first of the corners (m, 4) that is chosen."""
    first: Integers = corners[np.arange(len(corners)), np.argmax(chosen[corners], axis=1)]
    return first


def area_vectors(corners: Array) -> Array:
    """Twice the area of triangles (m, 3, 3), as vectors (m, 3) along their normals."""
    origin, u, v = corners.transpose(1, 0, 2)
    vectors: Array = np.cross(u - origin, v - origin)
    return vectors
