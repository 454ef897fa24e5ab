"""Points of flaws: on the middle of each crack, straight up or along boundaries between grains."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from fem_model.base.arrays import Floats
from fem_model.base.errors import InputError
from fem_model.base.units import length as readable_length
from fem_model.case.flaws import Flaw
from fem_model.mesh.grain_boundaries import GrainBoundaries

SAMPLING = 0.1
"""Distance of the points over the width of a flaw."""
ON_THE_FACE = 1e-9
"""Height up to which a corner of a facet lies on the anode, as a share of the size of the domain."""


def flaw_points(flaw: Flaw, boundaries: GrainBoundaries) -> Floats:
    """Points (n, d) on the middle of a flaw, m. InputError if no boundary of grains meets the anode."""
    spacing = 2 * SAMPLING * flaw.radius
    if flaw.direction == "normal":
        assert flaw.length is not None
        heights = np.linspace(0.0, flaw.length, int(np.ceil(flaw.length / spacing)) + 1)
        return np.column_stack([*(np.full(len(heights), place) for place in flaw.along_the_anode), heights])
    number, foot = _nearest_boundary(flaw, boundaries)
    if flaw.direction == "boundaries":
        return _sampled(_way_up(flaw, foot, boundaries), spacing)
    points, facets = boundaries.sampled(spacing)
    along = points[boundaries.boundary[facets] == number]
    reach = np.linalg.norm(along - foot, axis=1)
    return np.concatenate([[foot], along if flaw.length is None else along[reach <= flaw.length]])


def _nearest_boundary(flaw: Flaw, boundaries: GrainBoundaries) -> tuple[int, Floats]:
    """The boundary that meets the anode nearest to the start of a flaw, and its corner there."""
    dim = boundaries.corners.shape[2]
    flat, numbers = boundaries.corners.reshape(-1, dim), np.repeat(boundaries.boundary, dim)
    touching = flat[:, -1] <= ON_THE_FACE * flat.max(initial=0.0)
    if not touching.any():
        raise InputError("anode.initial.flaws: no boundary between grains meets the anode")
    away = np.linalg.norm(flat[touching][:, :-1] - np.array(flaw.along_the_anode), axis=1)
    nearest = int(away.argmin())
    return int(numbers[touching][nearest]), flat[touching][nearest]


def _way_up(flaw: Flaw, foot: Floats, boundaries: GrainBoundaries) -> Floats:
    """Corners (n, 2) of the shortest way along boundaries from its foot to the height of a flaw.

    Errors: InputError if no way leads there.
    """
    assert flaw.length is not None
    nodes, ends = np.unique(boundaries.corners.reshape(-1, 2), axis=0, return_inverse=True)
    a, b = ends.reshape(-1, 2).T
    lengths = np.linalg.norm(nodes[a] - nodes[b], axis=1)
    graph = coo_array((lengths, (a, b)), shape=(len(nodes),) * 2).tocsr()
    start = int(np.linalg.norm(nodes - foot, axis=1).argmin())
    distance, before = dijkstra(graph, directed=False, indices=start, return_predecessors=True)
    node = int(np.where(nodes[:, 1] >= flaw.length, distance, np.inf).argmin())
    if not nodes[node, 1] >= flaw.length or not np.isfinite(distance[node]):
        where = f"anode.initial.flaws: from {readable_length(flaw.position)}"
        raise InputError(f"{where} no way along boundaries leads up to {readable_length(flaw.length)}")
    way = [node]
    while way[-1] != start:
        way.append(int(before[way[-1]]))
    corners: Floats = nodes[way[::-1]]
    below, top = corners[-2:]
    corners[-1] = below + (top - below) * (flaw.length - below[1]) / (top[1] - below[1])
    return corners


def _sampled(corners: Floats, spacing: float) -> Floats:
    """Points (n, d) on a line through corners, at most `spacing` apart, m."""
    along = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1)))
    places = np.linspace(0.0, along[-1], int(np.ceil(along[-1] / spacing)) + 1)
    return np.column_stack([np.interp(places, along, x) for x in corners.T])


def flaws_distance(flaws: Sequence[tuple[Flaw, Floats]], x: Floats, lam: float) -> Floats:
    """Signed distance (m) at places (3, n) from the lithium in flaws, positive outside; at most 100 λ."""
    nearest = np.full(x.shape[1], 100 * lam)
    dim = next((points.shape[1] for _, points in flaws), 2)
    for flaw, points in flaws:
        if flaw.filled:
            distance = KDTree(points).query(x[:dim].T)[0] - flaw.radius
            nearest = np.minimum(nearest, distance)
    return nearest


def require_below(flaws: Sequence[tuple[Flaw, Floats]], height: float) -> None:
    """InputError if the lithium of a flaw reaches above a height, m."""
    for flaw, points in flaws:
        top = float(points[:, -1].max()) + flaw.radius
        if flaw.filled and top > height:
            where = f"anode.initial.flaws: the flaw at {readable_length(flaw.position)} reaches"
            raise InputError(f"{where} {readable_length(top)}; at most {readable_length(height)} is possible")
