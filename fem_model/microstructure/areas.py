"""Areas of polygons that share corners, and the smallest motion of the corners that restores them."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array

from fem_model.base.arrays import Bools, Floats
from fem_model.base.errors import InputError
from fem_model.microstructure.reproducible import dot, solve_up_to_a_constant

Polygons = list[tuple[int, ...]]

STEPS = 10
TOLERANCE = 1e-12  # of an area, as a share of all


def polygon_area(corners: Floats) -> float:
    """Shoelace formula; positive for anticlockwise corners (n, 2)."""
    x, y = corners.T
    return 0.5 * (dot(x, np.roll(y, -1)) - dot(y, np.roll(x, -1)))


def without_repeats(corners: list[int]) -> tuple[int, ...]:
    """The polygon without corners that are listed twice in a row."""
    before = corners[-1:] + corners[:-1]
    return tuple(corner for corner, last in zip(corners, before, strict=True) if corner != last)


def restore_areas(points: Floats, polygons: Polygons, areas: Floats, free: Bools) -> Floats:
    """Points moved as little as possible so that every polygon has its area.

    Newton's method with the step of smallest norm among the `free` coordinates (p, 2). The areas must sum to
    what the polygons cover.
    Errors: InputError if it does not get there.
    """
    sizes = [len(polygon) for polygon in polygons]
    corner, polygon = np.concatenate(polygons), np.repeat(np.arange(len(polygons)), sizes)
    after = np.concatenate([np.roll(corners, -1) for corners in polygons])
    before = np.concatenate([np.roll(corners, 1) for corners in polygons])
    rows, columns = np.concatenate([polygon, polygon]), np.concatenate([2 * corner, 2 * corner + 1])
    for _ in range(STEPS):
        (x, y), (x_after, y_after) = points[corner].T, points[after].T
        missing = areas - np.bincount(polygon, x * y_after - y * x_after) / 2.0
        if np.abs(missing).max() <= TOLERANCE * areas.sum():
            return points
        reach = (points[after] - points[before])[:, ::-1] * [0.5, -0.5]  # d area / d corner
        values = np.where(free[corner], reach, 0.0).T.ravel()
        slope = coo_array((values, (rows, columns)), shape=(len(areas), points.size)).tocsr()
        points = points + (slope.T @ solve_up_to_a_constant(slope @ slope.T, missing)).reshape(points.shape)
    raise InputError(
        "the areas of the grains cannot be kept where short edges merge: another microstructure.seed or "
        "smaller cells are needed"
    )
