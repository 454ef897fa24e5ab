"""Level sets of a field that is linear on simplices: on edges, triangles and tetrahedra."""

import numpy as np

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.simplices import distinct_rows

OTHERS = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])
"""The corners of a tetrahedron beside each one."""


def shares(values: Floats, edges: Ints, level: float) -> Floats:
    """Part of the way along each edge (n, 2), from 0 to 1, at which linear `values` reach `level`."""
    a, b = edges.T
    return np.asarray((level - values[a]) / (values[b] - values[a]))


def between(values: Floats, edges: Ints, share: Floats) -> Floats:
    """Nodal `values` (N, ...) at these shares of the way along edges."""
    a, b = edges.T
    part = share.reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray((1 - part) * values[a] + part * values[b])


def crossings(points: Floats, values: Floats, edges: Ints, level: float = 0.5) -> Floats:
    """Points where `values` are at `level`, on edges that cross it; a node exactly if it has it."""
    return between(points, edges, shares(values, edges, level))


def cut_triangles(triangles: Ints, above: Bools) -> tuple[Ints, Bools, Ints]:
    """The triangles that have nodes both above a level and not: the place of each among all, and its corners.

    The corner that is apart from the other two comes first, the order around is kept. The flags say whether
    it is the one above.
    """
    count = above[triangles].sum(axis=1)
    cut = np.flatnonzero((count == 1) | (count == 2))
    corners, alone = triangles[cut], count[cut] == 1
    odd = np.argmax(above[corners] == alone[:, None], axis=1)
    return cut, alone, np.take_along_axis(corners, (odd[:, None] + np.arange(3)) % 3, axis=1)


def level_lines(triangles: Ints, above: Bools) -> tuple[Ints, Ints, Ints]:
    """Lines along a level in triangles (M, 3) that have nodes both above it and not.

    The n edges (n, 2) that cross it, the lines (m, 2) between crossings, and the triangle (m,) of each.
    """
    cut, _, corners = cut_triangles(triangles, above)
    edges, lines = distinct_rows(np.sort(corners[:, [[0, 1], [0, 2]]].reshape(-1, 2), axis=1))
    return edges, lines.reshape(-1, 2), cut


def level_triangles(cells: Ints, above: Bools) -> tuple[Ints, Ints, Ints]:
    """Triangles along a level in tetrahedra `cells` (M, 4) that have nodes both above it and not.

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
