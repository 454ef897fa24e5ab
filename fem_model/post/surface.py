"""The front in 3D: the surface ξ = ½ of a field that is linear on tetrahedra, as triangles."""

from dataclasses import dataclass

import numpy as np

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.level_sets import crossings, level_triangles
from fem_model.post.lithium import attached_nodes, pieces_of
from fem_model.post.pieces import Pieces


@dataclass(frozen=True)
class FrontSurface:
    """The front: triangles whose normals point out of the lithium."""

    points: Floats
    """(n, 3), in the unit of the mesh."""
    triangles: Ints
    """(m, 3)."""
    cell: Ints
    """(m,), the tetrahedron that each triangle cuts."""
    piece: Ints
    """(m,), the piece of lithium behind it, the same number for what is connected."""
    attached: Bools
    """(m,), whether that piece is connected to the anode."""

    def pieces(self, attached: bool = True) -> Pieces:
        """The triangles of the lithium that is (or is not) connected to the anode."""
        chosen = self.attached == attached
        return Pieces(self.points[self.triangles[chosen]], self.cell[chosen])

    def count(self, attached: bool) -> int:
        """Number of pieces of lithium that are (or are not) connected to the anode."""
        return len(np.unique(self.piece[self.attached == attached]))


def find_surface(points: Floats, cells: Ints, xi: Floats) -> FrontSurface:
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


def _first(corners: Ints, chosen: Bools) -> Ints:
    """The first of the corners (m, 4) that is chosen."""
    first: Ints = corners[np.arange(len(corners)), np.argmax(chosen[corners], axis=1)]
    return first


def area_vectors(corners: Floats) -> Floats:
    """Twice the area of triangles (m, 3, 3), as vectors (m, 3) along their normals."""
    origin, u, v = corners.transpose(1, 0, 2)
    vectors: Floats = np.cross(u - origin, v - origin)
    return vectors
