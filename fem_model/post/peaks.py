"""Local highest points of the front that have the lithium below them, and how far each stands out."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy.signal import find_peaks

from fem_model.base.arrays import Floats, Ints
from fem_model.base.simplices import distinct_edges
from fem_model.post.contour import FrontLine
from fem_model.post.surface import FrontSurface, area_vectors

Place = tuple[float, ...]


class Peak(NamedTuple):
    """A local highest point of the front connected to the anode. Lengths in µm."""

    point: Place
    prominence: float
    """Descent along the front that is needed before it rises above this point; at least to the anode."""
    cell: int
    """A cell that holds the point."""


def line_peaks(front: Iterable[FrontLine]) -> list[Peak]:
    """The peaks of a front of lines; loops are pores and have none."""
    return [peak for line in front if line.attached for peak in _of_line(line)]


def _of_line(line: FrontLine) -> list[Peak]:
    x, y = line.points.T
    if (line.points[0] == line.points[-1]).all():
        return []
    peaks, found = find_peaks(np.concatenate([[-1.0], y, [-1.0]]), prominence=0.0, plateau_size=1)
    left, right = (found[f"{side}_edges"] - 1 for side in ("left", "right"))
    west = x[np.minimum(right + 1, len(x) - 1)] < x[np.maximum(left - 1, 0)]
    prominence = np.minimum(found["prominences"], y[peaks - 1])
    return [
        Peak((float(x[k]), float(y[k])), float(drop), int(line.cells[min(k, len(line.cells) - 1)]))
        for k, drop in zip((peaks - 1)[west], prominence[west], strict=True)
    ]


def surface_peaks(front: FrontSurface) -> list[Peak]:
    """The peaks of a front of triangles, without the tops of pores, where its normals point down."""
    triangles = front.triangles[front.attached]
    cells = front.cell[front.attached]
    upward = np.zeros(len(front.points))
    np.add.at(upward, triangles, area_vectors(front.points[triangles])[:, 2:])
    some = np.zeros(len(front.points), dtype=np.int64)
    some[triangles] = cells[:, None]
    height = front.points[:, 2]
    return [
        Peak(tuple(front.points[k].tolist()), min(drop, float(height[k])), int(some[k]))
        for k, drop in prominences(distinct_edges(triangles)[0], height)
        if upward[k] > 0
    ]


def prominences(edges: Ints, heights: Floats) -> list[tuple[int, float]]:
    """The local highest vertices of a graph, and how far one must descend from each to come to a higher one.

    Edges join vertices from above down; where two hills meet, the lower one ends. Those that meet none go
    down to the height 0.
    """
    height: list[float] = heights.tolist()
    pass_height = np.min(heights[edges], axis=1)
    summit = list(range(len(height)))  # of a hill, its highest vertex; of others a vertex nearer to it
    found = []
    for k in np.argsort(-pass_height, kind="stable").tolist():
        a, b = (_root(summit, vertex) for vertex in edges[k].tolist())
        low, high = sorted((a, b), key=lambda vertex: height[vertex])
        if low != high:
            drop = height[low] - float(pass_height[k])
            if drop > 0:
                found.append((low, drop))
            summit[low] = high
    left = {_root(summit, vertex) for vertex in np.unique(edges).tolist()}
    return found + [(vertex, height[vertex]) for vertex in sorted(left)]


def _root(parent: list[int], vertex: int) -> int:
    """The end of the chain of parents, which is made shorter on the way."""
    while parent[vertex] != vertex:
        parent[vertex] = parent[parent[vertex]]
        vertex = parent[vertex]
    return vertex
