"""Volumes (areas) that facets enclose, and the smallest motion of points that changes them. Numpy, SciPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.microstructure.reproducible import solve_up_to_a_constant

STEPS, TOLERANCE = 10, 1e-10  # of Newton's method; relative


@dataclass(frozen=True, eq=False)
class Enclosures:
    """Segments (f, 2), in 3D triangles (f, 3), on the sides of grains.

    The first of the grains `beside` (f, 2) is on the left of a segment, and sees a triangle from its back,
    the corners clockwise; the second is -1 outside the domain.
    """

    facets: Ints
    beside: Ints

    def volumes(self, points: Floats) -> Floats:
        """Volume (area) of every grain: the cones from the origin to its facets."""
        corners = points[self.facets]
        cones = (corners * _reach(corners)).sum(axis=(1, 2)) / corners.shape[1]
        inner, count = self.beside[:, 1] >= 0, int(self.beside.max()) + 1
        own: Floats = np.bincount(self.beside[:, 0], cones, count)
        return own - np.bincount(self.beside[inner, 1], cones[inner], count)

    def with_volumes(self, points: Floats, volumes: Floats, free: Bools) -> Floats:
        """The points (p, d) moved as little as possible so that every grain has its volume, if they can.

        Newton's method; coordinates that are not `free` (p, d) stay. The volumes must sum to what the
        grains fill.
        """
        for _ in range(STEPS):
            missing = volumes - self.volumes(points)
            if np.abs(missing / volumes).max() <= TOLERANCE:
                break
            slope = self._slope(points, free)
            points = points + (slope.T @ solve_up_to_a_constant(slope @ slope.T, missing)).reshape(
                points.shape
            )
        return points

    def _slope(self, points: Floats, free: Bools) -> csr_array:
        """d volumes / d points (grains, p d), zero where a coordinate is not free."""
        reach = np.where(free[self.facets], _reach(points[self.facets]), 0.0)
        count, dim = reach.shape[:2]
        column = (dim * self.facets[:, :, None] + np.arange(dim)).reshape(count, -1)
        values = reach.reshape(count, -1)
        inner = self.beside[:, 1] >= 0
        rows = np.repeat(np.concatenate([self.beside[:, 0], self.beside[inner, 1]]), dim**2)
        columns = np.concatenate([column, column[inner]]).ravel()
        signed = np.concatenate([values, -values[inner]]).ravel()
        shape = (int(self.beside.max()) + 1, points.size)
        return coo_array((signed, (rows, columns)), shape=shape).tocsr()


def _reach(corners: Floats) -> Floats:
    """d cone / d corner, for the cones from the origin to facets with these corners (f, d, d)."""
    if corners.shape[1] == 2:
        (a, b), (c, d) = corners[:, 0].T, corners[:, 1].T
        return np.stack([np.column_stack([d, -c]), np.column_stack([-b, a])], axis=1) / 2.0
    a, b, c = corners.transpose(1, 0, 2)
    return np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)], axis=1) / 6.0
