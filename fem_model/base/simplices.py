"""Triangles and tetrahedra as arrays of indices of their corners: what they share, and what bounds them."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.int64]


def distinct_rows(rows: Ints) -> tuple[Ints, Ints]:
    """np.unique(rows, axis=0, return_inverse=True) for two columns of indices, several times faster."""
    base = int(rows.max(initial=0)) + 1
    codes, place = np.unique(rows[:, 0] * base + rows[:, 1], return_inverse=True)
    return np.column_stack([codes // base, codes % base]), place


def unique_rows[Number: (np.int64, np.float64)](
    rows: npt.NDArray[Number],
) -> tuple[npt.NDArray[Number], Ints]:
    """np.unique(rows, axis=0, return_inverse=True), several times faster."""
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    first = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)])
    place = np.empty(len(rows), dtype=np.int64)
    place[order] = np.cumsum(first) - 1
    return ordered[first], place


class Sides(NamedTuple):
    """Facets of simplices, each once: segments of triangles, triangles of tetrahedra."""

    facets: Ints  # (n, d), sorted
    cells: Ints  # (n, 2), the first and the last cell beside; twice the same outside
    times: Ints  # (n,), number of the cells beside
    place: Ints  # of the other facets that were given, among these


def sides(cells: Ints, others: Ints) -> Sides:
    """Facets of the cells (m, d + 1), and `others` (k, d) among them; these may lie at no cell."""
    dim = cells.shape[1] - 1
    corners = list(combinations(range(dim + 1), dim))
    rows = np.concatenate([cells[:, corners].reshape(-1, dim), others])
    facets, place = unique_rows(np.sort(rows, axis=1))
    of_cells, of_others = np.split(place, [len(cells) * len(corners)])
    count = np.bincount(of_cells, minlength=len(facets))
    order = np.argsort(of_cells, kind="stable") // len(corners)
    end = np.cumsum(count)
    first = np.minimum(end - count, len(order) - 1)
    return Sides(facets, np.column_stack([order[first], order[end - 1]]), count, of_others)


def signed_sizes(points: npt.NDArray[np.float64], cells: Ints) -> npt.NDArray[np.float64]:
    """Area (2D) or volume (3D) of every cell, negative where it is turned over."""
    corners = points[cells]
    return np.asarray(np.linalg.det(corners[:, 1:] - corners[:, :1]) / (2.0 if points.shape[1] == 2 else 6.0))


def connected(links: Ints, count: int) -> Ints:
    """Number, from 0, of the part of each of `count` things that hang together by `links` (m, 2)."""
    graph = coo_array((np.ones(len(links)), tuple(links.T)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


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
