"""The sides between the cells of a power diagram, from the segments that bound them. Numpy only."""

from __future__ import annotations

import numpy as np

from fem_model.base.arrays import Floats, Ints
from fem_model.base.simplices import distinct_rows
from fem_model.microstructure.reproducible import turn

Sides = tuple[Ints, Floats, Floats]
"""The two cells (s, 2), the length or area (s,) and the centroid (s, d) of every side."""


def lines_between(cells: Ints, ends: Floats) -> Sides:
    """Sides in 2D: a segment with `ends` (s, 2, 2) lies between its two `cells` (s, 2)."""
    start, end = ends[:, 0], ends[:, 1]
    return cells, np.linalg.norm(end - start, axis=1), (start + end) / 2.0


def polygons_between(cells: Ints, ends: Floats) -> Sides:
    """Sides in 3D: a segment with `ends` (r, 2, 3) is an edge of those between each two of its three `cells`.

    A side is a convex polygon, made of the triangles from the mean of its edges to each of them.
    """
    pairs = np.sort(np.concatenate([cells[:, [0, 1]], cells[:, [0, 2]], cells[:, [1, 2]]]), axis=1)
    start, end = np.tile(ends[:, 0], (3, 1)), np.tile(ends[:, 1], (3, 1))
    sides, side = distinct_rows(pairs)
    count = len(sides)
    apex = sums_by(side, (start + end) / 2.0, count) / np.bincount(side)[:, None]
    area = np.linalg.norm(np.cross(start - apex[side], end - apex[side]), axis=1) / 2.0
    total = np.bincount(side, area, count)
    moment = sums_by(side, area[:, None] * (start + end + apex[side]) / 3.0, count)
    flat = total > 0.0
    middle = np.where(flat[:, None], moment / np.where(flat, total, 1.0)[:, None], apex)
    return sides, total, middle


def angles_around(normals: Floats, side: Ints, corners: Floats) -> Floats:
    """Turn of each corner (c, 3) in the plane of its side, anticlockwise seen from the tip of the normal."""
    middles = sums_by(side, corners, len(normals)) / np.bincount(side)[:, None]
    first = np.cross(normals, np.eye(3)[np.abs(normals).argmin(axis=1)])
    second = np.cross(normals, first) / np.linalg.norm(normals, axis=1)[:, None]  # as long as the first
    ray = corners - middles[side]
    return turn((ray * first[side]).sum(axis=1), (ray * second[side]).sum(axis=1))


def sums_by(group: Ints, values: Floats, count: int) -> Floats:
    """Sum of the rows (n, d) of each of `count` groups."""
    return np.column_stack([np.bincount(group, column, count) for column in values.T])
