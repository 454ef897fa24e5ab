"""Triangles and tetrahedra as arrays of indices of their corners: what they share, and what bounds them."""

from itertools import combinations
from math import factorial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy  # its parts are loaded when they are used

from fem_model.base.arrays import Floats, Ints


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


def sides(cells: Ints, others: Ints | None = None) -> Sides:
    """Facets of the cells (m, d + 1), and `others` (k, d) among them; these may lie at no cell."""
    dim = cells.shape[1] - 1
    corners = list(combinations(range(dim + 1), dim))
    rows = cells[:, corners].reshape(-1, dim)
    facets, place = unique_rows(np.sort(rows if others is None else np.concatenate([rows, others]), axis=1))
    of_cells, of_others = np.split(place, [len(rows)])
    count = np.bincount(of_cells, minlength=len(facets))
    order = np.argsort(of_cells, kind="stable") // len(corners)
    end = np.cumsum(count)
    first = np.minimum(end - count, len(order) - 1)
    return Sides(facets, np.column_stack([order[first], order[end - 1]]), count, of_others)


def outside(cells: Ints) -> tuple[Ints, Ints]:
    """Facets that one of the cells has to itself, and that one as its place in `cells`."""
    found = sides(cells)
    alone = found.times == 1
    return found.facets[alone], found.cells[alone, 0]


def edges_of(cells: Ints) -> Ints:
    """The edges (m, n, 2) of m simplices, their ends in the order of the corners."""
    return cells[:, list(combinations(range(cells.shape[1]), 2))]


def distinct_edges(cells: Ints) -> tuple[Ints, Ints]:
    """The edges (k, 2) of simplices, each once, smaller index first; the place (m, n) of all among them."""
    edges = edges_of(cells)
    found, place = distinct_rows(np.sort(edges.reshape(-1, 2), axis=1))
    return found, place.reshape(edges.shape[:2])


def signed_sizes(points: Floats, cells: Ints) -> Floats:
    """Area (2D) or volume (3D) of every cell, negative where it is turned over."""
    corners = points[cells]
    return np.asarray(np.linalg.det(corners[:, 1:] - corners[:, :1]) / factorial(points.shape[1]))


def sizes_of(points: Floats, simplices: Ints) -> Floats:
    """Length, area or volume of every segment, triangle or tetrahedron, in 2D or 3D."""
    return sizes_between(points[simplices])


def sizes_between(corners: Floats) -> Floats:
    """The same by the corners (m, n, d)."""
    origin, *ends = corners.transpose(1, 0, 2)
    spans = [end - origin for end in ends]
    if len(spans) == 1:
        return np.asarray(np.linalg.norm(spans[0], axis=1))
    if len(spans) == corners.shape[2]:
        return np.asarray(np.abs(np.linalg.det(np.stack(spans, axis=1))) / factorial(len(spans)))
    return np.asarray(np.linalg.norm(np.cross(*spans), axis=1) / 2.0)


def connected(links: Ints, count: int) -> Ints:
    """Number, from 0, of the part of each of `count` things that are connected by `links` (m, 2)."""
    graph = scipy.sparse.coo_array((np.ones(len(links), dtype=bool), tuple(links.T)), shape=(count, count))
    return np.asarray(scipy.sparse.csgraph.connected_components(graph, directed=False)[1], dtype=np.int64)


def seams(triangles: Ints, label: Ints) -> Ints:
    """Edges at which triangles with different labels meet."""
    found, edge = distinct_edges(triangles)
    low, high = np.full(len(found), np.iinfo(np.int64).max), np.full(len(found), -1)
    np.minimum.at(low, edge, label[:, None])
    np.maximum.at(high, edge, label[:, None])
    seam: Ints = found[low != high]
    return seam
