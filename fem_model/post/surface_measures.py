"""Measures of a front that is a surface: its height over a grid on the anode, its area near boundaries."""

from collections.abc import Mapping

import numpy as np
from scipy.spatial import KDTree

from fem_model.base.arrays import Floats
from fem_model.post.boundaries import Boundaries
from fem_model.post.grains import share_above_half
from fem_model.post.pieces import Pieces

ALONG = 150
"""Places along each side of the anode at which the height of the front is taken."""


def height_map(front: Pieces, low: Floats, high: Floats, along: int = ALONG) -> Floats:
    """Height (along, along) of the highest point of the front over a grid; 0 where there is none.

    `low` and `high` are the corners of the domain. Places are the middles of equal parts of x and y.
    """
    heights = np.zeros(along * along)
    plan = (front.corners[:, :, :2] - low[:2]) / (high - low)[:2] * along - 0.5
    first, last = np.ceil(plan.min(axis=1)).astype(int), np.floor(plan.max(axis=1)).astype(int)
    count = np.clip(last - first + 1, 0, None)
    piece = np.repeat(np.arange(len(count)), count.prod(axis=1))
    number = np.arange(len(piece)) - (np.cumsum(count.prod(axis=1)) - count.prod(axis=1))[piece]
    place = first[piece] + np.stack(np.divmod(number, np.maximum(count[piece, 1], 1)), axis=1)
    weights = _weights(plan[piece], place)
    inside = (weights >= -1e-9).all(axis=1)
    z = (weights * front.corners[piece, :, 2]).sum(axis=1)
    np.maximum.at(heights, (place[:, 0] * along + place[:, 1])[inside], z[inside])
    return heights.reshape(along, along)


def _weights(corners: Floats, points: Floats) -> Floats:
    """Barycentric weights (n, 3) of points (n, 2) in triangles (n, 3, 2); negative in those without area."""
    a, b, c = (corners[:, k] - points for k in range(3))
    parts = np.stack([_double(b, c), _double(c, a), _double(a, b)], axis=1)
    total = parts.sum(axis=1, keepdims=True)
    flat = abs(total) < 1e-12
    weights: Floats = np.where(flat, -1.0, parts / np.where(flat, 1.0, total))
    return weights


def _double(u: Floats, v: Floats) -> Floats:
    product: Floats = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    return product


def areas_near(front: Pieces, boundaries: Boundaries, distance: float) -> Mapping[str, float]:
    """Area of the front within a distance of a boundary, by what the boundary lies between that is nearest.

    The distance from the boundaries is taken at the corners of each triangle and is linear between them.
    """
    sums = np.zeros(len(boundaries.pairs))
    if len(front.cell) and len(boundaries.pairs):
        edges = front.corners - np.roll(front.corners, 1, axis=1)
        reach = distance + float(np.linalg.norm(edges, axis=2).max())
        points, place = np.unique(front.corners.reshape(-1, 3), axis=0, return_inverse=True)
        samples, facet = boundaries.samples(points, distance, reach)
        apart, nearest = KDTree(samples).query(points, distance_upper_bound=reach)
        apart = np.minimum(apart, reach)[place].reshape(-1, 3)
        share = share_above_half(0.5 + distance - apart)
        closest = place.reshape(-1, 3)[np.arange(len(apart)), apart.argmin(axis=1)]
        near = share > 0
        pair = boundaries.pair[facet[nearest[closest[near]]]]
        sums += np.bincount(pair, (share * front.size)[near], len(sums))
    return dict(zip(boundaries.pairs, sums.tolist(), strict=True))
