"""Triangles that fill the quadrangles of a net in 3D without crossing each other. Numpy only."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fem_model.base.arrays import Bools, Floats, Ints

HALVES = np.array([[[0, 1, 2], [0, 2, 3]], [[1, 2, 3], [1, 3, 0]]])  # the two ways to halve a quadrangle
CHUNK = 1_000_000  # pairs of triangles that are looked at together
REACH = 0.45  # of points from the middle of their cube or edge of the lattice, along each axis


def halved_or_fanned(points: Floats, quadrangles: Ints, fan: Bools) -> tuple[Floats, Ints, Ints]:
    """Points, triangles (t, 3), and the quadrangle (q, 4) that each triangle fills a part of.

    A quadrangle of a `Net` is cut along the diagonal that gives the better triangles, or, if it is a `fan`,
    into four around a new point on the edge of the lattice that it crosses. If all were cut in four none
    could cross: each triangle then stays in two cubes, and shares their points with all other triangles
    there.
    """
    normal = _lattice_normal(points, quadrangles)
    halves = quadrangles[~fan][:, HALVES]  # (q, 2 ways, 2 triangles, 3)
    better = _shape(points[halves], normal[~fan][:, None, None]).min(axis=2).argmax(axis=1)
    halved = halves[np.arange(len(halves)), better].reshape(-1, 3)
    ring = quadrangles[fan]
    middle = _middles(points[ring], normal[fan])
    apex = np.broadcast_to(len(points) + np.arange(len(ring))[:, None], ring.shape)
    fans = np.stack([ring, np.roll(ring, -1, axis=1), apex], axis=2).reshape(-1, 3)
    source = np.concatenate([np.repeat(np.flatnonzero(~fan), 2), np.repeat(np.flatnonzero(fan), 4)])
    return np.concatenate([points, middle]), np.concatenate([halved, fans]), source


def crossing(points: Floats, triangles: Ints, count: int) -> Ints:
    """The triangles that cross another one. Only such as share one of the first `count` points are looked at:
    of a net no others can cross."""
    found = np.zeros(len(triangles), dtype=bool)
    for common, one, other in _pairs_at_points(triangles, count):
        far = triangles[one][triangles[one] != common[:, None]].reshape(-1, 2)
        apart = ~(far[:, :, None] == triangles[other][:, None, :]).any(axis=(1, 2))
        hit = np.flatnonzero(apart)[_pierces(points[far[apart]], points[triangles[other[apart]]])]
        found[one[hit]] = found[other[hit]] = True
    return np.flatnonzero(found)


def _lattice_normal(points: Floats, quadrangles: Ints) -> Floats:
    """Direction of the edge of the lattice that a quadrangle crosses, of length 2."""
    cubes = np.rint(points)[quadrangles]
    return np.cross(cubes[:, 2] - cubes[:, 0], cubes[:, 3] - cubes[:, 1])


def _shape(corners: Floats, normal: Floats) -> Floats:
    """Area over sum of squared edges; negative for a triangle that faces away from the `normal`."""
    a, b, c = np.moveaxis(corners, -2, 0)
    area = np.cross(b - a, c - a)
    squares = sum(((p - q) ** 2).sum(axis=-1) for p, q in ((a, b), (b, c), (c, a)))
    facing = np.where((area * normal).sum(axis=-1) > 0.0, 1.0, -1.0)
    return np.asarray(facing * np.linalg.norm(area, axis=-1) / squares)


def _middles(corners: Floats, normal: Floats) -> Floats:
    """The points on the edges of the lattice that are level with the mean of the `corners` (q, 4, 3)."""
    edge = np.rint(corners).mean(axis=1)
    along = np.abs(normal) / 2.0
    return np.asarray(edge + along * np.clip(corners.mean(axis=1) - edge, -REACH, REACH))


def _pairs_at_points(triangles: Ints, count: int) -> Iterator[tuple[Ints, Ints, Ints]]:
    """All ordered pairs of triangles at each point: the point, one and the other, in chunks."""
    corner = triangles.ravel()
    order = np.argsort(corner, kind="stable")
    order = order[: np.searchsorted(corner[order], count)]
    degree = np.bincount(corner[order], minlength=count)
    start = np.cumsum(degree) - degree
    chunk = np.cumsum(degree**2) // CHUNK
    for number in range(int(chunk[-1]) + 1):
        at = np.flatnonzero(chunk == number)
        at = np.repeat(at, degree[at] ** 2)
        place = np.arange(len(at)) - np.searchsorted(at, at)
        one, other = start[at] + place // degree[at], start[at] + place % degree[at]
        keep = one != other
        yield at[keep], order[one[keep]] // 3, order[other[keep]] // 3


def _pierces(segments: Floats, corners: Floats) -> Bools:
    """True for segments (n, 2, 3) that pass through triangles (n, 3, 3)."""
    p, q = segments.transpose(1, 0, 2)
    a, b, c = corners.transpose(1, 0, 2)
    apart = _orientation(a, b, c, p) * _orientation(a, b, c, q) < 0.0
    around = np.stack([_orientation(p, q, a, b), _orientation(p, q, b, c), _orientation(p, q, c, a)])
    return np.asarray(apart & ((around >= 0.0).all(axis=0) | (around <= 0.0).all(axis=0)))


def _orientation(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    """Six times the signed volume of a tetrahedron."""
    return np.asarray((np.cross(b - a, c - a) * (d - a)).sum(axis=1))
