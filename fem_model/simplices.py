"""Triangles and tetrahedra as arrays of indices of their corners: what they share, and what bounds them."""

from itertools import combinations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def distinct_rows(rows: Ints) -> tuple[Ints, Ints]:
    """np.unique(rows, axis=0, return_inverse=True) for two columns of indices, several times faster."""
    base = int(rows.max(initial=0)) + 1
    codes, place = np.unique(rows[:, 0] * base + rows[:, 1], return_inverse=True)
    return np.column_stack([codes // base, codes % base]), place


def edges_of(cells: Ints) -> Ints:
    """The edges (n, 2) of simplices, once for each of these, their smaller index first."""
    pairs = list(combinations(range(cells.shape[1]), 2))
    return np.sort(cells[:, pairs].reshape(-1, 2), axis=1)


def outside(cells: Ints) -> tuple[Ints, Ints]:
    """Triangles that one of the tetrahedra has to itself, and the place of that one in `cells`."""
    corners = list(combinations(range(4), 3))
    triangles = np.sort(cells[:, corners].reshape(-1, 3), axis=1)
    order = np.lexsort(triangles.T)
    same = (triangles[order[1:]] == triangles[order[:-1]]).all(axis=1)
    alone = order[~np.append(same, False) & ~np.append(False, same)]
    return triangles[alone], alone // len(corners)


def seams(triangles: Ints, label: Ints) -> Ints:
    """Edges at which triangles with different labels meet."""
    found, edge = distinct_rows(edges_of(triangles))
    low, high = np.full(len(found), np.iinfo(np.int64).max), np.full(len(found), -1)
    np.minimum.at(low, edge, np.repeat(label, 3))
    np.maximum.at(high, edge, np.repeat(label, 3))
    return found[low != high]
