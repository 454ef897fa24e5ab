"""Lines and triangles in equal small parts."""

import numpy as np

from fem_model.base.arrays import Floats, Ints


def divide(corners: Floats, largest: float) -> tuple[Floats, Ints]:
    """The middles (m, d) of equal parts of lines (n, 2, 2) or triangles (n, 3, 3), and whose each is.

    No part of a line, and no edge of a part of a triangle, is longer than `largest`.
    """
    return divide_lines(corners, largest) if corners.shape[1] == 2 else divide_triangles(corners, largest)


def divide_lines(corners: Floats, largest: float) -> tuple[Floats, Ints]:
    """The middles (m, d) of equal parts of lines (n, 2, d), and whose each is."""
    start, end = corners[:, 0], corners[:, 1]
    length = np.linalg.norm(end - start, axis=1)
    count = np.maximum(np.ceil(length / largest), 1).astype(np.int64)
    line = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    share = ((place + 0.5) / count[line])[:, None]
    return (1 - share) * start[line] + share * end[line], line


def divide_triangles(corners: Floats, largest: float) -> tuple[Floats, Ints]:
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


def _middles(k: int) -> Floats:
    """Barycentric weights (k², 3) of the middles of the k² equal parts of a triangle."""
    i, j = (part.ravel() for part in np.meshgrid(np.arange(k), np.arange(k), indexing="ij"))
    upright, inverted = i + j < k, i + j < k - 1
    first = np.stack([i + 1 / 3, j + 1 / 3], axis=1)[upright]
    second = np.stack([i + 2 / 3, j + 2 / 3], axis=1)[inverted]
    two = np.concatenate([first, second]) / k
    return np.column_stack([two, 1 - two.sum(axis=1)])
