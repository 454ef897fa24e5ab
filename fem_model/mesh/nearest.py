"""Exact distances from points to sets of segments (2D) or triangles (3D). Numpy and SciPy only."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.spatial import KDTree

from fem_model.base.arrays import Bools, Floats

CHUNK = 200_000  # pairs of point and facet treated at once


def distance_to_facets(points: Floats, facets: Floats) -> Floats:
    """Distance of each of `points` (n, d) to the nearest of `facets` (m, d, d), segments or triangles.

    Facets come from a search tree by their centres, nearest first. A point is done when the next centre is
    farther than its distance plus the largest facet's radius, since no later facet can then be nearer: the
    result is exact.
    """
    centres = facets.mean(axis=1)
    reach = float(np.linalg.norm(facets - centres[:, None], axis=2).max())
    tree = KDTree(centres)
    distance = np.full(len(points), np.inf)
    open_, count = np.arange(len(points)), min(8, len(facets))
    while True:
        unfinished = []  # parts of open_ whose nearest facet is not certain yet
        for some in np.array_split(open_, max(1, len(open_) * count // CHUNK)):
            away, which = tree.query(points[some], k=[*range(1, count + 1)])
            distance[some] = _distances(points[some], facets[which]).min(axis=1)
            unfinished.append(some[away[:, -1] < (distance[some] + reach) * (1.0 + 1e-9)])
        open_ = np.concatenate(unfinished)
        if len(open_) == 0 or count == len(facets):
            return distance
        count = min(4 * count, len(facets))


def _distances(points: Floats, facets: Floats) -> Floats:
    """Distances (n, k) of n points (n, d) to k facets each (n, k, d, d)."""
    corners = [facets[:, :, i] for i in range(facets.shape[2])]
    sides = list(combinations(corners, 2))
    to_sides = np.stack([_to_segment(points[:, None], a, b) for a, b in sides]).min(axis=0)
    if len(corners) == 2:
        return to_sides
    height, inside = _to_plane(points[:, None], *corners)
    return np.where(inside, height, to_sides)


def _to_segment(p: Floats, a: Floats, b: Floats) -> Floats:
    along = b - a
    share = np.clip(_dot(p - a, along) / _dot(along, along), 0.0, 1.0)
    rest = p - a - share[..., None] * along
    return np.sqrt(_dot(rest, rest))


def _to_plane(p: Floats, a: Floats, b: Floats, c: Floats) -> tuple[Floats, Bools]:
    """Height above the plane of a triangle, and whether its foot lies inside (barycentric coordinates)."""
    normal = np.cross(b - a, c - a)
    square = _dot(normal, normal)
    v = _dot(np.cross(p - a, c - a), normal)
    w = _dot(np.cross(b - a, p - a), normal)
    height = np.abs(_dot(p - a, normal)) / np.sqrt(square)
    return height, np.asarray((v >= 0.0) & (w >= 0.0) & (v + w <= square))


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray((a * b).sum(axis=-1))
