"""Moves nodes so that every tetrahedron has a sound shape and every grain keeps its volume. Numpy and SciPy.

A power diagram in 3D has edges and faces of any smallness and dihedral angles of any sharpness, and cells
that fit them are bad. Here the few nodes of bad cells move, those on the faces of grains too, which shifts
these faces by less than a cell; then all faces move by a trifle so that the volumes are what they were.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
from scipy.optimize import minimize

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.microstructure.enclosures import Enclosures
from fem_model.microstructure.facets import sums_by

SOUND = 0.3  # quality (SICN) that every cell shall have
AIM = 0.31  # quality before the volumes are restored
ROUNDS = 6  # of repairing the cells, and of restoring the volumes after that
EVALUATIONS = 400  # of the target of the minimisation in a round
ON_WALL = 1e-9  # of the extent


def repaired(points: Floats, cells: Ints, grains: Enclosures) -> Floats:
    """The points (p, 3) of the tetrahedra `cells` (n, 4), moved so that no quality is below SOUND, as far as
    that is reached, while each grain keeps its volume; points on the walls of the box stay on them.

    No motion is kept that makes the worst cell worse.
    """
    extent = np.ptp(points, axis=0)
    low, high = points.min(axis=0) + ON_WALL * extent, points.max(axis=0) - ON_WALL * extent
    free = (points > low) & (points < high)
    volumes = grains.volumes(points)
    best, worst = points, quality(points, cells).min()
    for _ in range(ROUNDS):
        if worst >= SOUND:
            break
        points = grains.with_volumes(_reshaped(points, cells, free), volumes, free)
        found = quality(points, cells).min()
        if found > worst:
            best, worst = points, found
        if found <= 0.0:
            break
    return best


def _reshaped(points: Floats, cells: Ints, free: Bools) -> Floats:
    """The points moved so that no quality is below AIM, as far as that is reached."""
    for _ in range(ROUNDS):
        bad = quality(points, cells) < AIM
        if not bad.any():
            break
        points = _improved(points, cells, bad, free)
    return points


def quality(points: Floats, cells: Ints) -> Floats:
    """Signed inverse condition number of the map from a regular tetrahedron (SICN), 1 if it is regular.

    3 / (|S| |S⁻¹|) in Frobenius norms, S = A W⁻¹, with the edges from the first corner as the columns of A,
    and of W for the regular tetrahedron.
    """
    a, b, c = _edges(points.T[:, cells])
    bc, ca, ab = _cross(b, c), _cross(c, a), _cross(a, b)
    inverse = _dot(bc, bc + ca) + _dot(ca, ca + ab) + _dot(ab, ab + bc)  # (|S⁻¹| det A)²
    return np.asarray(3.0 * _dot(a, bc) / np.sqrt(_squares(a, b, c) / 2.0 * inverse))


def _improved(points: Floats, cells: Ints, bad: Bools, free: Bools) -> Floats:
    """The points with the corners of `bad` cells moved to where sum (q^(-3/2) - 1)² over all cells beside
    them is smallest, with the mean ratio q of a cell, 12 (3 V)^(2/3) / sum of squared edges.

    This target needs no function but the square root, and SciPy's truncated Newton method (TNC) no BLAS:
    the cells are the same on every machine.
    """
    moving = np.zeros(len(points), dtype=bool)
    moving[cells[bad]] = True
    around = cells[moving[cells].any(axis=1)]
    used, place = np.unique(around, return_inverse=True)
    place = place.reshape(around.shape)
    start = points[used].T.copy()
    chosen = (free[used] & moving[used, None]).T
    scale = np.broadcast_to(_shortest_edges(start, place), start.shape)[chosen]
    refused = 2.0 * _badness(start, place)[0]

    def target(shift: Floats) -> tuple[float, Floats]:
        trial = start.copy()
        trial[chosen] += shift * scale
        value, slope = _badness(trial, place)
        if not np.isfinite(value):
            return refused, np.zeros_like(shift)
        return value, slope[chosen] * scale

    options = {"maxfun": EVALUATIONS}
    found = minimize(target, np.zeros(len(scale)), jac=True, method="TNC", options=options)
    start[chosen] += found.x * scale
    result = points.copy()
    result[used] = start.T
    return result


def _badness(points: Floats, cells: Ints) -> tuple[float, Floats]:
    """Sum of (q^(-3/2) - 1)² and its slope (3, p) for points (3, p); infinite if a cell has no volume."""
    a, b, c = _edges(points[:, cells])
    bc, ca, ab = _cross(b, c), _cross(c, a), _cross(a, b)
    volume = _dot(a, bc)  # times 6
    if volume.min() <= 0.0:
        return np.inf, np.zeros_like(points)
    squares = _squares(a, b, c)
    stretch = squares * np.sqrt(squares) / (math.sqrt(432.0) * volume)  # q^(-3/2)
    excess = np.maximum(stretch - 1.0, 0.0)
    rate = 3.0 * excess * stretch
    by_square, by_volume = 2.0 * rate / squares, -rate / (1.5 * volume)
    together = a + b + c
    slopes = [
        by_square * (4.0 * edge - together) + by_volume * area for edge, area in ((a, bc), (b, ca), (c, ab))
    ]
    at_corners = np.stack([-sum(slopes), *slopes], axis=2).reshape(3, -1)
    return float((excess * excess).sum()), sums_by(cells.ravel(), at_corners.T, points.shape[1]).T


def _shortest_edges(points: Floats, cells: Ints) -> Floats:
    """Length of the shortest edge at each of the points (3, p)."""
    shortest = np.full(points.shape[1], np.inf)
    for i, j in combinations(range(4), 2):
        length = np.linalg.norm(points[:, cells[:, j]] - points[:, cells[:, i]], axis=0)
        np.minimum.at(shortest, cells[:, i], length)
        np.minimum.at(shortest, cells[:, j], length)
    return shortest


def _edges(corners: Floats) -> tuple[Floats, Floats, Floats]:
    """The edges (3, n) from the first of the corners (3, n, 4) to the others."""
    first = corners[:, :, 0]
    return corners[:, :, 1] - first, corners[:, :, 2] - first, corners[:, :, 3] - first


def _squares(a: Floats, b: Floats, c: Floats) -> Floats:
    """Sum of the squares of all six edges."""
    together = a + b + c
    return 4.0 * (_dot(a, a) + _dot(b, b) + _dot(c, c)) - _dot(together, together)


def _cross(a: Floats, b: Floats) -> Floats:
    """Cross products of the columns of (3, n), several times faster than np.cross."""
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[0] * b[0] + a[1] * b[1] + a[2] * b[2])
