"""Points of flaws: on the middle of each crack, straight up or along a boundary between grains."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Sequence

import numpy as np
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
    points, facets = boundaries.sampled(spacing)
    number, foot = _nearest_boundary(flaw, boundaries)
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
