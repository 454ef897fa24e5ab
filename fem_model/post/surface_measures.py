"""Measures of a front that is a surface: its height over a grid on the anode, its area near boundaries."""

from collections.abc import Mapping

import numpy as np
from scipy.spatial import KDTree

from fem_model.post.boundaries import Boundaries
from fem_model.post.grains import share_above_half
from fem_model.post.lithium import Array, Integers
from fem_model.post.pieces import Pieces

ALONG = 150
"""Places along each side of the anode at which the height of the front is taken."""
FINENESS = 5
"""Parts per distance into which edges of boundaries are cut; distances are then exact within 1 % of it."""


def height_map(front: Pieces, low: Array, high: Array, along: int = ALONG) -> Array:
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


def _weights(corners: Array, points: Array) -> Array:
    """Barycentric weights (n, 3) of points (n, 2) in triangles (n, 3, 2); negative in those without area."""
    a, b, c = (corners[:, k] - points for k in range(3))
    parts = np.stack([_double(b, c), _double(c, a), _double(a, b)], axis=1)
    total = parts.sum(axis=1, keepdims=True)
    flat = abs(total) < 1e-12
    weights: Array = np.where(flat, -1.0, parts / np.where(flat, 1.0, total))
    return weights


def _double(u: Array, v: Array) -> Array:
    product: Array = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
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
        samples, pair = _samples(boundaries, points, distance, reach)
        apart, nearest = KDTree(samples).query(points, distance_upper_bound=reach)
        apart = np.minimum(apart, reach)[place].reshape(-1, 3)
        share = share_above_half(0.5 + distance - apart)
        closest = place.reshape(-1, 3)[np.arange(len(apart)), apart.argmin(axis=1)]
        near = share > 0
        sums += np.bincount(pair[nearest[closest[near]]], (share * front.size)[near], len(sums))
    return dict(zip(boundaries.pairs, sums.tolist(), strict=True))


def _samples(boundaries: Boundaries, points: Array, distance: float, reach: float) -> tuple[Array, Integers]:
    """Points on the boundaries that may be within `reach` of some of `points`, and the pair of each."""
    corners = boundaries.corners
    middle = corners.mean(axis=1)
    radius = np.linalg.norm(corners - middle[:, None], axis=2).max(axis=1)
    near = KDTree(points).query(middle, distance_upper_bound=reach + float(radius.max()))[0] <= reach + radius
    samples, facet = divide_triangles(corners[near], distance / FINENESS)
    return samples, boundaries.pair[near][facet]


def divide_triangles(corners: Array, largest: float) -> tuple[Array, Integers]:
    """The middles (m, 3) of equal parts of triangles (n, 3, 3), no edge above `largest`; whose they are."""
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1, initial=0.0)
    count = np.maximum(np.ceil(edges / largest), 1).astype(np.int64)
    middles, whose = [np.empty((0, 3))], [np.empty(0, dtype=np.int64)]
    for k in np.unique(count).tolist():
        chosen = np.flatnonzero(count == k)
        weights = _middles(k)
        middles.append((weights @ corners[chosen]).reshape(-1, 3))
        whose.append(np.repeat(chosen, len(weights)))
    return np.concatenate(middles), np.concatenate(whose)


def _middles(k: int) -> Array:
    """Barycentric weights (k², 3) of the middles of the k² equal parts of a triangle."""
    i, j = (part.ravel() for part in np.meshgrid(np.arange(k), np.arange(k), indexing="ij"))
    upright, inverted = i + j < k, i + j < k - 1
    first = np.stack([i + 1 / 3, j + 1 / 3], axis=1)[upright]
    second = np.stack([i + 2 / 3, j + 2 / 3], axis=1)[inverted]
    two = np.concatenate([first, second]) / k
    return np.column_stack([two, 1 - two.sum(axis=1)])
